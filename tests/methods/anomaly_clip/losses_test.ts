import {
  differentiate,
  gradientName,
  lossProgram,
} from "../../../lib/training/engine/loss_program.ts";
import {
  assertNumbers,
  type Numbers,
  numbers,
} from "../../contract/numbers.ts";
import { ANOMALY_CLIP_GOLDENS } from "../../golden/prompted_clips/golden.ts";
import { runGraph } from "../../onnx/run_graph.ts";
import { openPrompted, photographBytes } from "../prompted.ts";
import {
  expectedTraining,
  LABELS,
  trainedNames,
  trainingIds,
} from "./training_golden.ts";

function relative({ shape, data }: Numbers, scale: number): Numbers {
  return numbers(shape, Array.from(data, (x) => x / scale));
}

for (const golden of ANOMALY_CLIP_GOLDENS) {
  Deno.test(`losses of AnomalyCLIP and their gradients equal the specification: ${golden.name}`, async () => {
    await using opened = await openPrompted(golden);
    const { model } = opened;
    const { architecture, weights } = model;
    const names = trainedNames(model);
    const expected = await expectedTraining(golden, "grad", names);
    const { textLength, ids } = trainingIds(model);
    const trainable = new Set(names);
    const program = lossProgram(architecture, { textLength, trainable });
    const options = { recompute: false };
    const graph = names.length === 0
      ? program.g.build({ loss: program.loss })
      : differentiate(program, options).graph;
    const feeds = {
      rgb: await photographBytes(golden.side),
      ids,
      mask: expected.mask!,
      label: numbers([LABELS.length], LABELS),
    };
    const found = await runGraph(graph, { feeds, weights });
    const loss = expected.losses!.data[0]!;
    assertNumbers(relative(found.loss!, loss), numbers([], [1]), {
      tolerance: 1e-5,
      label: "loss",
    });
    // Gradients that are rounded to float16 may round the other way.
    const tolerance = architecture.choices.half_prompts ? 1e-3 : 1e-4;
    for (const name of names) {
      const wanted = expected[`grad.${name}`]!;
      const scale = Math.max(...Array.from(wanted.data, Math.abs));
      const label = `gradient of ${name}`;
      const actual = relative(found[gradientName(name)]!, scale);
      assertNumbers(actual, relative(wanted, scale), { tolerance, label });
    }
  });
}
