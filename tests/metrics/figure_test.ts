import assert from "node:assert/strict";
import { absent, known, meanFigure } from "../../lib/metrics/figure.ts";

Deno.test("meanFigure() leaves out absent figures and counts the others", () => {
  const figures = [known(0.5), absent("no good image"), known(1), known(0)];
  assert.deepEqual(meanFigure(figures), { value: 0.5, counted: 3 });
});

Deno.test("meanFigure() is null when no figure could be computed", () => {
  assert.deepEqual(meanFigure([absent("no good image")]), {
    value: null,
    counted: 0,
  });
});
