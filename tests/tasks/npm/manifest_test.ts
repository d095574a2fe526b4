import assert from "node:assert/strict";
import { manifest } from "../../../tasks/npm/manifest.ts";

const CONFIG = {
  name: "@scope/name",
  version: "1.2.3",
  license: "MIT",
  exports: { ".": "./mod.ts", "./part": "./lib/part/mod.ts" },
  imports: {
    hono: "npm:hono@4.0.0",
    "@scope/other": "npm:@scope/other@2.0.0-rc.1",
    yauzl: "npm:yauzl@3.0.0",
    unused: "npm:unused@1.0.0",
  },
  scopes: { "./": { "@types/yauzl": "npm:@types/yauzl@3.0.1" } },
};

Deno.test("manifest() names entries, and the packages that modules import", () => {
  const { exports, dependencies, version } = manifest(CONFIG, [
    "hono/jsx",
    "hono",
    "node:fs",
    "@scope/other/deep/file",
    "yauzl",
  ]);
  assert.equal(version, "1.2.3");
  assert.deepEqual(exports, {
    ".": { types: "./mod.d.ts", default: "./mod.js" },
    "./part": { types: "./lib/part/mod.d.ts", default: "./lib/part/mod.js" },
  });
  assert.deepEqual(dependencies, {
    "@scope/other": "2.0.0-rc.1",
    "@types/yauzl": "3.0.1",
    hono: "4.0.0",
    yauzl: "3.0.0",
  });
});

Deno.test("manifest() refuses packages that deno.json does not pin", () => {
  assert.throws(() => manifest(CONFIG, ["missing"]), {
    message: "Cannot depend on missing as deno.json must pin it: current " +
      "value is undefined",
  });
});
