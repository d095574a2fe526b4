/**
 * The network, compared with the matrix product that limits its speed. Ratios
 * are ratios of times. `bench/rate.ts` prints ratios of GFLOP per second, from
 * runs in turns.
 *
 * | benchmark            | size                                       | GFLOP |
 * | -------------------- | ------------------------------------------ | ----- |
 * | matrix product       | 1370 x 1024 x 4096                         | 11.5  |
 * | one block            | ViT-L/14, 1370 tokens                      | 42.2  |
 * | nano, two passes     | models/nano, 112 x 112                     | 0.5   |
 *
 * The block in int8 is compared with that in float32, in a group of the
 * integers that suit the processor (`lib/onnx/int8_support.ts`).
 *
 * @module
 */
import { Detector } from "../lib/detector/detector.ts";
import { exactIntegers } from "../lib/onnx/int8_support.ts";
import { OnnxSession } from "../lib/onnx/session.ts";
import {
  blockProgram,
  matMulProgram,
  type Program,
  quantisedBlockProgram,
} from "./timed_programs.ts";

async function open(
  { bytes, feeds }: Program,
  weightsFolder = ".",
): Promise<() => Promise<void>> {
  const options = { weightsFolder, prepack: true };
  const session = await OnnxSession.create(bytes, options);
  return async () => {
    await session.run(feeds);
  };
}

const group = "network";
const matMul = await open(matMulProgram([1370, 1024, 4096]));
const block = await open(blockProgram(1370));
const folder = await Deno.makeTempDir();
const quantised = await open(await quantisedBlockProgram(1370, folder), folder);
const nano = await Detector.open("models/nano", { categories: ["bottle"] });
const pixels = new Uint8Array(nano.side ** 2 * 3).fill(127);

Deno.bench("matrix product", { group, baseline: true }, matMul);
Deno.bench("one ViT-L block", { group }, block);
Deno.bench("nano, two passes", { group }, async () => {
  await nano.detect([{ pixels, category: "bottle" }]);
});

const integers = { group: `network in ${await exactIntegers()}` };
Deno.bench("in float32", { ...integers, baseline: true }, block);
Deno.bench("one ViT-L block", integers, quantised);
