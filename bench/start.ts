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
import {
  type StartOptions,
  type Times,
  timeStart,
} from "./start/time_start.ts";

const { values: flags } = parseArgs({
  options: {
    model: { type: "string", default: "nano" },
    rounds: { type: "string", default: "3" },
    before: { type: "string" },
    flags: { type: "string" },
  },
});

/** Processor seconds of a process so far, of all its threads. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Times of one start, and processor time until the first answer. */
interface TimesOfAll extends Times {
  readonly processor: number;
}

async function timeAll(options: StartOptions): Promise<TimesOfAll> {
  let processor = 0;
  const times = await timeStart({
    ...options,
    async onAnswer(pid) {
      processor = await processorSeconds(pid);
    },
  });
  return { ...times, processor };
}

const NAMES = ["port", "ready", "firstAnswer", "processor"] as const;

/** One number for each time of several starts. */
function eachTime(
  starts: readonly TimesOfAll[],
  of: (values: readonly number[]) => number,
): TimesOfAll {
  const entries = NAMES.map((name) =>
    [name, of(starts.map((times) => times[name]))] as const
  );
  return Object.fromEntries(entries) as unknown as TimesOfAll;
}

function ratios(now: TimesOfAll, before: TimesOfAll): TimesOfAll {
  const entries = NAMES.map((name) =>
    [name, now[name] / before[name]] as const
  );
  return Object.fromEntries(entries) as unknown as TimesOfAll;
}

const fastest = (values: readonly number[]) => Math.min(...values);

const isRandom = flags.model in SIZES;
const folder = await Deno.makeTempDir();
try {
  if (isRandom) {
    await writeRandomModel(folder, SIZES[flags.model as keyof typeof SIZES]);
  }
  const model = isRandom ? folder : flags.model;
  const started = { model, flags: flags.flags?.split(" ") ?? [] };
  const places: StartOptions[] = [started];
  if (flags.before !== undefined) {
    places.push({ ...started, cwd: flags.before });
  }
  const starts: TimesOfAll[][] = places.map(() => []);
  // The first start fills the caches of Deno and of the system.
  for (const place of places) await timeAll(place);
  for (let i = 0; i < Number(flags.rounds); i++) {
    for (const [k, place] of places.entries()) {
      starts[k]!.push(await timeAll(place));
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
