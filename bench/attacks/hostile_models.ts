/**
 * Has `eval` open hostile model directories and profiles:
 *
 *     deno run -A bench/attacks/hostile_models.ts [--only WORD]
 *
 * Each run must end with 0 or 42 and, where it fails, with a sentence and no
 * stack, within 60 s and 3 GB. Prints a table, and ends with 1 where one did
 * not.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { memoryHash } from "../../lib/references/memory_tensors.ts";
import { safetensors } from "../../tests/checkpoint/temporary.ts";
import { type Case, Fault, printCases } from "./case_table.ts";
import { Mutator } from "./mutations.ts";
import { runMain } from "./run_main.ts";

const { values: { only = "" } } = parseArgs({
  options: { only: { type: "string" } },
});

const NANO = new URL("../../models/nano/", import.meta.url).pathname;
const FILES = [
  ...["clip/config.json", "clip/merges.txt", "clip/model.safetensors"],
  ...["clip/vocab.json", "mfp_clip.json", "mfp_clip.safetensors"],
  "resnet50.safetensors",
];
const MOST_MEGABYTES = 3000;
const folder = await Deno.makeTempDir({ prefix: "models" });

type Change = (model: string) => Promise<void> | void;
type Json = Record<string, unknown>;

/** Sets a value in JSON, at a path with dots. */
function json(file: string, path: string, value: unknown): Change {
  return async (model) => {
    const all: Json = JSON.parse(await Deno.readTextFile(`${NANO}${file}`));
    const keys = path.split(".");
    const last = keys.pop()!;
    const inner = keys.reduce((at, key) => at[key] as Json, all);
    inner[last] = value;
    await Deno.writeTextFile(`${model}/${file}`, JSON.stringify(all));
  };
}

const text = (file: string, content: string | Uint8Array): Change => (model) =>
  typeof content === "string"
    ? Deno.writeTextFile(`${model}/${file}`, content)
    : Deno.writeFile(`${model}/${file}`, content);

const link = (file: string, to: string): Change => async (model) => {
  await Deno.remove(`${model}/${file}`);
  await Deno.symlink(to, `${model}/${file}`);
};

/** A file of zeros that takes no room. */
const sparse = (file: string, size: number): Change => async (model) => {
  await Deno.writeTextFile(`${model}/${file}`, "");
  await Deno.truncate(`${model}/${file}`, size);
};

/** Fills weights with numbers; their header stays. */
function weights(file: string, number: number): Change {
  return async (model) => {
    const bytes = await Deno.readFile(`${NANO}${file}`);
    const view = new DataView(bytes.buffer);
    const start = 8 + Number(view.getBigUint64(0, true));
    for (let at = start; at + 4 <= bytes.length; at += 4) {
      view.setFloat32(at, number, true);
    }
    await Deno.writeFile(`${model}/${file}`, bytes);
  };
}

/** A header that lies about a file's tensors. */
function header(file: string, change: (header: Json) => Json): Change {
  return async (model) => {
    const bytes = await Deno.readFile(`${NANO}${file}`);
    const view = new DataView(bytes.buffer);
    const start = 8 + Number(view.getBigUint64(0, true));
    const told = new TextDecoder().decode(bytes.subarray(8, start));
    const head = safetensors(change(JSON.parse(told)));
    const parts = new Blob([new Uint8Array(head), bytes.subarray(start)]);
    await Deno.writeFile(`${model}/${file}`, parts.stream());
  };
}

/** Changes what is said of the first tensor. */
const tensor = (file: string, change: Json): Change =>
  header(file, (all) => {
    const [name = ""] = Object.keys(all).filter((key) => key[0] !== "_");
    return { ...all, [name]: { ...all[name] as Json, ...change } };
  });

function sized(size: bigint): Change {
  const bytes = new Uint8Array(1000);
  new DataView(bytes.buffer).setBigUint64(0, size, true);
  return text(WEIGHTS, bytes);
}

const WEIGHTS = "clip/model.safetensors";
const CONFIG = "clip/config.json";
const ODD = [-1, 0.5, 1e9, null];

const odd = (file: string, path: string): Record<string, Change> =>
  Object.fromEntries(
    ODD.map((value) => [
      `${file} ${path} ${JSON.stringify(value)}`,
      json(file, path, value),
    ]),
  );

const MODELS: Readonly<Record<string, Change>> = {
  ...odd(CONFIG, "vision_config.image_size"),
  ...odd(CONFIG, "vision_config.num_hidden_layers"),
  ...odd(CONFIG, "vision_config.hidden_size"),
  ...odd(CONFIG, "vision_config.patch_size"),
  ...odd(CONFIG, "text_config.vocab_size"),
  ...odd(CONFIG, "text_config.max_position_embeddings"),
  ...odd("mfp_clip.json", "taps"),
  ...odd("mfp_clip.json", "image_size"),
  "taps of 1e9": json("mfp_clip.json", "taps", [1e9, 1e9, 1e9, 1e9]),
  "a backbone above": json("mfp_clip.json", "backbone", "../../../../etc"),
  "a backbone of its own": json("mfp_clip.json", "backbone", "."),
  "config of 2 GB": sparse(CONFIG, 2e9),
  "config of 200,000 brackets": text(CONFIG, "[".repeat(200_000)),
  "config without end": text(CONFIG, '{"a":'),
  "config of __proto__": text(CONFIG, '{"__proto__":{"a":1}}'),
  "config that loops": link(CONFIG, "config.json"),
  "config of /dev/zero": link(CONFIG, "/dev/zero"),
  "config that is a folder": async (model) => {
    await Deno.remove(`${model}/${CONFIG}`);
    await Deno.mkdir(`${model}/${CONFIG}`);
  },
  "weights that loop": link(WEIGHTS, "model.safetensors"),
  "weights of /dev/zero": link(WEIGHTS, "/dev/zero"),
  "weights to nowhere": link(WEIGHTS, "nowhere"),
  "a folder that loops": async (model) => {
    await Deno.symlink(".", `${model}/clip/clip`);
  },
  "weights of 100 GB": sparse(WEIGHTS, 1e11),
  "header of 2^63 bytes": sized(2n ** 63n),
  "header of 2^40 bytes": sized(2n ** 40n),
  "header of 0 bytes": sized(0n),
  "no weights": text(WEIGHTS, ""),
  "header of 100 MB": text(
    WEIGHTS,
    safetensors(`{"a":"${" ".repeat(1e8)}"}`),
  ),
  "offsets below 0": tensor(WEIGHTS, { data_offsets: [-4, 0] }),
  "offsets that end first": tensor(WEIGHTS, { data_offsets: [8, 4] }),
  "offsets of 2^53": tensor(WEIGHTS, { data_offsets: [2 ** 53, 2 ** 53 + 4] }),
  "offsets that overlap": header(WEIGHTS, (all) =>
    Object.fromEntries(
      Object.entries(all).map(([name, told]) => [name, {
        ...told as Json,
        ...name[0] !== "_" && { data_offsets: [0, 4] },
      }]),
    )),
  "shape of 2^53": tensor(WEIGHTS, { shape: [2 ** 53, 2 ** 53] }),
  "shape below 0": tensor(WEIGHTS, { shape: [-1, -4] }),
  "shape of 0": tensor(WEIGHTS, { shape: [0] }),
  "100,000 dimensions": tensor(WEIGHTS, { shape: new Array(100_000).fill(1) }),
  "dtype of another kind": tensor(WEIGHTS, { dtype: "X99" }),
  "weights that are NaN": weights(WEIGHTS, NaN),
  "weights that are infinite": weights(WEIGHTS, Infinity),
  "head that is NaN": weights("mfp_clip.safetensors", NaN),
  "ResNet that is NaN": weights("resnet50.safetensors", NaN),
  "tokenizer of 1 GB": sparse("clip/tokenizer.json", 1e9),
  "vocabulary of 1 GB": sparse("clip/vocab.json", 1e9),
  "merges of 1 GB": sparse("clip/merges.txt", 1e9),
  "merges of noise": text("clip/merges.txt", "a b c\n\0 \n\n".repeat(10_000)),
  "vocabulary with ids below 0": text("clip/vocab.json", '{"a":-1}'),
  "vocabulary of one id": text(
    "clip/vocab.json",
    '{"<|startoftext|>":1,"<|endoftext|>":1}',
  ),
  "tokenizer of another kind": text(
    "clip/tokenizer.json",
    '{"model":{"type":"BPE","vocab":[],"merges":5}}',
  ),
};

async function evaluate(flags: readonly string[]): Promise<string> {
  const out = await Deno.makeTempDir({ dir: folder });
  const ended = await runMain(
    ["eval", "--limit=1", "--category=nut", `--out=${out}`, ...flags],
    { seconds: 60 },
  );
  const { code, megabytes, text } = ended;
  const last = text.trim().split("\n").at(-1) ?? "";
  const told = `${code} ${megabytes.toFixed(0)} MB: ${last}`;
  if (/^ +at /m.test(text)) throw new Fault(`a stack: ${told}`);
  if (code !== 0 && code !== 42) throw new Fault(told);
  if (megabytes > MOST_MEGABYTES) throw new Fault(told);
  return told.replaceAll(folder, "");
}

let count = 0;
function modelCase(name: string, change: Change): Case {
  const model = `${folder}/m${count++}`;
  return {
    name,
    async run() {
      await Deno.mkdir(`${model}/clip`, { recursive: true });
      for (const file of FILES) {
        await Deno.copyFile(`${NANO}${file}`, `${model}/${file}`);
      }
      await change(model);
      const told = await evaluate([`--model=${model}`]);
      await Deno.remove(model, { recursive: true });
      return told;
    },
  };
}

const MEMORY = "good-1.safetensors";

/** A profile of nano with its text or, with a hash that fits, memory mutated. */
async function profileCases(): Promise<Case[]> {
  const synthetic = `${folder}/synthetic`;
  const whole = `${folder}/profile`;
  await runMain(["synth", synthetic, "--category=nut"]);
  const { code, text: told } = await runMain([
    ...["calibrate", `--good=${synthetic}`, `--out=${whole}`],
  ]);
  if (code !== 0) throw new Error(told);
  const mutator = new Mutator(1);
  return Array.from({ length: 20 }, (_, i) => ({
    name: `profile, mutation ${i}`,
    async run() {
      const profile = `${folder}/p${i}`;
      await Deno.mkdir(profile);
      const told = JSON.parse(await Deno.readTextFile(`${whole}/profile.json`));
      const memory = await Deno.readFile(`${whole}/${MEMORY}`);
      const changed = i % 2 === 0 ? memory : mutator.bytes(memory);
      told.categories.nut.memory.sha256 = memoryHash(changed);
      const json = i % 2 === 0
        ? mutator.jsonBytes(told)
        : new TextEncoder().encode(JSON.stringify(told));
      await Deno.writeFile(`${profile}/${MEMORY}`, changed);
      await Deno.writeFile(`${profile}/profile.json`, json);
      return await evaluate([`--data=${synthetic}`, `--profile=${profile}`]);
    },
  }));
}

const cases = Object.entries(MODELS).map(([name, change]) =>
  modelCase(name, change)
);
if ("profile".includes(only)) cases.push(...await profileCases());
const faults = await printCases(
  cases.filter(({ name }) => name.includes(only)),
  { own: [], seconds: 70 },
);
await Deno.remove(folder, { recursive: true }).catch(() => {});
Deno.exit(faults > 0 ? 1 : 0);
