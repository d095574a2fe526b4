/**
 * Times the start of `serve`, from nothing to its first answer:
 *
 *     deno run -A bench/start.ts [--model nano|DIR|vit-l-518] [--rounds 3]
 *
 * `vit-l-518` is a random model of that size. Prints one JSON object with the
 * seconds until the port answers, until the model is ready and until the first
 * image is scored, as medians; and processor time until then.
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

async function start(model: string) {
  const begin = performance.now();
  const since = () => (performance.now() - begin) / 1000;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "-P=serve", "main.ts", "serve"],
      ...[`--port=${PORT}`, `--model=${model}`],
    ],
    cwd: ROOT,
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
    const answer = since();
    const processor = await processorSeconds(child.pid);
    return { port, ready, answer, processor };
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

const isRandom = flags.model in SIZES;
const folder = await Deno.makeTempDir();
try {
  if (isRandom) {
    await writeRandomModel(folder, SIZES[flags.model as keyof typeof SIZES]);
  }
  const model = isRandom ? folder : flags.model;
  await start(model); // Fills the caches of Deno and of the system.
  const found: Awaited<ReturnType<typeof start>>[] = [];
  for (let i = 0; i < Number(flags.rounds); i++) found.push(await start(model));
  const of = (name: keyof typeof found[number]) =>
    median(found.map((times) => times[name]));
  console.log(JSON.stringify(
    {
      model: flags.model,
      secondsUntil: {
        port: of("port"),
        ready: of("ready"),
        firstAnswer: of("answer"),
      },
      processorSeconds: of("processor"),
    },
    null,
    2,
  ));
} finally {
  await Deno.remove(folder, { recursive: true });
}
