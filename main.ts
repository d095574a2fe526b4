/**
 * The one entry of command line and container: `main.ts VERB [flags]`.
 *
 * @module
 */
import { importLate } from "./lib/async/import_late.ts";
import { startWorkersEarly } from "./lib/detector/workers.ts";
import { VERSION } from "./lib/version.ts";
import { type Command, dispatch, type VerbTable } from "./tasks/cli/command.ts";

/**
 * Loads a verb late, so that Deno installs the packages of this verb only: those
 * of all take twice the bytes.
 */
function load(verb: string): Promise<{ readonly command: Command }> {
  return importLate(new URL(`./tasks/${verb}.ts`, import.meta.url));
}

const VERBS: VerbTable = {
  eval: {
    summary: "Make anomaly maps, scores and a report from a folder of images",
    load: () => load("eval"),
  },
  calibrate: {
    summary: "Learn thresholds from good images, and keep them as a profile",
    load: () => load("calibrate"),
  },
  train: {
    summary: "Train a model on another data set, with checkpoints",
    load: () => load("train"),
  },
  ablate: {
    summary: "Measure the paper's ablations in miniature, over several seeds",
    load: () => load("ablate"),
  },
  reproduce: {
    summary: "Measure the paper's tables, run by run",
    load: () => load("reproduce"),
  },
  score: {
    summary: "Score images in object storage, in shards",
    load: () => load("score"),
  },
  merge: {
    summary: "Put the results of all shards together",
    load: () => load("merge"),
  },
  report: {
    summary: "Compare the results of two runs on the same images",
    load: () => load("report"),
  },
  serve: {
    summary: "Answer requests over HTTP, and show a page to try it",
    load: () => load("serve"),
    prepare: startWorkersEarly,
  },
  download: {
    summary: "Download models and data sets, and verify them",
    load: () => load("download"),
  },
  export: {
    summary: "Write a model as ONNX for other runtimes",
    load: () => load("export"),
  },
  synth: {
    summary: "Draw a data set with defects, in MVTec AD layout",
    load: () => load("synth"),
  },
};

if (import.meta.main) {
  Deno.exit(await dispatch(VERBS, Deno.args, VERSION));
}
