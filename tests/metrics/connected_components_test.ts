import assert from "node:assert/strict";
import {
  type Components,
  connectedComponents,
} from "../../lib/metrics/connected_components.ts";
import { COMPONENT_GOLDENS, unpack } from "./goldens.ts";

/** Region + 1 of each pixel, 0 where good. */
function paint(
  { starts, ends, regions }: Components,
  size: number,
): Uint8Array {
  const labels = new Uint8Array(size);
  for (const [run, region] of regions.entries()) {
    labels.fill(region + 1, starts[run]!, ends[run]!);
  }
  return labels;
}

function label(rows: string[]): string[] {
  const width = rows[0]!.length;
  const data = Uint8Array.from(rows.join(""), Number);
  const mask = { width, height: rows.length, data };
  const labels = paint(connectedComponents(mask), data.length);
  return rows.map((_, y) =>
    labels.subarray(y * width, (y + 1) * width).join("")
  );
}

for (const { width, height, labels, areas } of COMPONENT_GOLDENS) {
  const name = `${height} x ${width} with ${areas.length} regions`;
  Deno.test(`connectedComponents() equals scikit-image on ${name}`, () => {
    const expected = unpack(labels);
    const data = expected.map((label) => Math.min(label, 1));
    const components = connectedComponents({ width, height, data });
    assert.deepEqual(paint(components, data.length), expected);
    assert.deepEqual([...components.areas], areas);
  });
}

Deno.test("connectedComponents() joins regions that touch at a corner", () => {
  assert.deepEqual(label(["10100", "01000", "00010"]), [
    "10100",
    "01000",
    "00020",
  ]);
});

Deno.test("connectedComponents() does not join across the border", () => {
  assert.deepEqual(label(["0011", "0000", "1001", "1100"]), [
    "0011",
    "0000",
    "2003",
    "2200",
  ]);
});

Deno.test("connectedComponents() joins late what began apart", () => {
  assert.deepEqual(label(["1010101", "1010101", "1110111", "0001000"]), [
    "1010101",
    "1010101",
    "1110111",
    "0001000",
  ]);
});

Deno.test("connectedComponents() takes any byte but 0 as defective", () => {
  const data = Uint8Array.of(0, 255, 0, 2);
  const { areas } = connectedComponents({ width: 2, height: 2, data });
  assert.deepEqual([...areas], [2]);
});

Deno.test("connectedComponents() throws when data and size differ", () => {
  assert.throws(
    () => connectedComponents({ width: 3, height: 2, data: new Uint8Array(5) }),
    new TypeError(
      "Cannot label a mask as its data must have 3 x 2 pixels: " +
        "current value is 5",
    ),
  );
});
