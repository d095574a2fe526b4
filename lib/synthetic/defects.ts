/**
 * The table of defect kinds.
 *
 * @module
 */
import { contamination, glue, thread } from "./defects/deposits.ts";
import { bent, broken, dent, hole } from "./defects/form.ts";
import { crack, crease, cut, scratch } from "./defects/lines.ts";
import {
  burn,
  corrosion,
  discoloration,
  scuff,
  smear,
  stain,
} from "./defects/spots.ts";
import type { Pose } from "./picture/shapes.ts";
import type { Random } from "../random.ts";
import type { Site } from "./site.ts";

/** Changes the surface of a product. */
export type SurfaceDefect = (site: Site) => void;
/** Displaces a part of the given radius. */
export type PartDefect = (random: Random, reach: number) => Pose | null;

/** Name of a defect kind. */
export type DefectName =
  | "bent"
  | "broken"
  | "burn"
  | "contamination"
  | "corrosion"
  | "crack"
  | "crease"
  | "cut"
  | "dent"
  | "discoloration"
  | "glue"
  | "hole"
  | "misplaced"
  | "missing"
  | "scratch"
  | "scuff"
  | "smear"
  | "stain"
  | "thread";

/** A kind of defect and how it is made: on a surface, or to a part. */
export type DefectKind =
  & {
    /** Name, also of its folders in MVTec AD layout. */
    readonly name: DefectName;
    /** Whether auxiliary categories show it too, or test categories only. */
    readonly split: "both" | "test";
  }
  & ({ readonly surface: SurfaceDefect } | { readonly part: PartDefect });

/** Shifted by most of its radius and turned. */
function displaced(random: Random, reach: number): Pose {
  const heading = random.between(0, 2 * Math.PI);
  const away = reach * random.between(0.7, 1.1);
  return {
    x: away * Math.cos(heading),
    y: away * Math.sin(heading),
    angle: random.pick([-1, 1]) * random.between(0.35, 0.9),
  };
}

/**
 * All defect kinds. `burn` and `thread` occur in the test half only. This was
 * fixed before any result was seen, as the split of categories was.
 */
export const DEFECT_KINDS: readonly DefectKind[] = [
  { name: "bent", split: "both", surface: bent },
  { name: "broken", split: "both", surface: broken },
  { name: "burn", split: "test", surface: burn },
  { name: "contamination", split: "both", surface: contamination },
  { name: "corrosion", split: "both", surface: corrosion },
  { name: "crack", split: "both", surface: crack },
  { name: "crease", split: "both", surface: crease },
  { name: "cut", split: "both", surface: cut },
  { name: "dent", split: "both", surface: dent },
  { name: "discoloration", split: "both", surface: discoloration },
  { name: "glue", split: "both", surface: glue },
  { name: "hole", split: "both", surface: hole },
  { name: "misplaced", split: "both", part: displaced },
  { name: "missing", split: "both", part: () => null },
  { name: "scratch", split: "both", surface: scratch },
  { name: "scuff", split: "both", surface: scuff },
  { name: "smear", split: "both", surface: smear },
  { name: "stain", split: "both", surface: stain },
  { name: "thread", split: "test", surface: thread },
];
