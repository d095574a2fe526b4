/**
 * Detection in images that are seen in tiles.
 *
 * @module
 */
import { ahead, batches } from "../async/ahead.ts";
import type { ResizedImage } from "../framing/decode_pool.ts";
import type { Frame } from "../framing/frame_image.ts";
import {
  type JoinOptions,
  joinTiles,
  type TileFinding,
  toProbability,
} from "../framing/join_tiles.ts";
import { smoothMap } from "../framing/smooth_map.ts";
import type { Detection, DetectorInput } from "../methods/detection.ts";

/** An image for `Detector.detect()`, which may be laid out in tiles. */
export interface FramedInput extends DetectorInput {
  /**
   * Where its tiles lie; its pixels are then those of all tiles, one after the
   * other.
   *
   * @default {it is one square}
   */
  readonly frame?: Frame | undefined;
}

/** The same, of a file. */
export type FramedFile = FramedInput & Omit<ResizedImage, "frame">;

/** One square, and whose memory it is compared with. */
export interface Tile extends DetectorInput {
  /** The memory of good images; undefined for none. */
  readonly follower: string | undefined;
}

/** Options of {@linkcode detectTiles}. */
export interface DetectTilesOptions {
  /** The memory that each image is compared with; empty for none at all. */
  readonly followers: readonly (string | undefined)[];
  /** How many batches run side by side. */
  readonly sessions: number;
  /** Standard deviation in pixels of the Gaussian that smooths maps. */
  readonly smooth: number;
  /** Whether the score of a square is the maximum of its map. */
  readonly isMaximum: (follower: string | undefined) => boolean;
  /** Runs a batch of squares through the network, without smoothing. */
  readonly run: (tiles: readonly Tile[]) => Promise<Detection[]>;
}

/** The squares of an image. */
export function tilesOf(
  { pixels, category, frame }: FramedInput,
): DetectorInput[] {
  if (frame === undefined) return [{ pixels, category }];
  const count = frame.places.length;
  const size = pixels.length / count;
  return Array.from({ length: count }, (_, i) => ({
    pixels: pixels.subarray(i * size, (i + 1) * size),
    category,
  }));
}

/** Batches have one size, because networks round by it; copies fill the last. */
function filled(tiles: readonly Tile[], size: number): readonly Tile[] {
  return Array.from({ length: size }, (_, i) => tiles[i] ?? tiles.at(-1)!);
}

function joined(
  frame: Frame,
  tiles: readonly Detection[],
  { smooth, isMaximum }: Pick<DetectTilesOptions, "smooth"> & JoinOptions,
): Detection {
  const findings: readonly TileFinding[] = tiles;
  const found = joinTiles(frame, findings, { isMaximum });
  const logitMap = smoothMap(found.logitMap, frame.map, smooth);
  return {
    logitMap,
    anomalyMap: logitMap.map(toProbability), // 0 where nothing counts

    scoreLogit: found.scoreLogit,
    imageScore: toProbability(found.scoreLogit),
    milliseconds: tiles.reduce((sum, tile) => sum + tile.milliseconds, 0),
  };
}

/** Runs squares in batches of one size, several side by side, in order. */
async function runAll(
  tiles: readonly Tile[],
  size: number,
  { run, sessions }: Pick<DetectTilesOptions, "run" | "sessions">,
): Promise<Detection[]> {
  const each = async function* () {
    yield* tiles;
  };
  const found: Detection[] = [];
  const detected = ahead(
    batches(each(), size),
    async (batch) => (await run(filled(batch, size))).slice(0, batch.length),
    sessions,
  );
  for await (const detections of detected) found.push(...detections);
  return found;
}

/**
 * Detects in images that are laid out in tiles. The tiles of all of them run in
 * batches of as many squares as there are images, so that what is said of an
 * image does not depend on those beside it.
 *
 * @param inputs The images. One that is given several times runs once.
 * @param options How to run their squares.
 * @returns One detection an image, in order.
 */
export async function detectTiles(
  inputs: readonly FramedInput[],
  options: DetectTilesOptions,
): Promise<Detection[]> {
  const { followers, isMaximum, smooth } = options;
  const images = new Map<FramedInput, readonly Tile[]>();
  inputs.forEach((input, i) => {
    const follower = followers[i];
    images.set(input, tilesOf(input).map((tile) => ({ ...tile, follower })));
  });
  const tiles = [...images.values()].flat();
  const detections = await runAll(tiles, inputs.length, options);
  const found = new Map<FramedInput, Detection>();
  let start = 0;
  for (const [input, { length, 0: first }] of images) {
    const own = detections.slice(start, start += length);
    const isHighest = isMaximum(first?.follower);
    found.set(
      input,
      input.frame === undefined
        ? own[0]!
        : joined(input.frame, own, { smooth, isMaximum: isHighest }),
    );
  }
  return inputs.map((input) => found.get(input)!);
}
