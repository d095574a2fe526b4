import assert from "node:assert/strict";
import { Message } from "../../lib/onnx/protobuf.ts";
import { readFields } from "./read_model.ts";

function hex(message: Message): string {
  return message.finish().toHex();
}

Deno.test("Message writes the bytes that the wire format's guide shows", () => {
  // https://protobuf.dev/programming-guides/encoding/
  assert.equal(hex(new Message().int(1, 150)), "089601");
  assert.equal(hex(new Message().string(2, "testing")), "120774657374696e67");
  const nested = new Message().message(3, new Message().int(1, 150));
  assert.equal(hex(nested), "1a03089601");
});

Deno.test("Message writes negative whole numbers as ten bytes", () => {
  assert.equal(hex(new Message().int(1, -1)), "08ffffffffffffffffff01");
  assert.equal(hex(new Message().int(1, -2)), "08feffffffffffffffff01");
  assert.equal(
    hex(new Message().int(1, -(2n ** 63n))),
    "0880808080808080808001",
  );
});

Deno.test("Message writes whole numbers at the edges of a byte", () => {
  const cases = [[0, "00"], [127, "7f"], [128, "8001"], [16384, "808001"]];
  for (const [value, bytes] of cases) {
    assert.equal(hex(new Message().int(1, Number(value))), `08${bytes}`);
  }
  const largest = new Message().int(1, 2n ** 63n - 1n);
  assert.equal(hex(largest), "08ffffffffffffffff7f");
});

Deno.test("Message writes floats, empty strings and field numbers above 15", () => {
  assert.equal(hex(new Message().float(2, 1.5)), "150000c03f");
  assert.equal(hex(new Message().string(1, "")), "0a00");
  assert.equal(hex(new Message().string(1, "é")), "0a02c3a9");
  assert.equal(hex(new Message().int(20, 7)), "a00107");
  assert.equal(hex(new Message()), "");
});

Deno.test("Message writes repeated messages one after another", () => {
  const items = [1, 2].map((value) => new Message().int(1, value));
  assert.equal(hex(new Message().messages(5, items)), "2a0208012a020802");
  assert.equal(hex(new Message().messages(5, [])), "");
});

Deno.test("Message writes what a reader reads back", () => {
  const long = new Uint8Array(300).fill(7);
  const bytes = new Message().int(1, 2 ** 40).bytes(2, long).finish();
  assert.deepEqual(readFields(bytes), [
    { field: 1, wireType: 0, value: 2n ** 40n },
    { field: 2, wireType: 2, value: long },
  ]);
});
