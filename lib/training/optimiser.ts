/**
 * Adam and AdamW, computed as in PyTorch.
 *
 * @module
 */

/** Name of a tensor -> its values in row-major order. */
export type NamedArrays = ReadonlyMap<string, Float32Array>;

/** Options of {@linkcode Adam}. */
export interface AdamOptions {
  /**
   * How much of the mean gradient is kept from step to step, beta 1.
   *
   * @default {0.9}
   */
  readonly firstBeta?: number;
  /**
   * Decoupled weight decay: each step takes away this share of a weight, times
   * the learning rate. A value above 0 makes it AdamW.
   *
   * @default {0}
   */
  readonly weightDecay?: number;
  /**
   * Which tensors decay.
   *
   * @default {all of them}
   */
  readonly decays?: (name: string) => boolean;
}

/** What Adam keeps from step to step. */
export interface AdamState {
  /** Finished steps. */
  readonly steps: number;
  /** Running means of the gradients. */
  readonly mean: NamedArrays;
  /** Running means of their squares. */
  readonly square: NamedArrays;
}

const FIRST_BETA = 0.9;
const SECOND_BETA = 0.999;
const EPSILON = 1e-8;

function zeros(parameters: NamedArrays): Map<string, Float32Array> {
  return new Map(
    [...parameters].map(([name, { length }]) => [
      name,
      new Float32Array(length),
    ]),
  );
}

/** Adam of Kingma and Ba with a beta 2 of 0.999 and an epsilon of 1e-8. */
export class Adam {
  readonly #mean: NamedArrays;
  readonly #square: NamedArrays;
  readonly #options: Required<AdamOptions>;
  #steps: number;

  /**
   * @param parameters The tensors to optimise; only names and lengths count.
   * @param state State of an earlier run; its arrays are used, not copied.
   */
  constructor(
    parameters: NamedArrays,
    options: AdamOptions = {},
    state: AdamState = {
      steps: 0,
      mean: zeros(parameters),
      square: zeros(parameters),
    },
  ) {
    const { weightDecay = 0, decays = () => true } = options;
    const { firstBeta = FIRST_BETA } = options;
    this.#options = { weightDecay, decays, firstBeta };
    this.#steps = state.steps;
    this.#mean = state.mean;
    this.#square = state.square;
  }

  /** Its state; the arrays are its own and change with each step. */
  get state(): AdamState {
    return { steps: this.#steps, mean: this.#mean, square: this.#square };
  }

  /**
   * Changes the parameters in place.
   *
   * @param gradients One for each parameter, of the same length.
   * @param rate The learning rate.
   */
  step(parameters: NamedArrays, gradients: NamedArrays, rate: number): void {
    const { weightDecay, decays, firstBeta } = this.#options;
    this.#steps++;
    const scale = Math.sqrt(1 - SECOND_BETA ** this.#steps);
    const stepSize = rate / (1 - firstBeta ** this.#steps);
    for (const [name, values] of parameters) {
      const gradient = gradients.get(name)!;
      const mean = this.#mean.get(name)!;
      const square = this.#square.get(name)!;
      const kept = decays(name) ? 1 - rate * weightDecay : 1;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]!;
        mean[i] = mean[i]! + (g - mean[i]!) * (1 - firstBeta);
        square[i] = square[i]! * SECOND_BETA + g * g * (1 - SECOND_BETA);
        const length = Math.sqrt(square[i]!) / scale + EPSILON;
        values[i] = values[i]! * kept - stepSize * mean[i]! / length;
      }
    }
  }
}

/** The norm of all gradients as one vector. */
export function globalNorm(gradients: NamedArrays): number {
  let sum = 0;
  for (const gradient of gradients.values()) {
    for (const value of gradient) sum += value * value;
  }
  return Math.sqrt(sum);
}

/**
 * Scales gradients in place so that their global norm is at most `limit`, as
 * `clip_grad_norm_` of PyTorch does.
 *
 * @returns The norm before.
 */
export function clipGlobalNorm(gradients: NamedArrays, limit: number): number {
  const norm = globalNorm(gradients);
  const scale = limit / (norm + 1e-6);
  if (scale >= 1) return norm;
  for (const gradient of gradients.values()) {
    for (let i = 0; i < gradient.length; i++) gradient[i]! *= scale;
  }
  return norm;
}
