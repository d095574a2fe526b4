import assert from "node:assert/strict";
import * as ort from "onnxruntime-node";
import { emitFinish } from "../../../lib/detector/export_finish.ts";
import { GraphBuilder } from "../../../lib/graph/builder.ts";
import { BATCH } from "../../../lib/graph/shape.ts";
import {
  type AdaClipConfig,
  DEFAULT_CONFIG,
} from "../../../lib/methods/ada_clip/config.ts";
import { fusedScores } from "../../../lib/methods/ada_clip/score.ts";
import { scorePrograms } from "../../../lib/methods/ada_clip/score_programs.ts";
import type { HostArrays } from "../../../lib/methods/architecture.ts";
import { encodeOnnx } from "../../../lib/onnx/encode.ts";
import { Random } from "../../../lib/random.ts";

const WIDTH = 6;
const TAPS = 2;

/** What the network gives for images of so many patches. */
function randomOutputs(
  seed: string,
  { batch, patches, distinct = patches }: {
    batch: number;
    patches: number;
    /** How many different patches there are. */
    distinct?: number;
  },
): Record<string, Float32Array> {
  const random = new Random(seed);
  const draw = (size: number) =>
    Float32Array.from({ length: size }, () => random.about(1));
  const repeated = (width: number) => {
    const images = Array.from({ length: batch }, () => {
      const all = draw(distinct * width);
      return Array.from({ length: patches * width }, (_, i) => {
        const [patch, d] = [Math.floor(i / width), i % width];
        return all[(patch % distinct) * width + d]!;
      });
    });
    return Float32Array.from(images.flat());
  };
  const features = Array.from(
    { length: TAPS },
    (_, i) => [`feature_${i}`, repeated(WIDTH)] as const,
  );
  return {
    gap: repeated(1),
    ...Object.fromEntries(features),
    class: draw(batch * WIDTH),
    direction: draw(batch * WIDTH),
  };
}

/** The scores that an exported model computes from the same outputs. */
async function scoresOfPrograms(
  outputs: HostArrays,
  batch: number,
  config: AdaClipConfig,
): Promise<ArrayLike<number>> {
  const patches = outputs.gap!.length / batch;
  const shapeOf = (name: string) =>
    name === "gap"
      ? [patches]
      : name.startsWith("feature")
      ? [patches, WIDTH]
      : [WIDTH];
  const g = new GraphBuilder();
  const same = Object.keys(outputs).map((name) => {
    const fed = g.input(`fed ${name}`, [BATCH, ...shapeOf(name)], "wide");
    return [name, g.add(fed, 0)] as const;
  });
  // Every network has maps; these stand for none.
  const maps = { map: same[0]![1], logit_map: same[0]![1] };
  const graph = g.build({ ...maps, ...Object.fromEntries(same) });
  const bytes = encodeOnnx(graph, {
    precision: "f32",
    locate: (file) => file,
    weight: () => assert.fail("there are no weights"),
    finish: (emit) => emitFinish(emit, scorePrograms(config), graph),
  });
  const session = await ort.InferenceSession.create(bytes);
  const feeds = Object.entries(outputs).map(([name, data]) => {
    const shape = [batch, ...shapeOf(name)];
    return [`fed ${name}`, new ort.Tensor("float32", data, shape)] as const;
  });
  const { score_logit } = await session.run(Object.fromEntries(feeds));
  return score_logit!.data as Float32Array;
}

const CASES: Readonly<
  Record<string, {
    readonly config?: Partial<AdaClipConfig>;
    readonly patches?: number;
    readonly distinct?: number;
    /**
     * What the images are drawn by.
     *
     * @default {the name of the case}
     */
    readonly images?: string;
  }>
> = {
  published: {},
  "in the order of rank": { config: { order: "rank" } },
  "farthest rows first": { config: { start: "farthest" } },
  "without k-means": { config: { start: "one" } },
  "one cluster": { config: { clusters: 1, perCluster: 3 } },
  "fewer patches than rows": { patches: 9 },
  "fewer patches than clusters": { config: { clusters: 12 }, patches: 9 },
  "clusters that stay empty": { distinct: 3 },
  // In one of these images two candidates tie but for rounding.
  "pairs of rows alone in their corner": {
    config: { clusters: 20, perCluster: 2 },
    patches: 25,
    images: "pairs 3",
  },
  "the same patch everywhere": { distinct: 1 },
  "equal patches, farthest first": {
    config: { start: "farthest" },
    distinct: 4,
  },
};

for (const [name, one] of Object.entries(CASES)) {
  const { config, patches = 30, distinct, images = name } = one;
  Deno.test(`scorePrograms() computes what the host does: ${name}`, async () => {
    const choices = {
      ...DEFAULT_CONFIG,
      clusters: 5,
      perCluster: 4,
      ...config,
    };
    const batch = 8;
    const outputs = randomOutputs(images, {
      batch,
      patches,
      ...distinct !== undefined && { distinct },
    });
    const wanted = fusedScores(outputs, batch, choices).score_logit;
    const found = await scoresOfPrograms(outputs, batch, choices);
    wanted.forEach((logit, i) => {
      assert.ok(
        Math.abs(found[i]! - logit) < 1e-5,
        `${found[i]} is not ${logit}`,
      );
    });
  });
}
