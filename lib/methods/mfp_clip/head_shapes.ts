/**
 * The trainable tensors of MFP-CLIP: mfp_clip.safetensors.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import type { MfpClipConfig } from "./config.ts";

/** Sizes that the frozen models give to the head. */
export interface HeadSizes {
  /** Text context length n in tokens. */
  readonly contextLength: number;
  /** Width C of the pooled CNN features. */
  readonly cnnWidth: number;
  /** Width Dv of the vision tower. */
  readonly visionWidth: number;
  /** Width Dw of the text tower. */
  readonly textWidth: number;
  /** Width Dt of the joint space. */
  readonly jointWidth: number;
}

type NamedShape = [string, readonly number[]];

function linear(name: string, out: number, inner: number): NamedShape[] {
  return [[`${name}.weight`, [out, inner]], [`${name}.bias`, [out]]];
}

function i2tpShapes(config: MfpClipConfig, sizes: HeadSizes): NamedShape[] {
  const { contextLength: n, cnnWidth: C, textWidth: Dw } = sizes;
  return [
    ...linear("i2tp.image_projection", Dw, C),
    ...config.i2tpFusion === "token"
      ? linear("i2tp.mixing", n, n + 1)
      : linear("i2tp.mixing", Dw, 2 * Dw),
  ];
}

function spShapes(config: MfpClipConfig, sizes: HeadSizes): NamedShape[] {
  const { cnnWidth: C, visionWidth: Dv } = sizes;
  const projections = Array.from({ length: config.spPrompts }).flatMap((_, k) =>
    linear(`sp.projections.${k}`, Dv, C)
  );
  return [...projections, ["sp.prompt_tokens", [config.spPrompts, Dv]]];
}

/**
 * Name -> shape of every trainable tensor; Linear weights are [out, in].
 *
 * @param config Which modules are on.
 * @param sizes Sizes of the frozen models.
 */
export function headShapes(config: MfpClipConfig, sizes: HeadSizes): Shapes {
  const { visionWidth: Dv, jointWidth: Dt } = sizes;
  const adapters = config.taps.flatMap((_, i) => [
    ...linear(`adapters.${i}.fc1`, Dt, Dv),
    ...linear(`adapters.${i}.fc2`, Dt, Dt),
  ]);
  return new Map([
    ...config.i2tp ? i2tpShapes(config, sizes) : [],
    ...config.sp ? spShapes(config, sizes) : [],
    ...adapters,
    ...config.mp ? linear("mp.fusion", Dv, 2 * Dv) : [],
  ]);
}
