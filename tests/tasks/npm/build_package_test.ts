import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import config from "../../../deno.json" with { type: "json" };
import { findModules } from "../../../tasks/npm/build_package.ts";
import { manifest } from "../../../tasks/npm/manifest.ts";
import { Deno as layer } from "../../../tasks/npm/platform/deno.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

Deno.test("the layer of the npm package has what the library uses of Deno", async () => {
  const { modules, packages } = await findModules(ROOT, config);
  assert(modules.size > 100);
  const missing = [...modules].flatMap(([path, source]) => {
    if (path.startsWith("tasks/")) return [];
    const code = source.replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    const used = code.matchAll(/\bDeno\.((?:errors\.)?\w+)/g);
    return [...used].flatMap(([, name]) =>
      has(name!) ? [] : `${path}: ${name}`
    );
  });
  assert.deepEqual(missing, []);
  assert("onnxruntime-node" in manifest(config, packages).dependencies);
});

Deno.test("open files of the npm package's layer have what the library calls", async () => {
  const { modules } = await findModules(ROOT, config);
  const missing = Object.getOwnPropertyNames(Deno.FsFile.prototype)
    .filter((name) => !(name in layer.FsFile.prototype));
  assert(missing.includes("lock"));
  const call = new RegExp(`(?<!\\bDeno)\\.(${missing.join("|")})\\(`);
  const found = [...modules].flatMap(([path, source]) => {
    const name = path.startsWith("lib/") ? call.exec(source)?.[1] : undefined;
    return name === undefined ? [] : [`${path}: ${name}`];
  });
  assert.deepEqual(found, []);
});

/** What exists as a type alone. */
const TYPES = ["DirEntry", "FileInfo"];

function has(name: string): boolean {
  const [first, second] = name.split(".") as [string, string?];
  if (TYPES.includes(first)) return true;
  if (second !== undefined) return second in layer.errors;
  return first in layer;
}
