/**
 * One run of a graph in TensorFlow.js.
 *
 * @module
 */
import type { Graph } from "../../lib/graph/graph.ts";
import {
  type GradientRequest,
  type LossAndGradients,
  TfjsProgram,
  type TfjsProgramOptions,
} from "../../lib/tfjs/tfjs_program.ts";
import type { ComputedTensors, FedTensors } from "../../lib/tfjs/tensors.ts";

/** Options of {@linkcode evaluateGraph}. */
export interface EvaluateOptions extends TfjsProgramOptions {
  /** Tensors for the inputs; they fix the batch size. */
  readonly feeds: FedTensors;
}

/**
 * Computes the outputs of a graph once; {@linkcode TfjsProgram} is for more.
 *
 * @throws {TypeError} If a fed tensor or a parameter does not fit.
 */
export async function evaluateGraph(
  graph: Graph,
  { feeds, ...options }: EvaluateOptions,
): Promise<ComputedTensors> {
  using program = new TfjsProgram(graph, options);
  return await program.evaluate(feeds);
}

/**
 * Computes the outputs of a graph and gradients of one of them once.
 *
 * @throws {TypeError} If a fed tensor or a parameter does not fit, or the loss
 * is not a scalar output that depends on each parameter.
 */
export async function lossAndGradients(
  graph: Graph,
  { feeds, loss, wrt, ...options }: EvaluateOptions & GradientRequest,
): Promise<LossAndGradients> {
  using program = new TfjsProgram(graph, options);
  return await program.lossAndGradients(feeds, { loss, wrt });
}
