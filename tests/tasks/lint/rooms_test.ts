import assert from "node:assert/strict";
import plugin, { EDGES } from "../../../tasks/lint/rooms.ts";

/** What the rule says of one file of this source. */
function messages(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, `/project/lib/${file}`, source)
    .map(({ message }) => message);
}

Deno.test("EDGES lead only to rooms of earlier rows", () => {
  const rooms = Object.keys(EDGES);
  for (const [room, allowed] of Object.entries(EDGES)) {
    for (const other of allowed) {
      assert.ok(
        rooms.includes(other) && rooms.indexOf(other) < rooms.indexOf(room),
        `${room} -> ${other}`,
      );
    }
  }
});

Deno.test("EDGES name every room of lib", async () => {
  const rooms: string[] = [];
  const lib = new URL("../../../lib/", import.meta.url);
  for await (const { name, isDirectory } of Deno.readDir(lib)) {
    if (isDirectory || name.endsWith(".ts")) {
      rooms.push(name.replace(/\.ts$/, ""));
    }
  }
  for (const room of rooms) assert.ok(room in EDGES, room);
});

Deno.test("allowed-imports passes imports that the table allows", () => {
  assert.deepEqual(
    messages("clip/tokenizer.ts", 'import { a } from "../graph/graph.ts";'),
    [],
  );
  assert.deepEqual(
    messages("clip/tokenizer.ts", 'export { a } from "./config.ts";'),
    [],
  );
  assert.deepEqual(messages("image/decode.ts", 'import s from "sharp";'), []);
});

Deno.test("allowed-imports refuses every form of an import that runs up", () => {
  const expected = ["lib/graph may not import lib/onnx"];
  for (
    const source of [
      'import { a } from "../onnx/session.ts";',
      'import type { A } from "../onnx/session.ts";',
      'export { a } from "../onnx/session.ts";',
      'export * from "../onnx/session.ts";',
      'const { a } = await import("../onnx/session.ts");',
    ]
  ) assert.deepEqual(messages("graph/graph.ts", source), expected, source);
});

Deno.test("allowed-imports holds a package to its one room", () => {
  const expected = ["Only lib/image may import sharp"];
  assert.deepEqual(
    messages("server/app.ts", 'import sharp from "sharp";'),
    expected,
  );
  assert.deepEqual(
    messages("server/app.ts", 'const sharp = await import("sharp");'),
    expected,
  );
});

Deno.test("allowed-imports keeps methods apart", () => {
  assert.deepEqual(
    messages(
      "methods/winclip/model.ts",
      'import { a } from "../mfp_clip/config.ts";',
    ),
    ["lib/methods/winclip may not import lib/methods/mfp_clip"],
  );
  assert.deepEqual(
    messages("methods/winclip/model.ts", 'import { a } from "../prompts.ts";'),
    [],
  );
});

Deno.test("allowed-imports refuses rooms without a row and paths out of lib", () => {
  assert.deepEqual(
    messages("attic/a.ts", 'import { a } from "../graph/graph.ts";'),
    ["lib/attic is not in the table of rooms"],
  );
  assert.deepEqual(
    messages("graph/graph.ts", 'import { a } from "../../tasks/eval.ts";'),
    ["lib/ may import only lib/"],
  );
});
