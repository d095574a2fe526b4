/**
 * Writes what nano compares of the images of a folder, for other programs such
 * as `patch_core.py`: the patch tokens of its first two taps, with labels and
 * the draws of good images of `models/nano/judge_good.ts`:
 *
 *     deno run -A bench/patch_features.ts FOLDER OUT
 *
 * OUT.f32 holds float32 [N, T, P, D], OUT.json the shape, labels and draws.
 *
 * @module
 */
import { openDataSet } from "../lib/data/open.ts";
import { Network } from "../lib/detector/network.ts";
import { resizeBicubic } from "../lib/image/resample.ts";
import { openModelDirectory } from "../lib/methods/model_directory.ts";
import { float32 } from "../lib/onnx/tensor.ts";
import { Random } from "../lib/random.ts";
import { draw } from "../lib/references/projection.ts";

const DRAWS = 5;
const GOOD = 10;

const [folder, out] = Deno.args;
if (folder === undefined || out === undefined) {
  throw new TypeError("Cannot run as FOLDER and OUT must be given");
}
const model = await openModelDirectory("models/nano");
const { imageSize: side, patches } = model.architecture;
const { grid, width, taps } = patches!;
const network = new Network(model, { threads: 1 });
network.sessions.addPatches();
const names = Array.from({ length: taps }, (_, i) => `tap_${i}`);
const labels: number[] = [];
using file = await Deno.create(`${out}.f32`);
for await (
  const { category, image, label } of (await openDataSet(folder)).samples()
) {
  const { data: pixels } = resizeBicubic(await image(), side, side);
  const { outputs } = await network.run([{ pixels, category }], {
    outputs: names,
  });
  for (const name of names) {
    const { buffer, byteOffset, byteLength } = float32(outputs, name);
    await file.write(new Uint8Array(buffer, byteOffset, byteLength));
  }
  labels.push(label ?? -1);
}
await network.close();
const good = [...labels.keys()].filter((i) => labels[i] === 0);
const draws = Array.from({ length: DRAWS }, (_, seed) =>
  Array.from(
    draw(new Random(`judge/${seed}`), good.length, GOOD),
    (i) => good[i]!,
  ));
const shape = [labels.length, taps, grid ** 2, width];
await Deno.writeTextFile(
  `${out}.json`,
  JSON.stringify({ shape, labels, draws }),
);
