/**
 * The sizes of a CLIP model, read from its tensors.
 *
 * @see {@link https://github.com/openai/CLIP/blob/main/clip/model.py}, where
 * `build_model` does the same.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import type { Weights } from "../checkpoint/weights.ts";
import type { ClipConfig, HiddenAct, TowerConfig } from "./config.ts";
import { fromOpenaiNames, hasOpenaiNames } from "./openai_names.ts";

/** Width of an attention head in OpenAI's models. */
const HEAD_WIDTH = 64;

/** What the tensors do not determine. */
export interface ClipFacts {
  /** Activation of the MLPs. */
  readonly hiddenAct: HiddenAct;
  /**
   * Attention heads of the vision tower.
   *
   * @default {one for each 64 of its width}
   */
  readonly visionHeads?: number;
  /**
   * Attention heads of the text tower.
   *
   * @default {one for each 64 of its width}
   */
  readonly textHeads?: number;
}

/** Sizes of named tensors, as the model's names mean them. */
class Shapes {
  readonly #weights: Weights;

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  fail(reason: string): never {
    cannotLoad(
      this.#weights.path,
      `the sizes of the model cannot be read off it: ${reason}`,
    );
  }

  has(name: string): boolean {
    return this.#weights.tensors.has(name);
  }

  of(name: string, dimensions: number): readonly number[] {
    const entry = this.#weights.tensors.get(name);
    if (entry === undefined) this.fail(`tensor ${name} is missing`);
    const { shape, transposed } = entry;
    if (shape.length !== dimensions || shape.includes(0)) {
      this.fail(`tensor ${name} is [${shape.join(", ")}]`);
    }
    return transposed ? shape.toReversed() : shape;
  }
}

function towerConfig(
  shapes: Shapes,
  tower: { name: string; width: number; facts: ClipFacts; heads?: number },
): TowerConfig {
  const { name, width, facts, heads = Math.floor(width / HEAD_WIDTH) } = tower;
  const block = (i: number) => `${name}.encoder.layers.${i}`;
  let layers = 0;
  while (shapes.has(`${block(layers)}.layer_norm1.weight`)) layers++;
  if (heads < 1 || width % heads !== 0) {
    shapes.fail(`a width of ${width} does not divide into ${heads} heads`);
  }
  return {
    hiddenSize: width,
    intermediateSize: shapes.of(`${block(0)}.mlp.fc1.weight`, 2)[0]!,
    numHiddenLayers: layers,
    numAttentionHeads: heads,
    hiddenAct: facts.hiddenAct,
    layerNormEps: 1e-5,
  };
}

/**
 * Reads the sizes of a CLIP model from its tensors, for checkpoints without a
 * config.json.
 *
 * @param weights Tensors with the names of OpenAI, open_clip or Hugging Face.
 * @param facts What the tensors do not determine.
 * @throws {ModelError} If it is not a CLIP with a vision transformer.
 */
export function clipConfigFromShapes(
  weights: Weights,
  facts: ClipFacts,
): ClipConfig {
  const shapes: Shapes = new Shapes(
    hasOpenaiNames(weights) ? fromOpenaiNames(weights) : weights,
  );
  const vision = "vision_model.embeddings";
  const text = "text_model.embeddings";
  const [Dv, , patchSize] = shapes.of(`${vision}.patch_embedding.weight`, 4);
  const [tokens] = shapes.of(`${vision}.position_embedding.weight`, 2);
  const [vocabSize, Dw] = shapes.of(`${text}.token_embedding.weight`, 2);
  const [n] = shapes.of(`${text}.position_embedding.weight`, 2);
  const [Dt] = shapes.of("text_projection.weight", 2);
  const side = Math.sqrt(tokens! - 1);
  if (!Number.isInteger(side) || side === 0) {
    shapes.fail(`${tokens} positions are no square of patches and a class`);
  }
  const { visionHeads, textHeads } = facts;
  return {
    vision: {
      ...towerConfig(shapes, {
        name: "vision_model",
        width: Dv!,
        facts,
        ...visionHeads === undefined ? {} : { heads: visionHeads },
      }),
      imageSize: side * patchSize!,
      patchSize: patchSize!,
    },
    text: {
      ...towerConfig(shapes, {
        name: "text_model",
        width: Dw!,
        facts,
        ...textHeads === undefined ? {} : { heads: textHeads },
      }),
      vocabSize: vocabSize!,
      maxPositionEmbeddings: n!,
    },
    projectionDim: Dt!,
  };
}
