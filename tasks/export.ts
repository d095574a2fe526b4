/**
 * `export`: a model as ONNX, graph and weights, for other runtimes.
 *
 * @module
 */
import { EXPORT_TOLERANCE, exportModel } from "../lib/detector/export_model.ts";
import { IR_VERSION, OPSET_VERSION } from "../lib/onnx/model_proto.ts";
import { type Command, defineCommand } from "./cli/command.ts";
import { EXIT } from "./cli/exit.ts";
import { cacheOption } from "./hub_places.ts";
import { MODEL_FLAGS, modelDirectory, promptsOf } from "./flags/model_flags.ts";
import { assertOutFolder } from "./places.ts";

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
  },
  async run({ flags }) {
    const { out, object: category, method, precision, smooth } = flags;
    await assertOutFolder(out);
    const { model, weights, sentences, side } = await exportModel(
      await modelDirectory(flags.model),
      out,
      {
        category,
        method,
        operators: flags.ops,
        precision,
        smooth,
        ...await promptsOf({ prompts: flags.prompts }, [category]),
        ...cacheOption(),
      },
    );
    console.log(`Wrote ${model} and its weights, ${weights}`);
    console.log(`ONNX operators ${OPSET_VERSION}, file format ${IR_VERSION}`);
    console.log(
      `It takes "image", RGB bytes [batch, height, width, 3] of any size`,
    );
    console.log(
      `Its maps are ${side} x ${side}, within ` +
        `${EXPORT_TOLERANCE[precision]} of those of eval`,
    );
    const { normal, abnormal } = sentences;
    const words = [...normal, ...abnormal].map((text) => `"${text}"`);
    console.log(`Its prompts: ${words.join("\n             ")}`);
    return EXIT.done;
  },
});
