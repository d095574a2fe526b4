import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { free } from "../lib/native_memory.ts";

const PROGRAM = fileURLToPath(new URL("./_native_memory.ts", import.meta.url));
const ignore = Deno.build.os !== "linux";

/** Resident memory, in 10^6 bytes, before and after 100 of them are freed. */
async function megabytes(way: string) {
  const { stdout } = await new Deno.Command("deno", {
    args: ["run", "--no-lock", "--allow-ffi", PROGRAM, way],
    stderr: "inherit",
  }).output();
  const { before, then, after } = JSON.parse(new TextDecoder().decode(stdout));
  return { freed: then - before, end: after - before };
}

Deno.test("free() takes the bytes of an array at once", () => {
  const array = new Uint8Array(8);
  const { buffer } = array;
  free(array);
  assert.equal(array.length, 0);
  assert.equal(buffer.detached, true);
});

Deno.test("free() leaves an array that shares its buffer with others", () => {
  const buffer = new ArrayBuffer(8);
  const part = new Uint8Array(buffer, 4);
  free(part);
  assert.equal(part.length, 4);
});

Deno.test({
  name: "giveBackMemory() shrinks a heap in which other arrays stay",
  ignore,
  async fn() {
    const { freed, end } = await megabytes("giveBackMemory");
    assert.ok(freed > 60, `${freed}`);
    assert.ok(end < 40, `${end}`);
  },
});

Deno.test({
  name: "keepLittleMemory() gives large arrays back when they are freed",
  ignore,
  async fn() {
    const { freed } = await megabytes("keepLittleMemory");
    assert.ok(freed < 40, `${freed}`);
  },
});
