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
import {
  expectedPrompted,
  mirrored,
  openPrompted,
  photographBytes,
} from "./prompted.ts";

/** What the published map is divided by, where that is not 1. */
const DIVISORS: Readonly<Record<string, number>> = {
  zqhang: 2,
  published: 12,
  checkpoint: 6,
  mean: 3,
  one_tap: 7,
};

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

/** Images [3, H, H, 3] 0 and 2. */
function firstAndLast({ shape, data }: Numbers): Numbers {
  const all = Array.from(data);
  const size = all.length / 3;
  const rows = [...all.slice(0, size), ...all.slice(2 * size)];
  return numbers([2, ...shape.slice(1)], rows);
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

/** APRIL-GAN's published score needs all images; ours is a mean. */
function meanScores(token: Numbers, map: Numbers): Numbers {
  const size = map.data.length / 3;
  const scores = Array.from(token.data, (score, i) => {
    const own = Array.from(map.data).slice(i * size, (i + 1) * size);
    return (score + Math.max(...own)) / 2;
  });
  return numbers([3], scores);
}

async function assertFewShot(golden: PromptedGolden): Promise<void> {
  await using opened = await openPrompted(golden);
  const { model } = opened;
  const isWinClip = golden.method === "winclip";
  const names = ["text", "score", "few_map", ...isWinClip ? ["few_score"] : []];
  const category = golden.categories[0]!;
  const expected = await expectedPrompted(golden, category, names);
  const { text, score, few_map, few_score } = expected;
  const rgb = await photographBytes(golden.side);
  const good = mirrored(firstAndLast(rgb));
  const found = await featuresOf(model, { rgb, text: text! });
  const kept = await featuresOf(model, { rgb: good, text: text! });
  const result = await detected(model, { found, kept });
  const divisor = DIVISORS[golden.name] ?? 1;
  const data = Array.from(few_map!.data, (x) => x / divisor);
  const map = numbers(few_map!.shape, data);
  const scores = few_score ?? meanScores(score!, map);
  assertDetected(result, { map, score: scores }, 1e-4);
}

for (const golden of [...WINCLIP_GOLDENS, ...APRIL_GAN_GOLDENS]) {
  Deno.test(`goodImages of ${golden.method} ${golden.name} equal the specification`, async () => {
    await assertFewShot(golden);
  });
}
