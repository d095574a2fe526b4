/**
 * Print: letters and digits as strokes between six points.
 *
 * @module
 */
import type { Random } from "../../random.ts";
import type { Point } from "../../image/image.ts";
import { moved, type Shape, stroke, union } from "./shapes.ts";

/** Points 0 to 5: top, middle and bottom row, left before right. */
const POINTS: readonly Point[] = [
  [-0.35, -0.6],
  [0.35, -0.6],
  [-0.35, 0],
  [0.35, 0],
  [-0.35, 0.6],
  [0.35, 0.6],
];

/** Strokes of L E F H N U Z C P S A O 2 4 7 K, as runs of points. */
const LETTERS: readonly string[] = [
  "045",
  "1045 23",
  "104 23",
  "04 15 23",
  "4051",
  "0451",
  "0145",
  "1045",
  "40132",
  "102354",
  "4015 23",
  "01540",
  "013245",
  "023 15",
  "015",
  "04 125",
];

function glyph(letter: string, radius: number): Shape {
  const strokes = letter.split(" ").map((run) =>
    stroke(Array.from(run, (digit) => POINTS[Number(digit)]!), { radius })
  );
  return union(...strokes);
}

/** A word of `count` random letters, each about 1.4 high, about the origin. */
export function word(
  random: Random,
  { count, weight = 0.26 }: { count: number; weight?: number },
): Shape[] {
  const letters: Shape[] = [];
  for (let i = 0; i < count; i++) {
    letters.push(moved(glyph(random.pick(LETTERS), weight / 2), {
      x: 1.15 * (i - (count - 1) / 2),
    }));
  }
  return letters;
}
