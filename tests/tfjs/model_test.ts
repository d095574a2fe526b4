import { evaluateGraph } from "./evaluate.ts";
import { GOLDENS } from "../golden/mfp_clip/golden.ts";
import {
  expectedOf,
  idsFor,
  openGolden,
  rgbOf,
  wholeModel,
} from "../methods/mfp_clip/goldens.ts";
import { assertAsExpected } from "../methods/mfp_clip/whole_model.ts";
import { BACKENDS, fed, testOnBackends } from "./backends.ts";
import { readParameters } from "./parameters.ts";

/** Which backends look at which models, as all would take long. */
const ON: Readonly<Record<"cpu" | "wasm", readonly string[]>> = {
  cpu: ["scale", "gelu"],
  wasm: ["feature", "token_stages2", "drop_stages2_n5", "no_mp", "scale"],
};

for (const golden of GOLDENS) {
  const name = `evaluateGraph() equals the specification: ${golden.name}`;
  const backends = BACKENDS.filter((backend) =>
    (backend !== "cpu" && backend !== "wasm") ||
    ON[backend].includes(golden.name)
  );
  testOnBackends(name, backends, async () => {
    await using opened = await openGolden(golden);
    const { model, weights } = opened;
    const [category = ""] = golden.categories;
    const { ids } = idsFor(model, Array(3).fill(category));
    const graph = wholeModel(model);
    const actual = await evaluateGraph(graph, {
      feeds: fed({ rgb: await rgbOf(golden), ids }),
      parameter: await readParameters(graph, weights),
    });
    assertAsExpected(actual, await expectedOf(golden, category), category);
  });
}
