/**
 * The goldens of methods that read many sentences, for tests.
 *
 * @module
 */
import type { TemporaryFolder } from "../mfp_clip/golden.ts";

/** Choices of a method with what the specification makes of the photographs. */
export interface PromptedGolden {
  /** Folder beside this one. */
  readonly method: "winclip" | "april_gan" | "anomaly_clip" | "ada_clip";
  /** Folder in it. */
  readonly name: string;
  /** Folder of the CLIP, in this one. */
  readonly clip: "quick_gelu" | "gelu" | "deep";
  /** H of its input. */
  readonly side: 28 | 42 | 48;
  /** CATEGORY.safetensors holds the expected tensors. */
  readonly categories: readonly string[];
}

function golden(
  method: PromptedGolden["method"],
  name: string,
  rest: Partial<PromptedGolden> = {},
): PromptedGolden {
  const shared = { clip: "quick_gelu", side: 42 } as const;
  return { method, name, ...shared, categories: ["metal_nut"], ...rest };
}

/** Every golden of WinCLIP. */
export const WINCLIP_GOLDENS: readonly PromptedGolden[] = [
  golden("winclip", "anomalib", { categories: ["metal_nut", "wood"] }),
  golden("winclip", "zqhang", { side: 28 }),
  golden("winclip", "caoyunkang", {
    clip: "gelu",
    side: 48,
    categories: ["screw"],
  }),
  golden("winclip", "own_scale", {
    clip: "gelu",
    side: 48,
    categories: ["pcb1"],
  }),
  golden("winclip", "normality"),
];

/** Every golden of APRIL-GAN. */
export const APRIL_GAN_GOLDENS: readonly PromptedGolden[] = [
  golden("april_gan", "published", { categories: ["metal_nut", "wood"] }),
  golden("april_gan", "checkpoint", { side: 28 }),
  golden("april_gan", "mean", {
    clip: "gelu",
    side: 48,
    categories: ["screw"],
  }),
  golden("april_gan", "one_tap", { categories: ["pcb1"] }),
];

/** Every golden of AnomalyCLIP. */
export const ANOMALY_CLIP_GOLDENS: readonly PromptedGolden[] = [
  golden("anomaly_clip", "published"),
  golden("anomaly_clip", "taps", { clip: "deep" }),
  golden("anomaly_clip", "normed", { clip: "gelu", side: 48 }),
  golden("anomaly_clip", "plain", { side: 28 }),
  golden("anomaly_clip", "saturated", { clip: "deep" }),
  golden("anomaly_clip", "half", { clip: "deep", side: 28 }),
];

/** Every golden of AdaCLIP. */
export const ADA_CLIP_GOLDENS: readonly PromptedGolden[] = [
  golden("ada_clip", "published", { categories: ["metal_nut", "wood"] }),
  golden("ada_clip", "text", { side: 28 }),
  golden("ada_clip", "vision", {
    clip: "gelu",
    side: 48,
    categories: ["screw"],
  }),
  golden("ada_clip", "plain"),
  golden("ada_clip", "half", { clip: "gelu", side: 48, categories: ["pcb1"] }),
  golden("ada_clip", "saturated"),
];

function folderOf({ method, name }: PromptedGolden): string {
  return `${import.meta.dirname}/../${method}/${name}`;
}

/** Path of the tensors that are expected for one category. */
export function promptedExpected(
  golden: PromptedGolden,
  category: string,
): string {
  return `${folderOf(golden)}/${category}.safetensors`;
}

/** Puts a golden together as a model directory of its own. */
export async function promptedModel(
  golden: PromptedGolden,
): Promise<TemporaryFolder> {
  const path = await Deno.makeTempDir();
  await Deno.mkdir(`${path}/clip`);
  const clip = `${import.meta.dirname}/${golden.clip}`;
  for await (const { name } of Deno.readDir(clip)) {
    await Deno.copyFile(`${clip}/${name}`, `${path}/clip/${name}`);
  }
  for await (const { name } of Deno.readDir(folderOf(golden))) {
    if (!name.startsWith(golden.method)) continue;
    await Deno.copyFile(`${folderOf(golden)}/${name}`, `${path}/${name}`);
  }
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
