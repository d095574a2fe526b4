/**
 * Patch and position embeddings of a vision tower before training.
 *
 * @module
 */
import type { VisionConfig } from "../clip/config.ts";
import { CLIP_MEAN, CLIP_STD } from "../methods/inputs.ts";
import type { NamedArrays } from "../training/optimiser.ts";

/** Brightness and two colour differences, as unit vectors over channels. */
const COLOURS = [
  [1, 1, 1],
  [1, 0, -1],
  [1, -2, 1],
].map((row) => row.map((x) => x / Math.hypot(...row)));

/** Amplitude of the waves of position embeddings. */
const POSITION_REACH = 0.5;

/** Radians per cell of the slowest wave; the fastest has 1. */
const LEAST_RATE = 0.01;

/** The discrete cosine transform: row u is the u-th wave, a unit vector. */
function cosines(size: number): Float64Array[] {
  return Array.from({ length: size }, (_, u) => {
    const norm = Math.sqrt((u === 0 ? 1 : 2) / size);
    return Float64Array.from(
      { length: size },
      (_, x) => norm * Math.cos(Math.PI * u * (x + 0.5) / size),
    );
  });
}

/** A pattern of a patch: a colour times a vertical and a horizontal wave. */
interface Pattern {
  readonly colour: number;
  readonly kernel: Float32Array; // [3, patch, patch]
}

function patterns(patch: number): Pattern[] {
  const waves = cosines(patch);
  return COLOURS.flatMap((channels, colour) =>
    waves.flatMap((down) =>
      waves.map((across) => ({
        colour,
        kernel: Float32Array.from(
          channels.flatMap((c) =>
            [...down].flatMap((d) => [...across].map((a) => c * d * a))
          ),
        ),
      }))
    )
  );
}

/** Some images. */
export interface PatchImages {
  /** RGB bytes. */
  readonly rgb: Uint8Array; // [B, side, side, 3]
  /** Pixels per row and column. */
  readonly side: number;
  /** Pixels per row and column of a patch. */
  readonly patch: number;
}

/** Every `EVERY`-th patch is measured. */
const EVERY = 7;

/** Normalised pixels of some patches, each [3, patch, patch]. */
function* somePatches({ rgb, side, patch }: PatchImages) {
  const grid = Math.floor(side / patch);
  const images = rgb.length / (side * side * 3);
  const pixels = new Float64Array(3 * patch * patch);
  for (let i = 0; i < images * grid * grid; i += EVERY) {
    const image = Math.floor(i / grid ** 2);
    const top = Math.floor(i / grid) % grid * patch;
    const left = i % grid * patch;
    for (let k = 0; k < pixels.length; k++) {
      const channel = Math.floor(k / patch ** 2);
      const y = top + Math.floor(k / patch) % patch;
      const x = left + k % patch;
      const byte = rgb[((image * side + y) * side + x) * 3 + channel]!;
      pixels[k] = (byte / 255 - CLIP_MEAN[channel]!) / CLIP_STD[channel]!;
    }
    yield pixels;
  }
}

/** Standard deviation over patches of the coefficient of each pattern. */
function spreads(all: readonly Pattern[], images: PatchImages): number[] {
  const sums = all.map(() => 0);
  const squares = all.map(() => 0);
  let count = 0;
  for (const pixels of somePatches(images)) {
    count++;
    all.forEach(({ kernel }, i) => {
      const share = kernel.reduce((sum, w, k) => sum + w * pixels[k]!, 0);
      sums[i]! += share;
      squares[i]! += share * share;
    });
  }
  return sums.map((sum, i) =>
    Math.sqrt(Math.max(squares[i]! / count - (sum / count) ** 2, 1e-6))
  );
}

/**
 * A whitened patch embedding: the patterns of the discrete cosine transform
 * that vary most from patch to patch, in brightness and in two colour
 * differences, each scaled to unit variance. With random kernels a tower learns
 * fine structure late, because it has little of the energy of an image.
 *
 * @returns Kernels [width, 3, patch, patch].
 */
function whitenedKernels(
  width: number,
  images: PatchImages,
): Float32Array {
  const all = patterns(images.patch);
  const spread = spreads(all, images);
  const order = all.map((_, i) => i).sort((a, b) => spread[b]! - spread[a]!);
  const kernels = order.slice(0, width).map((i) =>
    all[i]!.kernel.map((w) => w / spread[i]!)
  );
  return Float32Array.from(kernels.flatMap((kernel) => [...kernel]));
}

/**
 * Position embeddings made of sines and cosines of row and column, so that
 * neighbours are similar.
 *
 * @returns One row per cell [grid * grid, width].
 */
function wavePositions(grid: number, width: number): Float32Array {
  const count = Math.floor(width / 4);
  const row = (y: number, x: number) =>
    Array.from({ length: width }, (_, i) => {
      const rate = LEAST_RATE ** (Math.floor(i / 4) / count);
      const place = (i % 4 < 2 ? y : x) * rate;
      return POSITION_REACH * (i % 2 === 0 ? Math.sin(place) : Math.cos(place));
    });
  const cells = Array.from(
    { length: grid * grid },
    (_, i) => row(Math.floor(i / grid), i % grid),
  );
  return Float32Array.from(cells.flat());
}

const EMBEDDINGS = "vision_model.embeddings";

/**
 * Initialises patch and position embeddings so that a tower learns sooner than
 * from random numbers: see {@linkcode whitenedKernels} and
 * {@linkcode wavePositions}.
 *
 * @param tensors The tensors of CLIP; both embeddings are changed in place.
 * @param images The images to measure patches on.
 */
export function startPatches(
  tensors: NamedArrays,
  { hiddenSize, imageSize, patchSize }: VisionConfig,
  images: Omit<PatchImages, "patch">,
): void {
  const kernels = tensors.get(`${EMBEDDINGS}.patch_embedding.weight`)!;
  kernels.set(whitenedKernels(hiddenSize, { ...images, patch: patchSize }));
  const positions = tensors.get(`${EMBEDDINGS}.position_embedding.weight`)!;
  const grid = Math.floor(imageSize / patchSize);
  positions.set(wavePositions(grid, hiddenSize), hiddenSize); // after the class
}
