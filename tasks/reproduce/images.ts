/**
 * Finds the images and the model of `reproduce`.
 *
 * @module
 */
import { join } from "node:path";
import { isThere } from "../../lib/files/is_there.ts";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { openDataSet } from "../../lib/data/open.ts";
import type { DataSet } from "../../lib/data/sample.ts";
import { syntheticDataSet } from "../../lib/synthetic/data_set.ts";
import { dataSetFolder } from "../../lib/hub/cache.ts";
import { isDataSetInstalled } from "../../lib/hub/install_data_set.ts";
import {
  DEFAULT_CONFIG,
  type MfpClipConfig,
  mfpClipConfigToJson,
  parseMfpClipConfig,
  readMfpClipConfig,
} from "../../lib/methods/mfp_clip/config.ts";
import { locateModelFiles } from "../../lib/methods/model_files.ts";
import {
  type SetName,
  trainingSetFor,
} from "../../lib/reproduction/paper_tables.ts";
import type { TablePlan } from "../../lib/reproduction/plan_tables.ts";
import {
  limitCategories,
  type ReproductionImages,
} from "../../lib/reproduction/reproduction_images.ts";
import { SYNTHETIC } from "../flags/data_flags.ts";
import { cachePath, registryModels } from "../hub_places.ts";
import { modelDirectory } from "../flags/model_flags.ts";
import { PAPERS_DATA } from "../flags/reproduce_flags.ts";

/** Pixels per row and column of synthetic images. */
const SYNTHETIC_SIDE = 128;
/** Seed of the synthetic set; `--seed` does not change it. */
const SYNTHETIC_SEED = 0;

function syntheticImages(count: number): ReproductionImages {
  const common = { seed: SYNTHETIC_SEED, side: SYNTHETIC_SIDE, count };
  return {
    name: "synthetic set",
    isPapers: false,
    nameOf: () => "synthetic",
    refusal: (train) =>
      train === "visa"
        ? undefined
        : "the synthetic set stands in for one direction only: its test half is never trained on",
    open: (_, half) =>
      Promise.resolve(
        syntheticDataSet({ ...common, split: half === "train" ? "aux" : half }),
      ),
  };
}

/** The folder of a set of the paper. */
function placeOf(data: string, name: SetName): string {
  return data === PAPERS_DATA
    ? dataSetFolder(cachePath(), name)
    : join(data, name);
}

function papersImages(data: string, limit: number): ReproductionImages {
  return {
    name: "MVTec AD and VisA",
    isPapers: true,
    nameOf: (train) => train,
    refusal: () => undefined,
    async open(train, half): Promise<DataSet> {
      const name = half === "train" ? train : trainingSetFor(train);
      const dataSet = await openDataSet(placeOf(data, name));
      return Number.isFinite(limit)
        ? await limitCategories(dataSet, limit)
        : dataSet;
    },
  };
}

/**
 * The images that `--data` names. They are opened later.
 *
 * @param data `paper`, `synthetic`, or a folder with mvtec and visa.
 * @param limit Images of each category.
 */
export function imagesOf(data: string, limit: number): ReproductionImages {
  return data === SYNTHETIC
    ? syntheticImages(limit)
    : papersImages(data, limit);
}

/** A model that is there, or that can be downloaded. */
export interface FoundModel {
  /** Its directory; undefined if it must be downloaded first. */
  readonly directory: string | undefined;
  /** Its own choices. */
  readonly config: MfpClipConfig;
}

async function choicesOf(directory: string): Promise<MfpClipConfig> {
  const { config } = await locateModelFiles(directory, { head: false });
  return config === undefined
    ? DEFAULT_CONFIG
    : await readMfpClipConfig(config);
}

/**
 * Finds a model. The choices of one that is not downloaded yet come from the
 * registry.
 *
 * @param model Its name or its directory.
 * @throws {ModelError} If there is no such model.
 */
export async function findModel(model: string): Promise<FoundModel> {
  try {
    const directory = await modelDirectory(model);
    return { directory, config: await choicesOf(directory) };
  } catch (error) {
    const known = (await registryModels()).get(model);
    if (!(error instanceof ModelError) || known === undefined) throw error;
    const json = { ...mfpClipConfigToJson(DEFAULT_CONFIG), ...known.choices };
    return { directory: undefined, config: parseMfpClipConfig(json, model) };
  }
}

/**
 * Names the data sets that a plan needs and that are not downloaded.
 *
 * @param data The value of `--data`.
 */
export async function missingSets(
  plan: Pick<TablePlan, "runs">,
  data: string,
): Promise<string[]> {
  if (data === SYNTHETIC || plan.runs.length === 0) return [];
  const missing: string[] = [];
  for (const name of ["mvtec", "visa"] as const) {
    const place = placeOf(data, name);
    const isIn = data === PAPERS_DATA ? isDataSetInstalled : isThere;
    if (!await isIn(place)) missing.push(name);
  }
  return missing;
}
