import { deepEqual, equal } from "node:assert/strict";
import { meanOf } from "../../lib/results/summary.ts";
import { categoryOf } from "../report/sample_report.ts";

Deno.test("meanOf() averages each metric over the categories that have it", () => {
  const { mean, counted } = meanOf({
    bottle: categoryOf(0.25),
    cable: categoryOf(0.75, { aupro: null }),
    grid: categoryOf(null, { p_ap: 1 }),
  });
  deepEqual(mean, {
    i_auroc: 0.5,
    i_ap: 0.5,
    i_f1max: 0.5,
    p_auroc: 0.5,
    p_ap: 2 / 3,
    p_f1max: 0.5,
    aupro: 0.25,
    aupro_200: 0.5,
  });
  deepEqual(counted, {
    i_auroc: 2,
    i_ap: 2,
    i_f1max: 2,
    p_auroc: 2,
    p_ap: 3,
    p_f1max: 2,
    aupro: 1,
    aupro_200: 2,
  });
});

Deno.test("meanOf() gives null, not 0 or NaN, when no category has a metric", () => {
  const { mean, counted } = meanOf({ bottle: categoryOf(null) });
  equal(mean.i_auroc, null);
  equal(counted.i_auroc, 0);
});
