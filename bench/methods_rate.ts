/**
 * Times one image with each method at the size of ViT-B/16 (WinCLIP: ViT-B/16+
 * at 240), in turns with its specification in PyTorch if that is asked for:
 *
 *     deno run -A bench/methods_rate.ts [--methods winclip,ada-clip]
 *         [--pairs 3] [--threads 1]
 *         [--reference "python bench/methods_reference.py tests/golden/reference"]
 *
 * Prints one JSON object for each method. Both are given the same bytes and ids.
 * Text features that do not depend on the image are computed before.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Detector } from "../lib/detector/detector.ts";
import type { Method } from "../lib/methods/method.ts";
import { METHODS } from "../lib/methods/methods.ts";
import { median, startReference } from "./measure.ts";
import { writeRandomMethod } from "./random_method.ts";
import { SIZES } from "./random_model.ts";

const PRODUCT = "metal_nut";

const { values: flags } = parseArgs({
  options: {
    methods: { type: "string" },
    pairs: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    reference: { type: "string" },
  },
});
const threads = Number(flags.threads);

/** The bytes that bench/methods_reference.py makes too. */
function pixelsOf(side: number): Uint8Array {
  return Uint8Array.from(
    { length: 3 * side * side },
    (_, i) => Math.floor(i * 7919 / 8) % 256,
  );
}

/** A model that has run once. */
async function openModel(directory: string, side: number) {
  const detector = await Detector.open(directory, { threads });
  const pixels = pixelsOf(side);
  const run = async () => {
    const start = performance.now();
    const [found] = await detector.detect([{ pixels, category: PRODUCT }]);
    const milliseconds = performance.now() - start;
    return { milliseconds, score: found!.imageScore };
  };
  const { score } = await run();
  return { run, score, [Symbol.asyncDispose]: () => detector.close() };
}

/** The specification, after it has run once. */
async function openSpecification(directory: string) {
  if (flags.reference === undefined) return undefined;
  const [program, ...args] = flags.reference.split(" ");
  const started = startReference(
    program!,
    [...args, directory, `${threads}`],
  );
  return { started, score: await started.run("score") };
}

async function compare(directory: string, side: number) {
  await using model = await openModel(directory, side);
  const specification = await openSpecification(directory);
  await using reference = specification?.started;
  const times: Record<"own" | "reference", number[]> = {
    own: [],
    reference: [],
  };
  for (let pair = 0; pair < Number(flags.pairs); pair++) {
    times.own.push((await model.run()).milliseconds);
    if (reference) times.reference.push(await reference.run("forward"));
  }
  return {
    score: model.score,
    scoreOfReference: specification?.score ?? null,
    milliseconds: times,
    timeOverReference: reference
      ? median(times.own) / median(times.reference)
      : null,
  };
}

async function measure(method: Method): Promise<Record<string, unknown>> {
  const directory = await Deno.makeTempDir();
  const name = method.name === "winclip" ? "vit-b-plus-240" : "vit-b-224";
  const size = SIZES[name];
  try {
    await writeRandomMethod(directory, method, { size, product: PRODUCT });
    const found = await compare(directory, size.side);
    return { method: method.name, size: name, threads, ...found };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const chosen = flags.methods?.split(",") ?? METHODS.map(({ name }) => name);
for (const method of METHODS.filter(({ name }) => chosen.includes(name))) {
  console.log(JSON.stringify(await measure(method)));
}
Deno.exit();
