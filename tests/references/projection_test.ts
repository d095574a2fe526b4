import assert from "node:assert/strict";
import { featureCount, projectViews } from "../../lib/references/projection.ts";
import { Moments } from "../../lib/references/statistics.ts";
import { scattered } from "../contract/numbers.ts";

function moments(rows: number, width: number, scale: number): Moments {
  const measured = new Moments(width);
  const numbers = scattered(rows * width, 3).map((x) => 5 + scale * x);
  measured.add(Float32Array.from(numbers));
  return measured;
}

Deno.test("projectViews() gives each view the same variance, and is orthogonal", () => {
  const views = [[moments(50, 8, 1)], [moments(50, 8, 100)]];
  const { weight } = projectViews(views, 6);
  const scales = views.map(([view]) =>
    Math.sqrt(view!.variances().reduce((a, b) => a + b))
  );
  const row = (i: number) =>
    Array.from(
      { length: 16 },
      (_, j) => weight[i * 16 + j]! * scales[Math.floor(j / 8)]!,
    );
  for (let i = 0; i < 6; i++) {
    for (let k = 0; k <= i; k++) {
      const product = row(i).reduce((sum, x, j) => sum + x * row(k)[j]!, 0);
      // Six of sixteen dimensions are left, so that lengths stay on average.
      assert(Math.abs(product - (i === k ? 16 / 6 : 0)) < 1e-5);
    }
  }
});

Deno.test("projectViews() centres features on the mean of the good patches", () => {
  const taps = [[moments(20, 2, 2), moments(20, 2, 3)], [
    moments(40, 2, 0.1),
    moments(40, 2, 0.2),
  ]] as const;
  const views = [[taps[0][0], taps[1][0]], [taps[0][1], taps[1][1]]];
  const { weight, bias } = projectViews(views, 3);
  const means = taps.flat().flatMap((view) => [...view.means()]);
  for (let i = 0; i < 3; i++) {
    const sum = means.reduce((s, x, j) => s + x * weight[i * 8 + j]!, bias[i]!);
    assert(Math.abs(sum) < 1e-4);
  }
});

Deno.test("featureCount() grows with the tower, and is never more than the views", () => {
  assert.equal(featureCount({ grid: 14, width: 8, taps: 2 }), 64);
  assert.equal(featureCount({ grid: 14, width: 96, taps: 2 }), 96);
  assert.equal(featureCount({ grid: 14, width: 768, taps: 2 }), 512);
});
