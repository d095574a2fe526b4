import assert from "node:assert/strict";
import { compile, importsOf } from "../../../tasks/npm/compile.ts";

const SOURCE = `
  import { one, type Two } from "../other.ts";
  import style from "./page.css" with { type: "text" };
  import * as ort from "onnxruntime-node";
  export { three } from "./three.tsx";
  /** Kept. */
  export const url: URL = new URL("./work.ts", import.meta.url);
  export const loaded: Promise<unknown> = import("./late.ts");
  export function use(two: Two): string { return one(two, style, ort); }
`;

Deno.test("compile() lets imports and workers name JavaScript", () => {
  const path = "lib/room/file.ts";
  const { code, declarations } = compile({ path, source: SOURCE });
  assert.match(code, /from "..\/other.js"/);
  assert.match(code, /import style from ".\/page.css.text.js";/);
  assert.match(code, /from "onnxruntime-node"/);
  assert.match(code, /from ".\/three.js"/);
  assert.match(code, /new URL\(".\/work.js", import.meta.url\)/);
  assert.match(code, /import\(".\/late.js"\)/);
  assert.doesNotMatch(code, /\.tsx?"|with {|platform/);
  assert.match(declarations, /import { type Two } from "..\/other.js"/);
  assert.match(declarations, /\/\*\* Kept. \*\//);
});

Deno.test("importsOf() names sources, text and packages", () => {
  assert.deepEqual(importsOf(SOURCE), [
    "../other.ts",
    "./page.css",
    "onnxruntime-node",
    "./three.tsx",
    "./late.ts",
  ]);
});

Deno.test("compile() imports the layer where a module uses what only Deno has", () => {
  const compiled = (source: string) =>
    compile({ path: "lib/room/file.ts", source }).code.split("\n")[0];
  assert.equal(
    compiled("export const read: unknown = Deno.readFile;"),
    'import { Deno } from "../../platform/deno.js";',
  );
  assert.equal(
    compiled('export const worker: Worker = new Worker("x");'),
    'import { Worker } from "../../platform/worker.js";',
  );
  // A type is gone at run time, and a property is somebody else's.
  assert.equal(
    compiled("export const x = (y: { Deno: number }): number => y.Deno;"),
    "export const x = (y) => y.Deno;",
  );
});

Deno.test("compile() runs modules of the layer first, and needs no `using`", () => {
  const { code } = compile({
    path: "mod.ts",
    source: "using x: Disposable = open(); export const y: unknown = x;",
    first: ["standards.js"],
  });
  assert.match(code, /^import ".\/platform\/standards.js";\n/);
  assert.doesNotMatch(code, /^\s*using /m);
});

Deno.test("compile() declares how to dispose of a class once", () => {
  const { declarations } = compile({
    path: "lib/file.ts",
    source: `export class File implements Disposable {
      /** Closes it. */
      [Symbol.dispose](): void {}
    }`,
  });
  assert.equal(declarations.match(/Symbol\.dispose/g)?.length, 1);
});

Deno.test("compile() refuses what declares no types", () => {
  assert.throws(
    () => compile({ path: "lib/file.ts", source: "export const x = f();" }),
    /Cannot declare the types of lib\/file\.ts as: /,
  );
});
