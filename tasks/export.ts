/**
 * `export`: a model as ONNX, graph and weights, for other runtimes.
 *
 * @module
 */
import { exportModel } from "../lib/detector/export_model.ts";
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
        precision,
        smooth,
        ...await promptsOf({ prompts: flags.prompts }, [category]),
        ...cacheOption(),
      },
    );
    console.log(`Wrote ${model} and its weights, ${weights}`);
    console.log(`It takes "image", RGB bytes [height, width, 3] of any size`);
    console.log(`Its maps are ${side} x ${side}`);
    const { normal, abnormal } = sentences;
    const words = [...normal, ...abnormal].map((text) => `"${text}"`);
    console.log(`Its prompts: ${words.join("\n             ")}`);
    return EXIT.done;
  },
});
