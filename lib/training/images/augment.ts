/**
 * Augmentation of training images together with their masks.
 *
 * @module
 */
import { Random } from "../../random.ts";
import { resizeMask } from "../../image/mask.ts";
import { resizeBicubic } from "../../image/resample.ts";
import type { Example, TrainingSet } from "./training_set.ts";

/** Which changes are made to images. */
export interface Augmentation {
  /** Whether to mirror half of the images, independently along each axis. */
  readonly flip: boolean;
  /** Whether to turn images by 0, 90, 180 or 270 degrees. */
  readonly rotate: boolean;
  /**
   * Share of images replaced by a mosaic of four random images of their
   * category. Most papers use 0.2.
   */
  readonly mosaic: number;
}

/** The seed of one change: the same values give the same change. */
export interface Draw {
  /** The seed of the run. */
  readonly seed: number;
  /** The epoch, counted from 0. */
  readonly epoch: number;
  /** Place of the image in the epoch, counted from 0. */
  readonly place: number;
}

/** One of the eight symmetries of a square. */
export interface Turn {
  /** Whether to swap left and right. */
  readonly mirrorX: boolean;
  /** Whether to swap top and bottom. */
  readonly mirrorY: boolean;
  /** Whether to swap rows and columns first. */
  readonly transpose: boolean;
}

/** Turns a square with any number of channels. */
function turnSquare(data: Uint8Array, side: number, turn: Turn): Uint8Array {
  const channels = data.length / side ** 2;
  const turned = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const column = turn.mirrorX ? side - 1 - x : x;
      const row = turn.mirrorY ? side - 1 - y : y;
      const from = channels *
        (turn.transpose ? column * side + row : row * side + column);
      for (let c = 0; c < channels; c++) turned[to++] = data[from + c]!;
    }
  }
  return turned;
}

/** Turns an image and its mask. */
export function turnExample(example: Example, turn: Turn): Example {
  const { pixels, mask } = example;
  const side = Math.sqrt(pixels.length / 3);
  return {
    ...example,
    pixels: turnSquare(pixels, side, turn),
    mask: mask && turnSquare(mask, side, turn),
  };
}

/** Joins four squares to one of twice the side, row by row. */
function tile(squares: readonly Uint8Array[], side: number): Uint8Array {
  const row = squares[0]!.length / side;
  const tiled = new Uint8Array(4 * squares[0]!.length);
  for (const [i, square] of squares.entries()) {
    for (let y = 0; y < side; y++) {
      const line = square.subarray(y * row, (y + 1) * row);
      tiled.set(line, (y + (i >> 1) * side) * 2 * row + (i & 1) * row);
    }
  }
  return tiled;
}

function mosaicOf(parts: readonly Example[], category: string): Example {
  const side = Math.sqrt(parts[0]!.pixels.length / 3);
  const size = { width: 2 * side, height: 2 * side };
  const empty = new Uint8Array(side ** 2);
  const pixels = tile(parts.map((part) => part.pixels), side);
  const mask = tile(parts.map((part) => part.mask ?? empty), side);
  return {
    pixels: resizeBicubic({ ...size, data: pixels }, side, side).data,
    mask: resizeMask({ ...size, data: mask }, side),
    label: parts.some(({ label }) => label === 1) ? 1 : 0,
    category,
  };
}

/** An image, or a mosaic of its category with the given probability. */
async function drawExample(
  set: TrainingSet,
  index: number,
  { mosaic, random }: { mosaic: number; random: Random },
): Promise<Example> {
  const example = await set.example(index);
  if (!random.chance(mosaic)) return example;
  const alike = set.alike(index);
  const chosen = Array.from({ length: 4 }, () => random.pick(alike));
  const parts = await Promise.all(chosen.map((i) => set.example(i)));
  return mosaicOf(parts, example.category);
}

/**
 * An image as training sees it in one epoch, changed together with its mask.
 *
 * @param index Number of the image.
 */
export async function augmentedExample(
  set: TrainingSet,
  index: number,
  { flip, rotate, mosaic, draw }: Augmentation & { readonly draw: Draw },
): Promise<Example> {
  const { seed, epoch, place } = draw;
  const random = new Random(`augment/${seed}/${epoch}/${place}`);
  const example = await drawExample(set, index, { mosaic, random });
  const mirrorX = flip && random.chance(0.5);
  const mirrorY = flip && random.chance(0.5);
  const quarters = rotate ? random.integer(0, 3) : 0;
  const turn = {
    // A turn by 180 degrees mirrors both axes, one by 90 transposes as well.
    mirrorX: mirrorX !== (quarters === 1 || quarters === 2),
    mirrorY: mirrorY !== (quarters >= 2),
    transpose: quarters % 2 === 1,
  };
  return Object.values(turn).includes(true)
    ? turnExample(example, turn)
    : example;
}
