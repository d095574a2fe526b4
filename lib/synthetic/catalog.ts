/**
 * The tables of categories and defect kinds, and their split.
 *
 * @module
 */
import { drawAssembly } from "./categories/assembly.ts";
import { drawBiscuit } from "./categories/bakery.ts";
import { drawCircuitBoard } from "./categories/circuit_board.ts";
import { drawCable, drawConnector } from "./categories/electric.ts";
import {
  drawGear,
  drawNut,
  drawScrew,
  drawWasher,
} from "./categories/hardware.ts";
import {
  drawCandle,
  drawToothbrush,
  drawZipper,
} from "./categories/household.ts";
import { drawConcrete, drawTerrazzo, drawTile } from "./categories/mineral.ts";
import { drawBottle, drawCap } from "./categories/packaging.ts";
import { drawBlister, drawPill } from "./categories/pharmacy.ts";
import {
  drawCardboard,
  drawLeather,
  drawPerforated,
  drawSteel,
  drawWood,
} from "./categories/sheet.ts";
import {
  drawCarpet,
  drawFabric,
  drawKnit,
  drawMesh,
} from "./categories/woven.ts";
import type { DefectName } from "./defects.ts";
import type { Scene } from "./scene.ts";

/** One category of the synthetic set. */
export interface SyntheticCategory {
  /** Its name, and the name of its folder. */
  readonly name: string;
  /** Whether it fills the picture or lies on a ground. */
  readonly kind: "texture" | "object";
  /** The half of the set that it belongs to. */
  readonly split: "aux" | "test";
  /** Its name in a prompt. */
  readonly words: string;
  /** Kinds of its defects. */
  readonly defects: readonly DefectName[];
  /** Draws one specimen. */
  readonly draw: (scene: Scene) => void;
}

/**
 * All categories, 14 auxiliary ones for training and 14 for tests.
 *
 * The split was fixed before any result was seen. A category never changes its
 * half, and a new category is auxiliary.
 */
export const SYNTHETIC_CATEGORIES: readonly SyntheticCategory[] = [
  {
    name: "fabric",
    kind: "texture",
    split: "aux",
    words: "woven fabric",
    defects: [
      "contamination",
      "crease",
      "cut",
      "discoloration",
      "hole",
      "stain",
    ],
    draw: drawFabric,
  },
  {
    name: "concrete",
    kind: "texture",
    split: "aux",
    words: "concrete",
    defects: [
      "contamination",
      "crack",
      "discoloration",
      "hole",
      "scuff",
      "stain",
    ],
    draw: drawConcrete,
  },
  {
    name: "steel",
    kind: "texture",
    split: "aux",
    words: "brushed steel",
    defects: ["corrosion", "dent", "scratch", "scuff", "smear", "stain"],
    draw: drawSteel,
  },
  {
    name: "tile",
    kind: "texture",
    split: "aux",
    words: "tile wall",
    defects: ["crack", "glue", "misplaced", "missing", "scratch", "stain"],
    draw: drawTile,
  },
  {
    name: "perforated",
    kind: "texture",
    split: "aux",
    words: "perforated sheet",
    defects: [
      "bent",
      "contamination",
      "corrosion",
      "misplaced",
      "missing",
      "scratch",
    ],
    draw: drawPerforated,
  },
  {
    name: "cardboard",
    kind: "texture",
    split: "aux",
    words: "cardboard",
    defects: ["crease", "cut", "dent", "hole", "smear", "stain"],
    draw: drawCardboard,
  },
  {
    name: "washer",
    kind: "object",
    split: "aux",
    words: "washer",
    defects: [
      "broken",
      "contamination",
      "corrosion",
      "dent",
      "discoloration",
      "scratch",
    ],
    draw: drawWasher,
  },
  {
    name: "gear",
    kind: "object",
    split: "aux",
    words: "gear wheel",
    defects: [
      "broken",
      "contamination",
      "corrosion",
      "crack",
      "glue",
      "scratch",
    ],
    draw: drawGear,
  },
  {
    name: "screw",
    kind: "object",
    split: "aux",
    words: "screw",
    defects: ["bent", "broken", "corrosion", "discoloration", "scratch"],
    draw: drawScrew,
  },
  {
    name: "blister",
    kind: "object",
    split: "aux",
    words: "blister pack",
    defects: [
      "contamination",
      "discoloration",
      "hole",
      "misplaced",
      "missing",
      "smear",
    ],
    draw: drawBlister,
  },
  {
    name: "bottle",
    kind: "object",
    split: "aux",
    words: "bottle",
    defects: ["broken", "contamination", "crack", "scratch", "stain"],
    draw: drawBottle,
  },
  {
    name: "biscuit",
    kind: "object",
    split: "aux",
    words: "biscuit",
    defects: ["broken", "contamination", "crack", "discoloration", "hole"],
    draw: drawBiscuit,
  },
  {
    name: "circuit_board",
    kind: "object",
    split: "aux",
    words: "circuit board",
    defects: [
      "contamination",
      "glue",
      "misplaced",
      "missing",
      "scratch",
      "scuff",
    ],
    draw: drawCircuitBoard,
  },
  {
    name: "assembly",
    kind: "object",
    split: "aux",
    words: "assembly",
    defects: [
      "broken",
      "contamination",
      "crack",
      "cut",
      "dent",
      "discoloration",
      "glue",
      "hole",
      "misplaced",
      "missing",
      "scratch",
      "scuff",
      "smear",
      "stain",
    ],
    draw: drawAssembly,
  },
  {
    name: "wood",
    kind: "texture",
    split: "test",
    words: "wood",
    defects: ["burn", "crack", "hole", "scratch", "stain"],
    draw: drawWood,
  },
  {
    name: "leather",
    kind: "texture",
    split: "test",
    words: "leather",
    defects: ["burn", "crease", "cut", "glue", "scuff", "thread"],
    draw: drawLeather,
  },
  {
    name: "carpet",
    kind: "texture",
    split: "test",
    words: "carpet",
    defects: ["burn", "cut", "discoloration", "hole", "stain", "thread"],
    draw: drawCarpet,
  },
  {
    name: "mesh",
    kind: "texture",
    split: "test",
    words: "wire mesh",
    defects: ["bent", "contamination", "corrosion", "cut", "thread"],
    draw: drawMesh,
  },
  {
    name: "terrazzo",
    kind: "texture",
    split: "test",
    words: "terrazzo",
    defects: ["crack", "hole", "scratch", "stain", "thread"],
    draw: drawTerrazzo,
  },
  {
    name: "knit",
    kind: "texture",
    split: "test",
    words: "knitwear",
    defects: ["burn", "cut", "discoloration", "hole", "stain", "thread"],
    draw: drawKnit,
  },
  {
    name: "nut",
    kind: "object",
    split: "test",
    words: "hexagon nut",
    defects: [
      "broken",
      "contamination",
      "corrosion",
      "dent",
      "scratch",
      "thread",
    ],
    draw: drawNut,
  },
  {
    name: "cable",
    kind: "object",
    split: "test",
    words: "cable",
    defects: ["burn", "contamination", "cut", "misplaced", "missing"],
    draw: drawCable,
  },
  {
    name: "cap",
    kind: "object",
    split: "test",
    words: "bottle cap",
    defects: ["broken", "burn", "crack", "misplaced", "scratch", "smear"],
    draw: drawCap,
  },
  {
    name: "candle",
    kind: "object",
    split: "test",
    words: "candle",
    defects: [
      "burn",
      "contamination",
      "dent",
      "misplaced",
      "missing",
      "thread",
    ],
    draw: drawCandle,
  },
  {
    name: "toothbrush",
    kind: "object",
    split: "test",
    words: "toothbrush",
    defects: ["bent", "contamination", "misplaced", "missing", "thread"],
    draw: drawToothbrush,
  },
  {
    name: "connector",
    kind: "object",
    split: "test",
    words: "connector",
    defects: ["broken", "burn", "misplaced", "missing", "scratch", "thread"],
    draw: drawConnector,
  },
  {
    name: "zipper",
    kind: "object",
    split: "test",
    words: "zipper",
    defects: ["bent", "cut", "misplaced", "missing", "stain", "thread"],
    draw: drawZipper,
  },
  {
    name: "pill",
    kind: "object",
    split: "test",
    words: "pill",
    defects: [
      "broken",
      "contamination",
      "crack",
      "discoloration",
      "scratch",
      "stain",
    ],
    draw: drawPill,
  },
];
