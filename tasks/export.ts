/**
 * `export`: a model as ONNX, graph and weights, for other runtimes.
 *
 * @module
 */
import type { ExportGood } from "../lib/detector/export_good.ts";
import { assertSameRun } from "../lib/evaluation/use_profile.ts";
import { fingerprint } from "../lib/methods/fingerprint.ts";
import type { MethodName } from "../lib/methods/methods.ts";
import { readProfile } from "../lib/references/profile.ts";
import { printable } from "../lib/report/format.ts";
import { UsageError } from "./cli/usage_error.ts";
import { exportModel } from "../lib/detector/export_model.ts";
import { exactIntegers } from "../lib/onnx/int8_support.ts";
import { IR_VERSION, OPSET_VERSION } from "../lib/onnx/model_proto.ts";
import type { NetworkPrecision } from "../lib/methods/precision.ts";
import { type Command, defineCommand } from "./cli/command.ts";
import { EXIT } from "./cli/exit.ts";
import { cacheOption } from "./hub_places.ts";
import {
  MODEL_FLAGS,
  modelDirectory,
  modelWeights,
  promptsOf,
} from "./flags/model_flags.ts";
import { precisionOf } from "./flags/precision.ts";
import { assertOutFolder } from "./places.ts";

/** The good images and thresholds of the product, if the flags name some. */
async function goodOf(
  flags: {
    readonly model: string;
    readonly method: MethodName | undefined;
    readonly object: string;
    readonly profile: string | undefined;
    readonly smooth: number | undefined;
    readonly precision: NetworkPrecision;
  },
): Promise<{ good: ExportGood; smooth: number } | undefined> {
  const { profile: path, object, method, precision } = flags;
  if (path === undefined) return undefined;
  const loaded = await readProfile(path);
  const { categories, bit_depth, ignore_orientation = false } = loaded.profile;
  const { smooth = loaded.profile.smooth } = flags;
  const product = categories[object];
  if (product === undefined) {
    throw new UsageError(printable(
      `Cannot export ${path} as --object must be a product of it, ${
        Object.keys(categories).join(", ")
      }: current value is ${object}`,
    ));
  }
  assertSameRun(loaded, {
    smooth,
    precision,
    // The program that runs the exported model reads the images.
    bitDepth: bit_depth,
    ignoreOrientation: ignore_orientation,
    model: await fingerprint(await modelDirectory(flags.model), method),
    frame: undefined,
  });
  const good = {
    path,
    memory: loaded.memories.get(object) ?? null,
    prompts: product.prompts,
    threshold: product.threshold,
    pixelThreshold: product.pixel_threshold,
  };
  return { good, smooth };
}

/** Which processors a model in int8 is for: others may be silently wrong. */
async function processorsOf(): Promise<string> {
  return await exactIntegers() === "int8"
    ? "Run it where processors have VNNI or a like of it, as here: without, its " +
      "scores are wrong"
    : "Its integers suit processors without VNNI, as here, and are right on all; " +
      "with VNNI it is faster if it is exported there";
}

/** The verb. */
export const command: Command = defineCommand({
  flags: {
    model: MODEL_FLAGS.model,
    method: MODEL_FLAGS.method,
    out: {
      kind: "text",
      value: "DIR",
      default: "out/export",
      help: "Folder for model.onnx and model.onnx.data",
    },
    object: {
      kind: "text",
      value: "NAME",
      default: "object",
      help: "The product that the prompts name",
    },
    prompts: MODEL_FLAGS.prompts,
    ops: {
      kind: "choice",
      choices: ["standard", "onnxruntime"],
      default: "standard",
      help:
        "Operators: those of the ONNX standard, or also those of onnxruntime",
    },
    precision: MODEL_FLAGS.precision,
    smooth: MODEL_FLAGS.smooth,
    profile: {
      kind: "text",
      value: "DIR|ZIP",
      help:
        "What calibrate wrote: the model compares images of --object with its good ones, and names the thresholds in its metadata",
    },
  },
  async run({ flags }) {
    const { out, object: category, method } = flags;
    const precision = await precisionOf(
      { ...flags, provider: "cpu" },
      () => modelWeights(flags),
    );
    await assertOutFolder(out);
    const { good, smooth = flags.smooth } =
      await goodOf({ ...flags, precision }) ?? {};
    const { model, weights, sentences, side, tolerance } = await exportModel(
      await modelDirectory(flags.model),
      out,
      {
        category,
        method,
        operators: flags.ops,
        precision,
        smooth,
        good,
        ...await promptsOf({ prompts: flags.prompts }, [category]),
        ...cacheOption(),
      },
    );
    console.log(`Wrote ${model} and its weights, ${weights}`);
    if (precision === "int8") console.log(await processorsOf());
    console.log(`ONNX operators ${OPSET_VERSION}, file format ${IR_VERSION}`);
    console.log(
      `It takes "image", RGB bytes [batch, height, width, 3] of any size`,
    );
    console.log(
      `Its maps are ${side} x ${side}, within ` +
        `${tolerance} of those of eval`,
    );
    const { normal, abnormal } = sentences;
    const words = [...normal, ...abnormal].map((text) => `"${text}"`);
    console.log(`Its prompts: ${words.join("\n             ")}`);
    if (good !== undefined) {
      console.log(
        `Defective: score_logit >= ${good.threshold}; such pixels: logit_map >= ${good.pixelThreshold}`,
      );
    }
    return EXIT.done;
  },
});
