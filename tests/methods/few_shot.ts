/**
 * What the specifications make of images beside two good ones.
 *
 * @module
 */
import type { RgbImage } from "../../lib/image/image.ts";
import { type Numbers, numbers } from "../contract/numbers.ts";
import type { PromptedGolden } from "../golden/prompted_clips/golden.ts";
import { expectedPrompted, mirrored } from "./prompted.ts";

/** What the published map is divided by, where that is not 1. */
const DIVISORS: Readonly<Record<string, number>> = {
  zqhang: 2,
  published: 12,
  checkpoint: 6,
  mean: 3,
  one_tap: 7,
};

/** APRIL-GAN's published score needs all images; ours is a mean. */
function meanScores(token: Numbers, map: Numbers): Numbers {
  const size = map.data.length / 3;
  const scores = Array.from(token.data, (score, i) => {
    const own = Array.from(map.data).slice(i * size, (i + 1) * size);
    return (score + Math.max(...own)) / 2;
  });
  return numbers([3], scores);
}

/** Images [3, H, H, 3] 0 and 2. */
function firstAndLast({ shape, data }: Numbers): Numbers {
  const all = Array.from(data);
  const size = all.length / 3;
  const rows = [...all.slice(0, size), ...all.slice(2 * size)];
  return numbers([2, ...shape.slice(1)], rows);
}

/** The good images of the goldens: the first and the last one, mirrored. */
export function goodPhotographs(rgb: Numbers): Numbers {
  return mirrored(firstAndLast(rgb));
}

/** RGB bytes [B, H, H, 3] as images. */
export function imagesOf({ shape, data }: Numbers): RgbImage[] {
  const [count, side] = shape as [number, number];
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => ({
    width: side,
    height: side,
    data: Uint8Array.from(
      Array.from(data).slice(i * size, (i + 1) * size),
    ),
  }));
}

/** M and S of the photographs, and the text features of their category. */
export async function expectedFewShot(
  golden: PromptedGolden,
): Promise<Record<"text" | "map" | "score", Numbers>> {
  const isWinClip = golden.method === "winclip";
  const names = ["text", "score", "few_map", ...isWinClip ? ["few_score"] : []];
  const category = golden.categories[0]!;
  const expected = await expectedPrompted(golden, category, names);
  const { text, score, few_map, few_score } = expected;
  const divisor = DIVISORS[golden.name] ?? 1;
  const data = Array.from(few_map!.data, (x) => x / divisor);
  const map = numbers(few_map!.shape, data);
  return {
    text: text!,
    map,
    score: few_score ?? meanScores(score!, map),
  };
}
