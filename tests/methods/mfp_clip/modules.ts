/**
 * Single modules of golden models, held to values inside the specification.
 *
 * @module
 */
import { mfpClipSizes } from "../../../lib/methods/mfp_clip/architecture.ts";
import {
  openSafetensors,
  readTensor,
} from "../../../lib/checkpoint/safetensors.ts";
import { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Value } from "../../../lib/graph/graph.ts";
import type { ModelSizes } from "../../../lib/methods/mfp_clip/model.ts";
import {
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../../contract/numbers.ts";
import { runGraph } from "../../onnx/run_graph.ts";
import { goldenNamed, openGolden } from "./goldens.ts";

const PATH =
  `${import.meta.dirname}/../../golden/model_modules/modules.safetensors`;

/** Models whose inner values are stored. */
export const RECORDED = ["feature", "scale", "gelu"] as const;

/** What the specification holds within a model, on the first photograph. */
export async function insideOf(name: string): Promise<NamedNumbers> {
  const file = await openSafetensors(PATH);
  const own = [...file.tensors].filter(([key]) => key.startsWith(`${name}.`));
  const values = own.map(async ([key, { shape }]) =>
    [
      key.slice(name.length + 1),
      numbers(shape, await readTensor(file, key)),
    ] as const
  );
  return Object.fromEntries(await Promise.all(values));
}

/** The first of a batch. */
export function firstOf({ shape: [, ...rest], data }: Numbers): Numbers {
  const size = rest.reduce((product, n) => product * n, 1);
  return numbers([1, ...rest], Array.from(data).slice(0, size));
}

/** Numbers that a module reads, and of what element type. */
export interface Fed {
  readonly numbers: Numbers;
  /** @default {"float"} */
  readonly type?: Value["type"];
}

/** Runs a module of a golden model on tensors with a batch in front. */
export async function runModule(
  name: string,
  fed: Readonly<Record<string, Fed>>,
  build: (
    g: GraphBuilder,
    of: (name: string) => Value,
    sizes: ModelSizes,
  ) => Value,
): Promise<Numbers> {
  await using golden = await openGolden(goldenNamed(name));
  const g = new GraphBuilder();
  const values = new Map(
    Object.entries(fed).map(([key, { numbers: { shape }, type = "float" }]) => [
      key,
      g.input(key, [-1, ...shape.slice(1)], type),
    ]),
  );
  const y = build(g, (key) => values.get(key)!, mfpClipSizes(golden.model));
  const feeds = Object.fromEntries(
    Object.entries(fed).map(([key, { numbers }]) => [key, numbers]),
  );
  const { weights } = golden;
  return (await runGraph(g.build({ y }), { feeds, weights })).y!;
}
