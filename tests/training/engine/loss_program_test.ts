import assert from "node:assert/strict";
import {
  differentiate,
  gradientName,
  lossProgram,
} from "../../../lib/training/engine/loss_program.ts";
import { trainableNames } from "../../../lib/training/trainable.ts";
import {
  goldenModelNamed,
  gradientCases,
} from "../../golden/training/training_golden.ts";
import { openFloat64 } from "../../graph/float64_program.ts";
import { lower } from "../../graph/lowered.ts";
import { assertGradients, feedsOf, openCase } from "../cases.ts";

const CASES = await gradientCases();

/** All modules on and off, both fusions, N of 1, 3 and 5, 1 to 3 stages. */
const NAMES = [
  "abnormal",
  "token_stages2",
  "drop_stages2_n5",
  "no_sp",
  "plain",
  "gelu",
];

/** Without float32's rounding errors, which are some 1e-5 of a gradient. */
const TOLERANCE = 1e-10;

for (const name of NAMES) {
  Deno.test(`differentiate() gives the specification's gradients in float64 for ${name}`, async () => {
    const golden = CASES[name]!;
    await using folder = await goldenModelNamed(golden.model);
    const opened = await openCase(folder.path, golden);
    const { model: { architecture, weights }, textLength } = opened;
    const trainable = trainableNames(architecture, ["head"]);
    const program = lossProgram(architecture, { textLength, trainable });
    const { graph } = differentiate(program, { recompute: false });
    await using session = await openFloat64(lower(graph), {
      weights,
      folder: folder.path,
      batch: 3,
    });
    const found = await session.run(feedsOf(opened));
    const loss = found.loss![0]!;
    assert(Math.abs(loss / golden.loss - 1) < TOLERANCE, `${loss}`);
    const gradients = program.parameters.map(({ name }) =>
      [name, found[gradientName(name)]!] as const
    );
    assertGradients(new Map(gradients), golden.gradients, TOLERANCE);
  });
}
