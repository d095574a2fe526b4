import assert from "node:assert/strict";
import { parseClipConfig } from "../../lib/clip/config.ts";
import { clipShapes } from "../../lib/clip/weights.ts";
import { Random } from "../../lib/random.ts";
import { CLIP_MEAN, CLIP_STD } from "../../lib/methods/inputs.ts";
import { initialiseBackbone } from "../../lib/pretraining/initialise_backbone.ts";
import { startAttention } from "../../lib/pretraining/start_attention.ts";
import { startPatches } from "../../lib/pretraining/start_patches.ts";

const WIDTH = 24;
const SIDE = 32;
const PATCH = 4;
const CELLS = (SIDE / PATCH) ** 2;

const TOWER = {
  hidden_size: WIDTH,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
};
const { vision, ...CLIP } = parseClipConfig({
  projection_dim: 6,
  vision_config: { ...TOWER, image_size: SIDE, patch_size: PATCH },
  text_config: { ...TOWER, vocab_size: 9, max_position_embeddings: 5 },
}, "config.json");

const POSITIONS = "vision_model.embeddings.position_embedding.weight";
const KERNELS = "vision_model.embeddings.patch_embedding.weight";

const start = () => initialiseBackbone(clipShapes({ vision, ...CLIP }), 3);

const BLURRED = 24;

/** Images whose pixels are like their neighbours, as those of products are. */
function blurredImages(): Uint8Array {
  const random = new Random("blurred");
  const level = [128, 128, 128];
  return Uint8Array.from({ length: BLURRED * SIDE * SIDE * 3 }, (_, i) => {
    const channel = i % 3;
    level[channel] = 0.8 * level[channel]! + 0.2 * random.between(0, 255);
    return 0.5 * (level[channel]! + level[0]!);
  });
}

/** What each kernel finds in each patch, [kernel][patch]. */
function responses(kernels: Float32Array, rgb: Uint8Array): number[][] {
  const size = 3 * PATCH * PATCH;
  return Array.from(
    { length: WIDTH },
    (_, k) =>
      Array.from({ length: BLURRED * CELLS }, (_, cell) => {
        const row = Math.floor(cell * PATCH / SIDE) * PATCH; // of all images
        const column = cell * PATCH % SIDE;
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const channel = Math.floor(i / PATCH ** 2);
          const y = row + Math.floor(i / PATCH) % PATCH;
          const x = column + i % PATCH;
          const level = rgb[(y * SIDE + x) * 3 + channel]! / 255;
          const pixel = (level - CLIP_MEAN[channel]!) / CLIP_STD[channel]!;
          sum += kernels[k * size + i]! * pixel;
        }
        return sum;
      }),
  );
}

const mean = (x: readonly number[]): number =>
  x.reduce((sum, value) => sum + value, 0) / x.length;

function covariance(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  return mean(a.map((x, i) => (x - ma) * (b[i]! - mb)));
}

Deno.test("startPatches() gives patches of unit variance and little in common", () => {
  const rgb = blurredImages();
  const tensors = start();
  startPatches(tensors, vision, { rgb, side: SIDE });
  const found = responses(tensors.get(KERNELS)!, rgb);
  const common: number[] = [];
  for (const [i, a] of found.entries()) {
    const variance = covariance(a, a);
    assert(variance > 0.7 && variance < 1.4, `${i} varies by ${variance}`);
    for (const b of found.slice(0, i)) {
      common.push(Math.abs(covariance(a, b)));
    }
  }
  assert(mean(common) < 0.1, `${mean(common)} in common`);
});

Deno.test("startPatches() makes positions of neighbours alike, and leaves the class", () => {
  const tensors = start();
  const before = tensors.get(POSITIONS)!.slice(0, WIDTH);
  startPatches(tensors, vision, { rgb: blurredImages(), side: SIDE });
  const positions = tensors.get(POSITIONS)!;
  assert.deepEqual(positions.slice(0, WIDTH), before);
  const row = (cell: number) =>
    positions.slice((cell + 1) * WIDTH, (cell + 2) * WIDTH);
  const apart = (a: number, b: number) =>
    Math.hypot(...row(a).map((x, i) => x - row(b)[i]!));
  const grid = SIDE / PATCH;
  for (const near of [1, grid]) {
    for (const far of [3, 3 * grid, 3 * grid + 3]) {
      assert(apart(0, near) < apart(0, far));
    }
  }
});

/** The product of a [n, m] and b [m, n] by rows: its diagonal and the rest. */
function product(a: Float32Array, b: Float32Array) {
  const diagonal: number[] = [];
  const rest: number[] = [];
  for (let i = 0; i < WIDTH; i++) {
    for (let j = 0; j < WIDTH; j++) {
      let sum = 0;
      for (let k = 0; k < WIDTH; k++) {
        sum += a[i * WIDTH + k]! * b[k * WIDTH + j]!;
      }
      (i === j ? diagonal : rest).push(sum);
    }
  }
  return { diagonal, rest };
}

function transposed(a: Float32Array): Float32Array {
  return a.map((_, i) => a[(i % WIDTH) * WIDTH + Math.floor(i / WIDTH)]!);
}

Deno.test("startAttention() lets patches attend to their likes and take them away", () => {
  const tensors = start();
  startAttention(tensors, vision, 3);
  for (const block of [0, 1]) {
    const of = (name: string) =>
      tensors.get(
        `vision_model.encoder.layers.${block}.self_attn.${name}_proj.weight`,
      )!;
    const spread = (x: readonly number[]) =>
      Math.sqrt(mean(x.map((value) => value * value)));
    const likes = product(transposed(of("q")), of("k"));
    assert(mean(likes.diagonal) > 2 * spread(likes.rest));
    const taken = product(of("out"), of("v"));
    assert(Math.abs(mean(taken.diagonal) + 0.49) < 0.1);
    assert(spread(taken.rest) < 0.25);
  }
});
