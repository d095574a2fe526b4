import assert from "node:assert/strict";
import { enterTower } from "../../../lib/clip/vision_transformer.ts";
import { embedPatches } from "../../../lib/clip/vision_transformer.ts";
import { GraphBuilder } from "../../../lib/graph/builder.ts";
import {
  anomalyMap,
  channel,
  readDetection,
} from "../../../lib/methods/anomaly_map.ts";
import { DEFAULT_CONFIG } from "../../../lib/methods/mfp_clip/config.ts";
import { textFeatures } from "../../../lib/methods/mfp_clip/image_to_text_prompting.ts";
import { promptWithMask } from "../../../lib/methods/mfp_clip/mask_prompting.ts";
import { patchFeatures } from "../../../lib/methods/mfp_clip/multi_patch_feature_aggregation.ts";
import {
  promptBlock,
  visualPrompts,
} from "../../../lib/methods/mfp_clip/self_prompting.ts";
import { assertNumbers, numbers } from "../../contract/numbers.ts";
import { runGraph } from "../../onnx/run_graph.ts";
import {
  expectedOf,
  goldenNamed,
  idsFor,
  openGolden,
  rgbOf,
} from "./goldens.ts";
import { firstOf, insideOf, RECORDED, runModule } from "./modules.ts";
import { normaliseImage } from "./normalise.ts";

Deno.test("textFeatures() equals the specification in both fusions", async () => {
  for (const name of ["feature", "token_stages2", "token_drop_n1", "gelu"]) {
    const golden = goldenNamed(name);
    const category = golden.categories.at(-1)!;
    const { cnn, text } = await expectedOf(golden, category);
    await using opened = await openGolden(golden);
    const { ids, longestEnd } = idsFor(opened.model, Array(3).fill(category));
    const fed = {
      ids: { numbers: ids, type: "int" },
      cnn: { numbers: cnn! },
    } as const;
    for (const length of [ids.shape[2]!, longestEnd + 1]) {
      const y = await runModule(
        name,
        fed,
        (g, of, { clip, config }) =>
          textFeatures(g, { ids: of("ids"), cnn: of("cnn") }, {
            clip,
            config,
            length,
          }),
      );
      const label = `${name}, ${length} positions`;
      assertNumbers(y, text!, { tolerance: 2e-6, label });
    }
  }
});

Deno.test("visualPrompts() equals the specification", async () => {
  for (const name of RECORDED) {
    const golden = goldenNamed(name);
    const { cnn } = await expectedOf(golden, golden.categories[0]!);
    const { prompts } = await insideOf(name);
    const y = await runModule(
      name,
      { cnn: { numbers: firstOf(cnn!) } },
      (g, of, sizes) => visualPrompts(g, of("cnn"), sizes),
    );
    assertNumbers(y, prompts!, { tolerance: 1e-5, label: name });
  }
});

/** The tokens of each block when one token and one prompt go through four. */
async function promptedTokens(
  spStages: number,
  spAfter: "keep" | "drop",
): Promise<number[][]> {
  const g = new GraphBuilder();
  const prompts = g.input("prompts", [1, 1, 1], "float");
  const config = { ...DEFAULT_CONFIG, taps: [2, 3, 4], spStages, spAfter };
  const entering: Record<string, typeof prompts> = {};
  let x = g.input("x", [1, 1, 1], "float");
  for (let block = 1; block <= 4; block++) {
    x = promptBlock(g, x, { prompts, block, count: 1, config });
    entering[block] = g.multiply(x, 1);
    // A block, as it were: ten times the number of tokens.
    x = g.multiply(x, 10);
  }
  const feeds = {
    x: numbers([1, 1, 1], [1]),
    prompts: numbers([1, 1, 1], [7]),
  };
  const seen = await runGraph(g.build(entering), { feeds });
  return Object.values(seen).map(({ data }) => Array.from(data));
}

Deno.test("promptBlock() refreshes prompts from block 2 to the end of their stages", async () => {
  assert.deepEqual(await promptedTokens(1, "keep"), [
    [1],
    [10, 7],
    [100, 70],
    [1000, 700],
  ]);
  assert.deepEqual(await promptedTokens(2, "keep"), [
    [1],
    [10, 7],
    [100, 7],
    [1000, 70],
  ]);
});

Deno.test("promptBlock() drops prompts after their stages", async () => {
  assert.deepEqual(await promptedTokens(1, "drop"), [
    [1],
    [10, 7],
    [100],
    [1000],
  ]);
  assert.deepEqual(await promptedTokens(3, "drop"), [
    [1],
    [10, 7],
    [100, 7],
    [1000, 7],
  ]);
});

Deno.test("promptWithMask() equals the specification", async () => {
  for (const name of RECORDED) {
    const golden = goldenNamed(name);
    const rgb = firstOf(await rgbOf(golden));
    const { coarse } = await expectedOf(golden, golden.categories[0]!);
    const { masked_tokens: expected } = await insideOf(name);
    const y = await runModule(
      name,
      {
        image: { numbers: normaliseImage(rgb) },
        coarse: { numbers: firstOf(coarse!), type: "wide" },
      },
      (g, of, { clip: { vision } }) => {
        const [image, coarse] = [of("image"), of("coarse")];
        const patches = embedPatches(g, image, vision);
        const prompted = promptWithMask(g, patches, { image, coarse, vision });
        return enterTower(g, prompted, vision);
      },
    );
    assertNumbers(y, expected!, { tolerance: 2e-5, label: name });
  }
});

Deno.test("patchFeatures() equals the specification for windows of 3 and 5", async () => {
  for (const name of ["feature", "drop_stages2_n5", "scale", "gelu"]) {
    const inside = await insideOf(name);
    const y = await runModule(
      name,
      { patches: { numbers: inside.tap! } },
      (g, of, { clip, config }) =>
        patchFeatures(g, of("patches"), { tap: 1, clip, config }),
    );
    assertNumbers(y, inside["features.1"]!, { tolerance: 2e-6, label: name });
  }
});

Deno.test("anomalyMap() equals the specification", async () => {
  for (const name of RECORDED) {
    const golden = goldenNamed(name);
    const inside = await insideOf(name);
    const { text } = await expectedOf(golden, golden.categories[0]!);
    const taps = Object.keys(inside).filter((key) =>
      key.startsWith("features")
    );
    const fed = Object.fromEntries(
      taps.map((key) => [key, { numbers: inside[key]! }]),
    );
    const y = await runModule(
      name,
      { ...fed, text: { numbers: firstOf(text!) } },
      (g, of, { config }) => {
        const scale = config.logitScale === null
          ? g.exp(g.parameter("logit_scale", []))
          : g.constant([config.logitScale], []);
        return anomalyMap(g, taps.map(of), {
          text: of("text"),
          scale: g.cast(scale, "wide"),
          side: config.imageSize,
        });
      },
    );
    assertNumbers(y, inside.probabilities!, { tolerance: 1e-5, label: name });
  }
});

Deno.test("readDetection() reads map, logits and their maxima", async () => {
  const g = new GraphBuilder();
  const probabilities = g.input("p", [-1, 2, 2, 2], "wide");
  const values = readDetection(g, probabilities, 0);
  const abnormal = [[0.25, 0.5, 0.75, 0.125], [0, 1, 0.5, 0.5]];
  const data = abnormal.flatMap((m) => [...m.map((p) => 1 - p), ...m]);
  const feeds = { p: numbers([2, 2, 2, 2], data) };
  const seen = await runGraph(g.build({ ...values }), { feeds });
  const tiny = Math.log(1e-30);
  const logits = abnormal.flat().map((p) =>
    (p === 0 ? tiny : Math.log(p)) - (p === 1 ? tiny : Math.log(1 - p))
  );
  const tolerance = 1e-6;
  assertNumbers(seen.map, numbers([2, 2, 2], abnormal.flat()), { tolerance });
  assertNumbers(seen.logit_map, numbers([2, 2, 2], logits), { tolerance });
  assertNumbers(seen.score, numbers([2], [0.75, 1]), { tolerance });
  const highest = [Math.log(3), -tiny];
  assertNumbers(seen.score_logit, numbers([2], highest), { tolerance });
});

Deno.test("channel() takes one state of every image", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", [-1, 2, 1, 1], "wide");
  const graph = g.build({
    normal: channel(g, x, 0),
    abnormal: channel(g, x, 1),
  });
  const feeds = { x: numbers([2, 2, 1, 1], [1, 2, 3, 4]) };
  const { normal, abnormal } = await runGraph(graph, { feeds });
  assertNumbers(normal, numbers([2, 1, 1], [1, 3]), { tolerance: 0 });
  assertNumbers(abnormal, numbers([2, 1, 1], [2, 4]), { tolerance: 0 });
});
