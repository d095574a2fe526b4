/**
 * Times the whole model at full size and the matrix product of its own MLP in
 * turns, and the PyTorch reference if asked:
 *
 *     deno run -A bench/rate.ts [--model DIR] [--pairs 5] [--threads 2]
 *                               [--int8 CACHE_FOLDER]
 *                               [--reference "python bench/reference.py ..."]
 *
 * Prints one JSON object; rates count matrix products and convolutions only.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { encodeDetector } from "../lib/detector/encode_detector.ts";
import type { WeightEntry } from "../lib/checkpoint/weights.ts";
import { quantisedTensors } from "../lib/detector/int8/quantised_tensors.ts";
import { weightsFolder } from "../lib/onnx/weights_folder.ts";
import { GraphBuilder } from "../lib/graph/builder.ts";
import { countFlops } from "../lib/graph/flops.ts";
import type { Graph } from "../lib/graph/graph.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../lib/methods/model_directory.ts";
import { promptIds, promptOptions } from "../lib/methods/prompts.ts";
import { OnnxSession } from "../lib/onnx/session.ts";
import type { Tensors } from "../lib/onnx/tensor.ts";
import { median, openReference, peakMegabytes } from "./measure.ts";
import { matMulProgram } from "./timed_programs.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

/** A program that has run once and can be timed. */
interface Timed {
  readonly flops: number;
  run(): Promise<number>;
}

async function openMatMul(threads: number): Promise<Timed> {
  const { graph, bytes, feeds } = matMulProgram([1370, 1024, 4096], 4);
  const session = await OnnxSession.create(bytes, {
    weightsFolder: ".",
    threads,
  });
  const run = async () => (await session.run(feeds)).milliseconds;
  await run();
  return { flops: countFlops(graph, 1), run };
}

function modelGraph(
  { architecture }: ModelDirectory,
  textLength: number,
): Graph {
  const g = new GraphBuilder();
  return g.build(architecture.detection(g, { textLength, smooth: 0 }));
}

interface Running {
  readonly directory: string;
  readonly threads: number;
  /** Where quantised matrices are kept; absent for float32. */
  readonly cacheFolder?: string | undefined;
}

async function openModel(
  { directory, threads, cacheFolder }: Running,
): Promise<Timed & { creation: number }> {
  const model = await openModelDirectory(directory);
  const side = model.architecture.imageSize;
  const options = promptOptions(model.architecture);
  const { ids, endOfText } = promptIds(model.tokenizer, "metal_nut", options);
  const textLength = Math.max(...endOfText) + 1;
  const quantised = cacheFolder === undefined
    ? new Map<string, WeightEntry>()
    : await quantisedTensors(model, { cacheFolder, threads });
  const entries = [...model.weights.values(), ...quantised.values()];
  const folder = await weightsFolder(entries.map(({ file }) => file));
  const bytes = encodeDetector(model, {
    textLength,
    smooth: 0,
    precision: "f32",
    quantised,
    locate: folder.locate,
  });
  const start = performance.now();
  const session = await OnnxSession.create(bytes, {
    weightsFolder: folder.path,
    prepack: true,
    threads,
  });
  const creation = performance.now() - start;
  const data = Uint8Array.from(
    { length: side * side * 3 },
    (_, i) => (i * 7919 >> 3) % 256,
  );
  const feeds: Tensors = {
    rgb: { type: "uint8", shape: [1, side, side, 3], data },
    ids: { type: "int64", shape: [1, 2, ids.length / 2], data: ids },
  };
  const run = async () => (await session.run(feeds)).milliseconds;
  await run();
  return { flops: countFlops(modelGraph(model, textLength), 1), run, creation };
}

const { values: flags } = parseArgs({
  options: {
    model: { type: "string" },
    pairs: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
    int8: { type: "string" },
    reference: { type: "string" },
  },
});
const threads = Number(flags.threads);
const directory = flags.model ?? await Deno.makeTempDir();
if (flags.model === undefined) {
  await writeRandomModel(directory, SIZES["vit-l-518"]);
}
const model = await openModel({
  directory,
  threads,
  cacheFolder: flags.int8,
});
const peak = await peakMegabytes();
const matMul = await openMatMul(threads);
const reference = flags.reference &&
  await openReference(flags.reference, "forward");
const times: Record<string, number[]> = {
  matMul: [],
  model: [],
  reference: [],
};
for (let pair = 0; pair < Number(flags.pairs); pair++) {
  times.matMul!.push(await matMul.run());
  times.model!.push(await model.run());
  if (reference) times.reference!.push(await reference());
}
const rate = ({ flops }: Timed, name: string) =>
  flops / median(times[name]!) / 1e6;
console.log(JSON.stringify(
  {
    threads,
    creationMilliseconds: model.creation,
    peakMegabytesAfterOneImage: peak,
    peakMegabytes: await peakMegabytes(),
    modelGflop: model.flops / 1e9,
    modelGflops: rate(model, "model"),
    matMulGflops: rate(matMul, "matMul"),
    rateRatio: rate(model, "model") / rate(matMul, "matMul"),
    timeOverReference: reference
      ? median(times.model!) / median(times.reference!)
      : null,
    milliseconds: times,
  },
  null,
  2,
));
if (flags.model === undefined) {
  await Deno.remove(directory, { recursive: true });
}
Deno.exit();
