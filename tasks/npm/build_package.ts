/**
 * Puts the npm package together.
 *
 * @module
 */
import { dirname, join } from "node:path";
import * as posix from "node:path/posix";
import { lateModules } from "../late_modules.ts";
import { compile, emitted, importsOf, PLATFORM } from "./compile.ts";
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
  const { modules, packages, workers } = await findModules(root, config);
  const entries = new Set(entriesOf(config));
  for (const [path, source] of modules) {
    const isWorker = workers.has(path);
    const isFirst = isWorker || entries.has(path);
    await writeModule(out, { path, source, isFirst, isWorker });
  }
  for (const file of FILES) await copy(join(root, file), join(out, file));
  const json = manifest(config, packages);
  const text = `${JSON.stringify(json, null, 2)}\n`;
  await Deno.writeTextFile(join(out, "package.json"), text);
  const dependencies = Object.keys(json.dependencies).length;
  return { modules: modules.size, dependencies };
}

function entriesOf({ exports }: ProjectConfig): string[] {
  return Object.values(exports).map((path) => path.slice(2));
}

/**
 * Finds what the package is made of.
 *
 * @returns Path -> source of each module, text that modules import, and the
 * layer; the packages that they import; and the modules of workers.
 */
export async function findModules(
  root: string,
  config: ProjectConfig,
): Promise<{
  modules: Map<string, string>;
  packages: Set<string>;
  workers: Set<string>;
}> {
  const modules = new Map<string, string>();
  const packages = new Set<string>();
  const workers = new Set<string>();
  const queue = [...entriesOf(config), ...await layer(root)];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (modules.has(path)) continue;
    const source = await Deno.readTextFile(join(root, path));
    modules.set(path, source);
    if (!isCode(path)) continue;
    const resolve = (specifier: string) =>
      posix.join(posix.dirname(path), specifier);
    for (const specifier of importsOf(source)) {
      if (specifier.startsWith(".")) queue.push(resolve(specifier));
      else packages.add(specifier);
    }
    for (const specifier of lateModules(source)) {
      queue.push(resolve(specifier));
      if (specifier.endsWith("_worker.ts")) workers.add(resolve(specifier));
    }
  }
  return { modules, packages, workers };
}

async function layer(root: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(root, LAYER)));
  return entries.map(({ name }) => `${LAYER}/${name}`);
}

function isCode(path: string): boolean {
  return /\.tsx?$/.test(path);
}

async function writeModule(
  out: string,
  { path: original, source, isFirst, isWorker }: {
    readonly path: string;
    readonly source: string;
    /** Whether a program or a worker begins with it. */
    readonly isFirst: boolean;
    readonly isWorker: boolean;
  },
): Promise<void> {
  const path = original.replace(LAYER, PLATFORM);
  if (!isCode(path)) {
    const code = `export default ${JSON.stringify(source)};\n`;
    await write(join(out, emitted(path, true)), code);
    return;
  }
  const { code, declarations } = compile({
    path,
    source,
    first: [
      ...isFirst ? ["standards.js"] : [],
      ...isWorker ? ["worker_scope.js"] : [],
    ],
    isLayer: path !== original,
  });
  const target = join(out, path.replace(/\.tsx?$/, ""));
  await write(`${target}.js`, code);
  await write(`${target}.d.ts`, declarations);
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(from, to);
}
