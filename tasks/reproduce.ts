/**
 * `reproduce`: the paper's tables, measured.
 *
 * @module
 */
import { type Command, defineCommand } from "./cli/command.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import { REPRODUCTION_FLAGS } from "./flags/reproduce_flags.ts";
import { reproduce } from "./reproduce_run.ts";

/** The verb. */
export const command: Command = defineCommand({
  flags: {
    model: { ...MODEL_FLAGS.model, default: "vit-l-14-336" },
    data: {
      kind: "text",
      value: "NAME|DIR",
      default: "paper",
      help:
        "paper for MVTec AD and VisA as downloaded, a folder that download --out has filled, or synthetic for the whole plan in miniature",
    },
    out: {
      kind: "text",
      value: "DIR",
      default: "out/reproduce",
      help: "Where runs and tables are written; what is done there is kept",
    },
    ...REPRODUCTION_FLAGS,
    provider: MODEL_FLAGS.provider,
    threads: MODEL_FLAGS.threads,
  },
  run: ({ flags, signal }) =>
    reproduce(flags, {
      title: "The tables of the paper, measured",
      tables: [1, 2, 3, 4],
      seeds: 1,
      miniature: { maxSteps: 60, limit: 8 },
    }, signal),
});
