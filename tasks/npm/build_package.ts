/**
 * Puts the npm package together.
 *
 * @module
 */
import { dirname, join } from "node:path";
import * as posix from "node:path/posix";
import { compile, emitted, PLATFORM } from "./compile.ts";
import { manifest, type ProjectConfig } from "./manifest.ts";

/** Options of {@linkcode buildPackage}. */
export interface BuildOptions {
  /** The project's deno.json. */
  readonly config: ProjectConfig;
  /** Folder of the package; what is there is removed first. */
  readonly out: string;
}

/** What {@linkcode buildPackage} wrote. */
export interface BuiltPackage {
  /** How many modules it has. */
  readonly modules: number;
  /** How many packages it depends on. */
  readonly dependencies: number;
}

/** Modules of threads, which nothing imports. */
const WORKERS = ["lib/image/decode_worker.ts", "lib/onnx/session_worker.ts"];

/** The layer for what only Deno has. */
const LAYER = "tasks/npm/platform";

/** What the package holds beside modules. */
const FILES = [
  "LICENSE",
  "README.md",
  "CHANGELOG.md",
  "models/registry.json",
  "models/nano/README.md",
  "models/nano/clip/config.json",
  "models/nano/clip/merges.txt",
  "models/nano/clip/model.safetensors",
  "models/nano/clip/vocab.json",
  "models/nano/mfp_clip.json",
  "models/nano/mfp_clip.safetensors",
  "models/nano/resnet50.safetensors",
];

/**
 * Builds the package from a checkout.
 *
 * @param root The checkout.
 */
export async function buildPackage(
  root: string,
  { config, out }: BuildOptions,
): Promise<BuiltPackage> {
  await Deno.remove(out, { recursive: true }).catch(() => {});
  const entries = Object.values(config.exports).map((path) => path.slice(2));
  const packages = new Set<string>();
  const written = new Set<string>();
  const queue = [...entries, ...WORKERS, ...await layer(root)];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (written.has(path)) continue;
    written.add(path);
    const found = await writeModule(path, { root, out, entries });
    for (const specifier of found) {
      if (!specifier.startsWith(".")) packages.add(specifier);
      else queue.push(posix.join(posix.dirname(path), specifier));
    }
  }
  for (const file of FILES) await copy(join(root, file), join(out, file));
  const json = manifest(config, packages);
  const text = `${JSON.stringify(json, null, 2)}\n`;
  await Deno.writeTextFile(join(out, "package.json"), text);
  const dependencies = Object.keys(json.dependencies).length;
  return { modules: written.size, dependencies };
}

async function layer(root: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(root, LAYER)));
  return entries.map(({ name }) => `${LAYER}/${name}`);
}

/** Writes one module, and says what it imports. */
async function writeModule(
  source: string,
  { root, out, entries }: {
    readonly root: string;
    readonly out: string;
    readonly entries: readonly string[];
  },
): Promise<readonly string[]> {
  const text = await Deno.readTextFile(join(root, source));
  const path = source.replace(LAYER, PLATFORM);
  if (!/\.tsx?$/.test(path)) {
    const code = `export default ${JSON.stringify(text)};\n`;
    await write(join(out, emitted(path, true)), code);
    await write(
      join(out, `${path}.text.d.ts`),
      "declare const text: string;\nexport default text;\n",
    );
    return [];
  }
  const isWorker = WORKERS.includes(source);
  const first = [
    ...entries.includes(source) || isWorker ? ["standards.js"] : [],
    ...isWorker ? ["worker_scope.js"] : [],
  ];
  const { code, declarations, imports } = compile({
    path,
    source: text,
    first,
    isLayer: path !== source,
  });
  const target = join(out, path.replace(/\.tsx?$/, ""));
  await write(`${target}.js`, code);
  await write(`${target}.d.ts`, declarations);
  return imports;
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(from, to);
}
