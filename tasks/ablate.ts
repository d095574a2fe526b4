/**
 * `ablate`: measures the paper's ablations in miniature.
 *
 * @module
 */
import { type Command, defineCommand } from "./cli/command.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import { REPRODUCTION_FLAGS } from "./flags/reproduce_flags.ts";
import { reproduce } from "./reproduce/run.ts";

/** The verb. */
export const command: Command = defineCommand({
  flags: {
    model: MODEL_FLAGS.model,
    data: {
      kind: "text",
      value: "NAME|DIR",
      default: "synthetic",
      help:
        "synthetic, paper for the downloaded MVTec AD and VisA, or a folder that download --out has filled",
    },
    out: {
      kind: "text",
      value: "DIR",
      default: "out/ablate",
      help: "Folder for runs and tables; finished runs in it are kept",
    },
    seeds: {
      kind: "integer",
      min: 1,
      max: 100,
      default: 3,
      help: "Number of seeds for each mean and spread",
    },
    ...REPRODUCTION_FLAGS,
    provider: MODEL_FLAGS.provider,
    threads: MODEL_FLAGS.threads,
  },
  run: ({ flags, signal }) =>
    reproduce(flags, {
      title: "Ablations of the paper, in miniature",
      tables: [2, 3, 4],
      seeds: flags.seeds,
      miniature: { maxSteps: 300, limit: 20 },
      rivals: { methods: [], areTrained: false },
    }, signal),
});
