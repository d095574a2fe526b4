import { GraphBuilder } from "../../lib/graph/builder.ts";
import { BATCH } from "../../lib/graph/shape.ts";
import type { ModelDirectory } from "../../lib/methods/model_directory.ts";
import {
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../contract/numbers.ts";
import {
  APRIL_GAN_GOLDENS,
  type PromptedGolden,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";
import { runGraph } from "../onnx/run_graph.ts";
import { assertDetected } from "./assert_prompted.ts";
import { expectedFewShot, goodPhotographs } from "./few_shot.ts";
import { openPrompted, photographBytes } from "./prompted.ts";

async function featuresOf(
  { architecture, weights }: ModelDirectory,
  { rgb, text }: { rgb: Numbers; text: Numbers },
): Promise<NamedNumbers> {
  const g = new GraphBuilder();
  const graph = g.build({ ...architecture.goodImages!.features(g) });
  const count = rgb.shape[0]!;
  const rows = Array(count).fill(Array.from(text.data)).flat();
  const feeds = { rgb, text: numbers([count, ...text.shape], rows) };
  return await runGraph(graph, { feeds, weights });
}

async function detected(
  model: ModelDirectory,
  { found, kept }: { found: NamedNumbers; kept: NamedNumbers },
): Promise<NamedNumbers> {
  const rules = model.architecture.goodImages!;
  const g = new GraphBuilder();
  const features = Object.entries(found).map(([name, { shape }]) => {
    const free = [BATCH, ...shape.slice(1)];
    return [name, g.input(name, free, "wide")] as const;
  });
  const banks = [...rules.banks.keys()].map((name) => {
    const { shape, data } = kept[name]!;
    const flat = [shape[0]! * shape[1]!, shape[2]!];
    return [name, g.constant(data, flat, "wide")] as const;
  });
  const values = rules.join(g, Object.fromEntries(features), {
    banks: Object.fromEntries(banks),
    smooth: 0,
  });
  return await runGraph(g.build({ ...values }), { feeds: found });
}

async function assertFewShot(golden: PromptedGolden): Promise<void> {
  await using opened = await openPrompted(golden);
  const { model } = opened;
  const { text, map, score } = await expectedFewShot(golden);
  const rgb = await photographBytes(golden.side);
  const good = goodPhotographs(rgb);
  const found = await featuresOf(model, { rgb, text });
  const kept = await featuresOf(model, { rgb: good, text });
  const result = await detected(model, { found, kept });
  assertDetected(result, { map, score }, 1e-4);
}

for (const golden of [...WINCLIP_GOLDENS, ...APRIL_GAN_GOLDENS]) {
  Deno.test(`goodImages of ${golden.method} ${golden.name} equal the specification`, async () => {
    await assertFewShot(golden);
  });
}
