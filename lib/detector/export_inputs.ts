/**
 * What an exported model does before its network: it resizes images and says
 * the prompts.
 *
 * @module
 */
import type { NetworkPrecision } from "../methods/precision.ts";
import { type Emitter, tensorBytes } from "../onnx/emitter.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import type { PromptIds } from "../methods/prompts.ts";
import type { Initializer, TensorInfo } from "../onnx/model_proto.ts";
import { emitResizeImages } from "../onnx/resize_images.ts";
import { TextFeatures } from "./text_features.ts";

/** The prompts of the exported model, or the features of their sentences. */
export async function promptInput(
  model: ModelDirectory,
  { category, prompt, precision }: {
    readonly category: string;
    readonly prompt: PromptIds;
    readonly precision: NetworkPrecision;
  },
): Promise<Initializer> {
  const { text, clip } = model.architecture;
  const { ids } = prompt;
  const n = clip.text.maxPositionEmbeddings;
  if (text === null) {
    const data = tensorBytes(Float64Array.from(ids, Number), "int64");
    return { name: "ids", shape: [1, ids.length / n, n], type: "int64", data };
  }
  const options = { precision, provider: "cpu", threads: 0 } as const;
  await using texts = new TextFeatures(model, options);
  const features = await texts.of(category, prompt);
  return {
    name: "text",
    shape: [1, 2, clip.projectionDim],
    type: "float32",
    data: tensorBytes(Float64Array.from(features), "float32"),
  };
}

/** Resizes `image` and repeats the prompts: the graph's two inputs. */
export function emitInputs(
  emit: Emitter,
  fixed: Initializer,
  side: number,
): TensorInfo[] {
  const once = `${fixed.name} once`;
  emit.initializers.push({ ...fixed, name: once });
  const batch = emit.node("Shape", ["image"], {
    attributes: { start: 0, end: 1 },
  });
  const sizes = emit.node("Concat", [batch, emit.integers([1, 1])], {
    attributes: { axis: 0 },
  });
  emit.node("Expand", [once, sizes], { output: fixed.name });
  const resized = emitResizeImages(emit, "image", side);
  const bytes = emit.cast(resized, "uint8");
  emit.node("Transpose", [bytes], {
    output: "rgb",
    attributes: { perm: [0, 2, 3, 1] },
  });
  const shape = ["batch", "height", "width", 3];
  return [{ name: "image", shape, type: "uint8" }];
}
