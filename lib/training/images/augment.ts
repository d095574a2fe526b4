/**
 * Changes to training images that leave them true. All are off by default.
 *
 * @module
 */
import { Random } from "../../random.ts";
import { resizeMask } from "../../image/mask.ts";
import { resizeBicubic } from "../../image/resample.ts";
import type { Example, TrainingSet } from "./training_set.ts";

/** Which changes are made. */
export interface Augmentation {
  /** Whether half of the images are mirrored, along each axis on its own. */
  readonly flip: boolean;
  /** Whether images are turned by 0, 90, 180 or 270 degrees. */
  readonly rotate: boolean;
  /**
   * The part of the images that is replaced by four random ones of the same
   * category, two by two; the field takes 0.2.
   */
  readonly mosaic: number;
}

/** What one change is drawn for; the same draw gives the same change. */
export interface Draw {
  /** The seed of the run. */
  readonly seed: number;
  /** The epoch, counted from 0. */
  readonly epoch: number;
  /** The image's place in the epoch, counted from 0. */
  readonly place: number;
}

/** One of the eight ways to lay a square. */
export interface Turn {
  /** Whether left and right change places. */
  readonly mirrorX: boolean;
  /** Whether top and bottom change places. */
  readonly mirrorY: boolean;
  /** Whether rows and columns change places first. */
  readonly transpose: boolean;
}

/** Moves the pixels of a square of any number of channels. */
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

/** An image and its mask, laid another way. */
export function turnExample(example: Example, turn: Turn): Example {
  const { pixels, mask } = example;
  const side = Math.sqrt(pixels.length / 3);
  return {
    ...example,
    pixels: turnSquare(pixels, side, turn),
    mask: mask && turnSquare(mask, side, turn),
  };
}

/** Four squares as one of twice the side, from left to right and down. */
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

/** An image or, as often as asked for, four of its category. */
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
 * An image as training sees it in one epoch.
 *
 * @param set The images.
 * @param index The image's number.
 * @param options Which changes are made, and what for.
 * @returns The image, changed together with its mask.
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
