/**
 * Times the whole model at full size, the same in int8 and the PyTorch
 * reference if asked, and the matrix product of its own MLP, in turns:
 *
 *     deno run -A bench/rate.ts [--model DIR] [--pairs 5] [--threads 2]
 *                               [--int8 CACHE_FOLDER]
 *                               [--reference "python bench/reference.py ..."]
 *
 * Each runs in a process of its own, so that peaks of memory are its own too.
 * Prints one JSON object; rates count matrix products and convolutions only.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { detectionGraph } from "../lib/detector/encode_detector.ts";
import { countFlops } from "../lib/graph/flops.ts";
import { openModelDirectory } from "../lib/methods/model_directory.ts";
import { OnnxSession } from "../lib/onnx/session.ts";
import { median, type Reference, startReference } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";
import { matMulProgram } from "./timed_programs.ts";

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

/** Operations of an image, with sentences of this many positions. */
async function modelFlops(textLength: number): Promise<number> {
  const { architecture } = await openModelDirectory(directory);
  return countFlops(detectionGraph(architecture, { textLength, smooth: 0 }), 1);
}

function startModel(precision: "f32" | "int8"): Reference {
  const program = new URL("timed_model.ts", import.meta.url).pathname;
  const args = ["run", "-A", program, directory, `${threads}`, precision];
  if (flags.int8 !== undefined) args.push(flags.int8);
  return startReference(Deno.execPath(), args);
}

const [python, ...args] = flags.reference?.split(" ") ?? [];
const programs: Record<string, Reference> = {
  f32: startModel("f32"),
  ...flags.int8 && { int8: startModel("int8") },
  ...python && { reference: startReference(python, args) },
};
const times: Record<string, number[]> = {};
const peaksAfterOneImage: Record<string, number> = {};
for (const [name, program] of Object.entries(programs)) {
  await program.run("forward");
  times[name] = [];
  peaksAfterOneImage[name] = await program.peakMegabytes();
}
const matMul = matMulProgram([1370, 1024, 4096], 4);
const session = await OnnxSession.create(matMul.bytes, {
  weightsFolder: ".",
  threads,
});
await session.run(matMul.feeds);
times.matMul = [];
for (let pair = 0; pair < Number(flags.pairs); pair++) {
  const { milliseconds } = await session.run(matMul.feeds);
  times.matMul.push(milliseconds);
  for (const [name, program] of Object.entries(programs)) {
    times[name]!.push(await program.run("forward"));
  }
}
const peaks: Record<string, number> = {};
for (const [name, program] of Object.entries(programs)) {
  peaks[name] = await program.peakMegabytes();
}

/**
 * Time of one program over that of another, where both were run: the median
 * over pairs, as a machine that others use changes its speed between them.
 */
function ratio(name: string, other: string): number | undefined {
  const [time, unit] = [times[name], times[other]];
  return time && unit && median(time.map((each, pair) => each / unit[pair]!));
}

const flops = await modelFlops(16);
const modelGflops = flops / median(times.f32!) / 1e6;
const matMulGflops = countFlops(matMul.graph, 1) / median(times.matMul) / 1e6;
console.log(JSON.stringify(
  {
    threads,
    peakMegabytesAfterOneImage: peaksAfterOneImage,
    peakMegabytes: peaks,
    modelGflop: flops / 1e9,
    modelGflops,
    matMulGflops,
    rateRatio: modelGflops / matMulGflops,
    f32OverReference: ratio("f32", "reference"),
    int8OverF32: ratio("int8", "f32"),
    int8OverReference: ratio("int8", "reference"),
    milliseconds: times,
  },
  null,
  2,
));
if (flags.model === undefined) {
  await Deno.remove(directory, { recursive: true });
}
Deno.exit();
