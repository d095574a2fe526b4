/**
 * The precision that suits a machine.
 *
 * @module
 */
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

/**
 * Chooses the precision for a machine.
 *
 * @param provider Where the network runs.
 * @param measure What the processor makes of 8-bit integers.
 */
export async function choosePrecision(
  provider: Provider,
  measure: typeof measureInt8 = measureInt8,
): Promise<ChosenPrecision> {
  if (provider === "cuda") {
    return { precision: "f16", reason: "graphics cards are fastest with it" };
  }
  if (provider === "webgpu") {
    return { precision: "f32", reason: "not every adapter has float16" };
  }
  const { isExact, timeRatio } = await measure();
  const part = timeRatio.toFixed(2);
  if (!isExact) {
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

const chosen = new Map<Provider, Promise<NetworkPrecision>>();

async function chooseAndSay(provider: Provider): Promise<NetworkPrecision> {
  const { precision, reason } = await choosePrecision(provider);
  console.error(`Precision: ${precision}, as ${reason}`);
  return precision;
}

/**
 * The precision that the flags choose. What `auto` stands for is said once, on
 * stderr.
 *
 * @throws {UsageError} If the provider cannot run in that precision.
 */
export async function precisionOf(
  { precision, provider }: {
    readonly precision: PrecisionFlag;
    readonly provider: Provider;
  },
): Promise<NetworkPrecision> {
  if (precision === "int8" && provider !== "cpu") {
    throw new UsageError(
      `Cannot run in int8 as --provider must be cpu: current value is ` +
        `${provider}`,
    );
  }
  if (precision !== "auto") return precision;
  const earlier = chosen.get(provider) ?? chooseAndSay(provider);
  chosen.set(provider, earlier);
  return await earlier;
}
