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

/** What exists as a type alone. */
const TYPES = ["DirEntry", "FileInfo"];

function has(name: string): boolean {
  const [first, second] = name.split(".") as [string, string?];
  if (TYPES.includes(first)) return true;
  if (second !== undefined) return second in layer.errors;
  return first in layer;
}
