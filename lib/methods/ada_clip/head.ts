/**
 * The trainable tensors of AdaCLIP: ada_clip.safetensors.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import type { ClipConfig } from "../../clip/config.ts";
import { drawHead } from "../draw_head.ts";
import type { AdaClipConfig } from "./config.ts";

/** A tower that can be prompted. */
export type Tower = "vision" | "text";

const PROMPT_DEVIATION = 0.02;

/** Whether a tower is prompted at all. */
export function isPrompted(
  { branch, depth }: AdaClipConfig,
  tower: Tower,
): boolean {
  return tower === "vision"
    ? branch.includes("V")
    : branch.includes("L") && depth > 1;
}

/** Whether a tower has prompts that depend on the image. */
export function hasDynamic(config: AdaClipConfig, tower: Tower): boolean {
  return config.kind.includes("D") && isPrompted(config, tower);
}

/** The blocks of a tower, counted from 0, that have static prompts. */
export function staticBlocks(config: AdaClipConfig, tower: Tower): number[] {
  if (!config.kind.includes("S") || !isPrompted(config, tower)) return [];
  const first = tower === "vision" ? 0 : 1;
  return Array.from({ length: config.depth - first }, (_, i) => first + i);
}

type Named = [name: string, shape: readonly number[]];

function linearShapes(name: string, out: number, inner: number): Named[] {
  return [[`${name}.weight`, [out, inner]], [`${name}.bias`, [out]]];
}

/** Name -> shape of every tensor; weights of Linear layers are [out, in]. */
export function headShapes(
  config: AdaClipConfig,
  { vision, text, projectionDim: joint }: ClipConfig,
): Shapes {
  const { length, taps } = config;
  const prompts = (tower: Tower, width: number): Named[] => [
    ...staticBlocks(config, tower).map((block): Named => [
      `${tower}.static.${block}`,
      [length, width],
    ]),
    ...Array.from({ length: hasDynamic(config, tower) ? length : 0 })
      .flatMap((_, k) => linearShapes(`${tower}.dynamic.${k}`, width, joint)),
  ];
  return new Map([
    ...prompts("vision", vision.hiddenSize),
    ...prompts("text", text.hiddenSize),
    ...taps.flatMap((_, i) =>
      linearShapes(`adapters.${i}`, joint, vision.hiddenSize)
    ),
    ...linearShapes("class", joint, joint),
  ]);
}

/**
 * Makes a new head as published: static prompts are normal with deviation 0.02,
 * Linear layers uniform within 1 / sqrt(fan in). A tensor depends on the seed
 * and its name alone.
 *
 * @returns Name -> values in row-major order.
 */
export function initialiseHead(
  shapes: Shapes,
  seed: number,
): Map<string, Float32Array> {
  return drawHead(
    shapes,
    seed,
    ({ fanIn }, random) =>
      fanIn === undefined
        ? random.normal(PROMPT_DEVIATION)
        : random.about(fanIn ** -0.5),
  );
}
