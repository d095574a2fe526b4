/**
 * The one entry of command line and container: `main.ts VERB [flags]`.
 *
 * @module
 */
import { VERSION } from "./lib/version.ts";
import { dispatch, type VerbTable } from "./tasks/cli/command.ts";

const VERBS: VerbTable = {
  eval: {
    summary: "Make anomaly maps, scores and a report from a folder of images",
    load: () => import("./tasks/eval.ts"),
  },
  calibrate: {
    summary: "Learn thresholds from good images, and keep them as a profile",
    load: () => import("./tasks/calibrate.ts"),
  },
  train: {
    summary: "Train a model on another data set, with checkpoints",
    load: () => import("./tasks/train.ts"),
  },
  ablate: {
    summary: "Measure the paper's ablations in miniature, over several seeds",
    load: () => import("./tasks/ablate.ts"),
  },
  reproduce: {
    summary: "Measure the paper's tables, run by run",
    load: () => import("./tasks/reproduce.ts"),
  },
  score: {
    summary: "Score images in object storage, in shards",
    load: () => import("./tasks/score.ts"),
  },
  merge: {
    summary: "Put the results of all shards together",
    load: () => import("./tasks/merge.ts"),
  },
  report: {
    summary: "Compare the results of two runs on the same images",
    load: () => import("./tasks/report.ts"),
  },
  serve: {
    summary: "Answer requests over HTTP, and show a page to try it",
    load: () => import("./tasks/serve.ts"),
  },
  download: {
    summary: "Download models and data sets, and verify them",
    load: () => import("./tasks/download.ts"),
  },
  export: {
    summary: "Write a model as ONNX for other runtimes",
    load: () => import("./tasks/export.ts"),
  },
  synth: {
    summary: "Draw a data set with defects, in MVTec AD layout",
    load: () => import("./tasks/synth.ts"),
  },
};

if (import.meta.main) {
  Deno.exit(await dispatch(VERBS, Deno.args, VERSION));
}
