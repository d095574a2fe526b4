import assert from "node:assert/strict";
import { Exceedance, scoresNeeded } from "../../lib/metrics/exceedance.ts";
import { Random } from "../../lib/random.ts";

/** The mean rate at which further scores reach a threshold. */
function meanRate(
  { quantile, rateAbove }: {
    readonly quantile: (u: number) => number;
    readonly rateAbove: (score: number) => number;
  },
  { count, chance }: { readonly count: number; readonly chance: number },
): number {
  const random = new Random(`exceedance ${count} ${chance}`);
  const runs = 2000;
  let sum = 0;
  for (let run = 0; run < runs; run++) {
    const scores = Array.from(
      { length: count },
      () => quantile(random.between(0, 1)),
    );
    sum += rateAbove(new Exceedance(scores).scoreOf(chance));
  }
  return sum / runs;
}

const GUMBEL = {
  quantile: (u: number) => -Math.log(-Math.log(u)),
  rateAbove: (score: number) => 1 - Math.exp(-Math.exp(-score)),
};

const UNIFORM = {
  quantile: (u: number) => u,
  rateAbove: (score: number) => Math.min(Math.max(1 - score, 0), 1),
};

Deno.test("Exceedance.scoreOf() is reached at the rate asked for, on average", () => {
  for (const law of [GUMBEL, UNIFORM]) {
    for (const chance of [0.05, 0.2]) {
      const rate = meanRate(law, { count: 50, chance });
      assert.ok(Math.abs(rate - chance) < 0.1 * chance, `${rate}`);
    }
  }
});

Deno.test("Exceedance.scoreOf() holds the rate beyond the largest score", () => {
  for (const [count, chance] of [[50, 0.01], [10, 0.05], [10, 0.01]] as const) {
    const rate = meanRate(GUMBEL, { count, chance });
    assert.ok(rate < 1.3 * chance, `${count} ${chance}: ${rate}`);
    assert.ok(rate > 0.3 * chance, `${count} ${chance}: ${rate}`);
  }
});

Deno.test("Exceedance.chanceOf() is the inverse of scoreOf()", () => {
  const random = new Random("inverse");
  const scores = Array.from({ length: 30 }, () => random.between(0, 1));
  const exceedance = new Exceedance(scores);
  for (const chance of [0.9, 0.5, 0.2, 0.04]) {
    const back = exceedance.chanceOf(exceedance.scoreOf(chance));
    assert.ok(Math.abs(back - chance) < 1e-8, `${back} is not ${chance}`);
  }
});

Deno.test("Exceedance.chanceOf() falls and stays between 0 and 1", () => {
  const exceedance = new Exceedance([1, 2, 2, 3, 10]);
  const values = [-5, 0, 1, 1.5, 2, 2.5, 3, 9, 10, 10.1, 20, 1000];
  const chances = values.map((value) => exceedance.chanceOf(value));
  assert.deepEqual(chances, chances.toSorted((a, b) => b - a));
  assert.ok(chances.every((chance) => chance > 0 && chance < 1));
});

Deno.test("Exceedance takes equal scores", () => {
  const exceedance = new Exceedance([1, 1, 1]);
  assert.equal(exceedance.scoreOf(0.5), 1);
  assert.ok(exceedance.scoreOf(0.01) > 1);
  assert.ok(exceedance.chanceOf(1.1) < 0.01);
});

Deno.test("Exceedance refuses too few scores and NaN", () => {
  assert.throws(() => new Exceedance([1]), RangeError);
  assert.throws(() => new Exceedance([1, NaN]), RangeError);
});

Deno.test("scoresNeeded() is the least number that tells of a chance", () => {
  assert.deepEqual([0.05, 0.01, 0.1, 0.3].map(scoresNeeded), [19, 99, 9, 3]);
});
