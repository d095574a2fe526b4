/**
 * The text stage: the text tower learns to tell normal from abnormal sentences.
 *
 * With random weights both sentences have nearly the same features, so the
 * paper's losses have almost no gradient.
 *
 * @module
 */
import type { ClipConfig } from "../clip/config.ts";
import { embedTokens, encodeText } from "../clip/text_transformer.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { BATCH } from "../graph/shape.ts";
import { promptIdsInput } from "../methods/inputs.ts";
import type { LossProgram } from "../training/engine/loss_program.ts";

/** The target for the cosine between both states. */
const COSINE = -0.5;

/** Sum of x [B, k] over all, divided by the batch size: a scalar. */
function batchMean(g: GraphBuilder, x: Value): Value {
  const one = g.constant([1], [1, 1], x.type);
  const ones = g.broadcastTo(one, [BATCH, 1]);
  const mean = g.divide(g.reduceSum(x, [0, 1]), g.reduceSum(ones, [0, 1]));
  return g.reshape(mean, []);
}

/** Text features [B, S, Dt] of prompts [B, S, n], without I2TP. */
export function plainTextFeatures(
  g: GraphBuilder,
  ids: Value,
  { clip, length }: { clip: ClipConfig; length: number },
): Value {
  const tokens = g.slice(embedTokens(g, ids, clip.text), 2, 0, length);
  return g.scope("text", () => encodeText(g, tokens, { clip, ids }));
}

/**
 * Records the loss of a batch of names. It is the squared distance from -0.5 of
 * the cosine between normal and abnormal, plus the variance over names of the
 * step from normal to abnormal: all names should share one direction.
 *
 * @param textLength How many token positions enter the text tower.
 */
export function textProgram(
  clip: ClipConfig,
  textLength: number,
): LossProgram {
  const g = new GraphBuilder();
  const ids = promptIdsInput(g, clip);
  const features = plainTextFeatures(g, ids, { clip, length: textLength });
  const state = (s: number) =>
    g.reshape(g.slice(features, 1, s, s + 1), [BATCH, clip.projectionDim]);
  const [normal, abnormal] = [state(0), state(1)];
  const cosine = g.reduceSum(g.multiply(normal, abnormal), [1]); // [B, 1]
  const off = g.subtract(cosine, COSINE);
  const step = g.subtract(abnormal, normal); // [B, Dt]
  const one = g.broadcastTo(g.constant([1], [1, 1]), [BATCH, 1]);
  const shared = g.divide(g.reduceSum(step, [0]), g.reduceSum(one, [0]));
  const apart = g.subtract(step, shared);
  const spread = batchMean(g, g.multiply(apart, apart));
  const loss = g.add(batchMean(g, g.multiply(off, off)), spread);
  const parameters = g.build({ loss }).nodes
    .filter(({ primitive }) => primitive === "parameter")
    .map(({ output }) => output);
  const reports = { cosine: batchMean(g, cosine), spread };
  return { g, loss, reports, parameters };
}
