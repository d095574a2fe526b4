/**
 * The precision that suits a machine.
 *
 * @module
 */
import { runningPrecision } from "../../lib/detector/int8/model_groups.ts";
import type { ModelDirectory } from "../../lib/methods/model_directory.ts";
import type { NetworkPrecision } from "../../lib/methods/precision.ts";
import { measureInt8 } from "../../lib/onnx/int8_support.ts";
import type { Provider } from "../../lib/onnx/session.ts";
import { UsageError } from "../cli/usage_error.ts";

/** What --precision may say. */
export type PrecisionFlag = NetworkPrecision | "auto";

/** Quantised products must save so much for their loss to pay. */
const WORTHWHILE = 0.6;

/** A precision, and why it was chosen. */
export interface ChosenPrecision {
  /** The precision. */
  readonly precision: NetworkPrecision;
  /** Why, as a clause. */
  readonly reason: string;
}

/** The tensors of a model, by name. */
type Weights = ModelDirectory["weights"];

/**
 * Chooses the precision for a machine and a model.
 *
 * @param provider Where the network runs.
 * @param weights The tensors of the model.
 * @param measure What the processor makes of 8-bit integers.
 */
export async function choosePrecision(
  provider: Provider,
  weights: Weights,
  measure: typeof measureInt8 = measureInt8,
): Promise<ChosenPrecision> {
  if (provider === "cuda") {
    return { precision: "f16", reason: "graphics cards are fastest with it" };
  }
  if (provider === "webgpu") {
    return { precision: "f32", reason: "not every adapter has float16" };
  }
  if (runningPrecision(weights, "int8") !== "int8") {
    return {
      precision: "f32",
      reason: "the model's layers are too narrow for int8 to save time",
    };
  }
  const { integers, timeRatio } = await measure();
  const part = timeRatio.toFixed(2);
  if (integers === undefined) {
    return {
      precision: "f32",
      reason: "this processor adds products of 8-bit integers with errors",
    };
  }
  return timeRatio <= WORTHWHILE
    ? {
      precision: "int8",
      reason: `its products take ${part} of the time of f32 on this processor`,
    }
    : {
      precision: "f32",
      reason:
        `products of 8-bit integers take ${part} of its time on this processor`,
    };
}

const said = new Set<string>();

/** What `auto` stands for is said once. */
function say({ precision, reason }: ChosenPrecision): void {
  const line = `Precision: ${precision}, as ${reason}`;
  if (!said.has(line)) console.error(line);
  said.add(line);
}

let measured: ReturnType<typeof measureInt8> | undefined;

/** Measures once: two measurements of one machine may differ. */
function measureOnce(): ReturnType<typeof measureInt8> {
  return measured ??= measureInt8();
}

/**
 * The precision that the flags choose for a model. What `auto` stands for is
 * said once, on stderr.
 *
 * @param weights Reads the tensors of the model; asked for by `auto` alone.
 * @throws {ModelError} If the model must be read and cannot be.
 * @throws {UsageError} If the provider cannot run in that precision.
 */
export async function precisionOf(
  { precision, provider }: {
    readonly precision: PrecisionFlag;
    readonly provider: Provider;
  },
  weights: () => Weights | Promise<Weights>,
): Promise<NetworkPrecision> {
  if (precision === "int8" && provider !== "cpu") {
    throw new UsageError(
      `Cannot run in int8 as --provider must be cpu: current value is ` +
        `${provider}`,
    );
  }
  if (precision !== "auto") return precision;
  const chosen = await choosePrecision(provider, await weights(), measureOnce);
  say(chosen);
  return chosen.precision;
}
