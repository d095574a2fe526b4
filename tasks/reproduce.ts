/**
 * `reproduce`: measures the paper's tables.
 *
 * @module
 */
import { type Command, defineCommand } from "./cli/command.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import {
  COMPARISON_FLAGS,
  methodsOf,
  REPRODUCTION_FLAGS,
} from "./flags/reproduce_flags.ts";
import { reproduce } from "./reproduce/run.ts";

/** The verb. */
export const command: Command = defineCommand({
  flags: {
    model: { ...MODEL_FLAGS.model, default: "vit-l-14-336" },
    data: {
      kind: "text",
      value: "NAME|DIR",
      default: "paper",
      help:
        "paper for the downloaded MVTec AD and VisA, a folder that download --out has filled (models of other methods are looked for there first), or synthetic for the whole plan in miniature",
    },
    out: {
      kind: "text",
      value: "DIR",
      default: "out/reproduce",
      help: "Folder for runs and tables; finished runs in it are kept",
    },
    ...REPRODUCTION_FLAGS,
    ...COMPARISON_FLAGS,
    provider: MODEL_FLAGS.provider,
    threads: MODEL_FLAGS.threads,
  },
  run: ({ flags, signal }) =>
    reproduce(flags, {
      title: "The tables of the paper, measured",
      tables: [1, 2, 3, 4],
      seeds: 1,
      miniature: { maxSteps: 60, limit: 8 },
      rivals: { methods: methodsOf(flags), areTrained: flags.train },
    }, signal),
});
