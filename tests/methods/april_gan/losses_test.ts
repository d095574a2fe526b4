import { gradients } from "../../../lib/graph/backward.ts";
import { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Graph } from "../../../lib/graph/graph.ts";
import type { ModelDirectory } from "../../../lib/methods/model_directory.ts";
import {
  assertNumbers,
  type NamedNumbers,
  numbers,
} from "../../contract/numbers.ts";
import {
  APRIL_GAN_GOLDENS,
  promptedExpected,
} from "../../golden/prompted_clips/golden.ts";
import { runGraph } from "../../onnx/run_graph.ts";
import { readNumbers } from "../mfp_clip/goldens.ts";
import {
  expectedPrompted,
  openPrompted,
  photographBytes,
} from "../prompted.ts";

function lossGraph({ architecture }: ModelDirectory): Graph {
  const g = new GraphBuilder();
  const { total } = architecture.training!.losses(g, { textLength: 1 });
  const { headShapes } = architecture;
  const wrt = [...headShapes].map(([name, shape]) => g.parameter(name, shape));
  const found = gradients(g, total, { wrt });
  const outputs = wrt.map(({ name }, i) =>
    [`grad.${name}`, found[i]!] as const
  );
  return g.build({ loss: total, ...Object.fromEntries(outputs) });
}

/** Largest element, so that errors are relative to their tensor. */
function scaleOf({ data }: NamedNumbers[string]): number {
  return Math.max(...Array.from(data, Math.abs));
}

for (const golden of APRIL_GAN_GOLDENS) {
  Deno.test(`losses of APRIL-GAN and their gradients equal the specification: ${golden.name}`, async () => {
    await using opened = await openPrompted(golden);
    const { model } = opened;
    const category = golden.categories[0]!;
    const { text } = await expectedPrompted(golden, category, ["text"]);
    const names = [...model.architecture.headShapes.keys()].map((name) =>
      `grad.${name}`
    );
    const expected = await readNumbers(
      promptedExpected(golden, "training"),
      ["losses", "mask", ...names],
    );
    const rows = Array(3).fill(Array.from(text!.data)).flat();
    const feeds = {
      rgb: await photographBytes(golden.side),
      text: numbers([3, ...text!.shape], rows),
      mask: expected.mask!,
    };
    const { weights } = model;
    const found = await runGraph(lossGraph(model), { feeds, weights });
    const loss = numbers([], [expected.losses!.data[0]!]);
    assertNumbers(found.loss, loss, { tolerance: 1e-5, label: "loss" });
    for (const name of names) {
      const scale = scaleOf(expected[name]!);
      const relative = ({ shape, data }: NamedNumbers[string]) =>
        numbers(shape, Array.from(data, (x) => x / scale));
      const wanted = relative(expected[name]!);
      const options = { tolerance: 1e-4, label: name };
      assertNumbers(relative(found[name]!), wanted, options);
    }
  });
}
