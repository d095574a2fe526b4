/**
 * Times the start of `serve`, from nothing to its first answer:
 *
 *     deno run -A bench/start.ts [--model nano|DIR|vit-l-518] [--rounds 3]
 *       [--before DIR] [--flags TEXT]
 *
 * `vit-l-518` is a random model of that size. Prints one JSON object with the
 * seconds until the port answers, until the model is ready and until the first
 * image is scored, as medians; and processor time until then. `--before` names
 * a checkout of an earlier version, which is started in turns with this one;
 * ratios of the medians and of the fastest starts follow. `--flags` are more
 * flags of `serve`, such as `--flags=--precision=int8`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { median } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

const { values: flags } = parseArgs({
  options: {
    model: { type: "string", default: "nano" },
    rounds: { type: "string", default: "3" },
    before: { type: "string" },
    flags: { type: "string" },
  },
});
const ROOT = new URL("..", import.meta.url);
const IMAGE = new URL("tests/golden/mfp_clip/images/coffee.jpg", ROOT);
const PORT = 18_431;
const ADDRESS = `http://127.0.0.1:${PORT}`;

/** Asks until the answer is 200. */
async function untilAnswered(path: string): Promise<void> {
  while (true) {
    const response = await fetch(`${ADDRESS}${path}`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Processor seconds of a process so far, of all its threads. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Times of one start, in seconds. */
interface Times {
  readonly port: number;
  readonly ready: number;
  readonly firstAnswer: number;
  readonly processor: number;
}

async function start(cwd: string | URL, model: string): Promise<Times> {
  const begin = performance.now();
  const since = () => (performance.now() - begin) / 1000;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "-P=serve", "main.ts", "serve"],
      ...[`--port=${PORT}`, `--model=${model}`],
      ...flags.flags?.split(" ") ?? [],
    ],
    cwd,
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await untilAnswered("/healthz");
    const port = since();
    await untilAnswered("/readyz");
    const ready = since();
    const response = await fetch(`${ADDRESS}/v1/score?category=cup`, {
      method: "POST",
      headers: { "content-type": "image/jpeg" },
      body: await Deno.readFile(IMAGE),
    });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
    const firstAnswer = since();
    const processor = await processorSeconds(child.pid);
    return { port, ready, firstAnswer, processor };
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

const NAMES = ["port", "ready", "firstAnswer", "processor"] as const;

/** One number for each time of several starts. */
function eachTime(
  starts: readonly Times[],
  of: (values: readonly number[]) => number,
): Times {
  const entries = NAMES.map((name) =>
    [name, of(starts.map((times) => times[name]))] as const
  );
  return Object.fromEntries(entries) as unknown as Times;
}

function ratios(now: Times, before: Times): Times {
  const entries = NAMES.map((name) =>
    [name, now[name] / before[name]] as const
  );
  return Object.fromEntries(entries) as unknown as Times;
}

const fastest = (values: readonly number[]) => Math.min(...values);

const isRandom = flags.model in SIZES;
const folder = await Deno.makeTempDir();
try {
  if (isRandom) {
    await writeRandomModel(folder, SIZES[flags.model as keyof typeof SIZES]);
  }
  const model = isRandom ? folder : flags.model;
  const places = [ROOT, ...flags.before === undefined ? [] : [flags.before]];
  const starts: Times[][] = places.map(() => []);
  // The first start fills the caches of Deno and of the system.
  for (const place of places) await start(place, model);
  for (let i = 0; i < Number(flags.rounds); i++) {
    for (const [k, place] of places.entries()) {
      starts[k]!.push(await start(place, model));
    }
  }
  const [now, before] = starts;
  console.log(JSON.stringify(
    {
      model: flags.model,
      seconds: eachTime(now!, median),
      ...before !== undefined && {
        secondsBefore: eachTime(before, median),
        ratio: ratios(eachTime(now!, median), eachTime(before, median)),
        ratioOfFastest: ratios(
          eachTime(now!, fastest),
          eachTime(before, fastest),
        ),
      },
    },
    null,
    2,
  ));
} finally {
  await Deno.remove(folder, { recursive: true });
}
