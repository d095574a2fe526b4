import { deepEqual, equal } from "node:assert/strict";
import { countWrong, decide } from "../../lib/results/decision.ts";

Deno.test("decide() calls an image defective from the threshold on", () => {
  equal(decide({ label: 1, score_logit: 0.5 }, 0.5), "correct");
  equal(decide({ label: 1, score_logit: 0.49 }, 0.5), "missed");
  equal(decide({ label: 0, score_logit: 0.5 }, 0.5), "false alarm");
  equal(decide({ label: 0, score_logit: 0.49 }, 0.5), "correct");
});

Deno.test("decide() decides nothing without a label, a score or a threshold", () => {
  equal(decide({ label: null, score_logit: 1 }, 0), null);
  equal(decide({ label: 1, score_logit: null }, 0), null);
  equal(decide({ label: 1, score_logit: 1 }, null), null);
});

Deno.test("countWrong() counts both kinds of wrong decisions", () => {
  const scores = { good: [-2, 0, 1], defective: [-1, 0, 3], unlabelled: [9] };
  deepEqual(countWrong(scores, 0), { missed: 1, falseAlarms: 2 });
});
