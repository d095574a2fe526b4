import assert from "node:assert/strict";
import { GraphBuilder } from "../../../lib/graph/builder.ts";
import {
  cutWindows,
  spreadWindows,
  windowTokens,
} from "../../../lib/methods/winclip/windows.ts";
import { assertNumbers, numbers, scattered } from "../../contract/numbers.ts";
import { runGraph } from "../../onnx/run_graph.ts";

const WINDOWS = { grid: 3, side: 2 };

Deno.test("windowTokens() lists the class token and the patches, row by row", () => {
  assert.deepEqual(windowTokens(WINDOWS), [
    [0, 1, 2, 4, 5],
    [0, 2, 3, 5, 6],
    [0, 4, 5, 7, 8],
    [0, 5, 6, 8, 9],
  ]);
  const whole = windowTokens({ grid: 3, side: 3 });
  assert.deepEqual(whole, [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
});

Deno.test("cutWindows() keeps the windows of an image together", async () => {
  const x = numbers([2, 10, 2], scattered(40));
  const g = new GraphBuilder();
  const y = cutWindows(g, g.input("x", [-1, 10, 2], "float"), WINDOWS);
  assert.deepEqual(y.shape, [-4, 5, 2]);
  const expected = [0, 1].flatMap((image) =>
    windowTokens(WINDOWS).flat().flatMap((token) =>
      [0, 1].map((i) => x.data[(image * 10 + token) * 2 + i]!)
    )
  );
  const found = await runGraph(g.build({ y }), { feeds: { x } });
  assertNumbers(found.y, numbers([8, 5, 2], expected), { tolerance: 1e-7 });
});

Deno.test("spreadWindows() averages the windows that hold a patch", async () => {
  const x = numbers([1, 4], [1, 2, 4, 8]);
  const g = new GraphBuilder();
  const y = spreadWindows(g, g.input("x", [-1, 4], "wide"), WINDOWS);
  const found = await runGraph(g.build({ y }), { feeds: { x } });
  const expected = [1, 1.5, 2, 2.5, 3.75, 5, 4, 6, 8];
  assertNumbers(found.y, numbers([1, 9], expected), { tolerance: 1e-6 });
});
