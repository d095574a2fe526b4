/**
 * `download`: data sets and models by name, verified.
 *
 * @module
 */
import { modelFolder } from "../lib/hub/cache.ts";
import { DATA_SETS } from "../lib/hub/data_sets.ts";
import { installDataSet } from "../lib/hub/install_data_set.ts";
import {
  installModel,
  type InstallModelOptions,
} from "../lib/hub/install_model.ts";
import type { RegistryModel } from "../lib/hub/registry.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import { dataSetEntry } from "./data_location.ts";
import { acknowledgeAll } from "./download/licences.ts";
import { downloadList } from "./download/list.ts";
import { dataAt, type DownloadPlaces, modelAt } from "./download/places.ts";
import { EXIT } from "./cli/exit.ts";
import { cachePath, huggingFaceAccess, registryModels } from "./hub_places.ts";
import { nearest } from "../lib/nearest.ts";
import { stderrLine } from "./cli/progress_line.ts";
import { StepProgress } from "./cli/step_progress.ts";
import { UsageError } from "./cli/usage_error.ts";

const FLAGS = {
  list: {
    kind: "switch",
    help: "List the names there are, and do nothing else",
  },
  "accept-licence": {
    kind: "switch",
    help: "Accept the licences of the data sets without being asked",
  },
  offline: {
    kind: "switch",
    help: "Use what is on this machine only",
  },
  verify: {
    kind: "switch",
    help: "Read again what is there and compare it with its hashes",
  },
  from: {
    kind: "text",
    value: "DIR",
    help:
      "Take files of models that lie in this folder under their published names, instead of downloading them",
  },
  out: {
    kind: "text",
    value: "DIR",
    help: "Write to folders of this folder, instead of to the cache",
  },
} as const;

/** Refuses names that no model and no data set has. */
function checkNames(
  names: readonly string[],
  models: ReadonlyMap<string, RegistryModel>,
): void {
  const known = [...models.keys(), ...DATA_SETS.map(({ name }) => name)];
  if (names.length === 0) {
    throw new UsageError(
      `Cannot start as a name must be given: there are ${known.join(", ")}`,
    );
  }
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const guess = nearest(unknown, known);
  throw new UsageError(
    `Cannot download "${unknown}" as there is no such model or data set: ` +
      (guess === undefined
        ? `there are ${known.join(", ")}`
        : `did you mean ${guess}`),
  );
}

async function download(
  name: string,
  places: DownloadPlaces,
  options: InstallModelOptions,
): Promise<string> {
  const entry = dataSetEntry(name);
  if (entry !== undefined) {
    const folder = dataAt(places, name);
    await installDataSet(entry, folder, options);
    return folder;
  }
  const model = places.models.get(name)!;
  const folder = modelAt(places, name);
  const others = [...places.models.keys()].filter((other) => other !== name);
  await installModel(model, folder, {
    ...options,
    siblings: others.map((other) => modelFolder(places.cache, other)),
    cacheFolder: places.cache,
  });
  return folder;
}

async function downloadAll(
  names: readonly string[],
  places: DownloadPlaces,
  options: InstallModelOptions,
): Promise<void> {
  const progress = new StepProgress(stderrLine());
  try {
    for (const name of names) {
      const isIncluded = places.models.get(name)?.files.length === 0;
      const folder = isIncluded ? "included" : await download(name, places, {
        ...options,
        onStep: (step) => progress.show(step),
        onNotice: (message) => progress.say(message),
      });
      progress.finish();
      console.log(`${name}: ${folder}`);
    }
  } finally {
    progress.finish();
  }
}

async function run(
  { flags, positionals: names, signal }: Invocation<typeof FLAGS>,
): Promise<number> {
  const { offline, verify, out, from } = flags;
  const cache = cachePath();
  const huggingFace = huggingFaceAccess();
  const places = { models: await registryModels(), cache, out };
  if (flags.list) {
    console.log(await downloadList(places));
    return EXIT.done;
  }
  checkNames(names, places.models);
  const accepts = flags["accept-licence"];
  if (!await acknowledgeAll(names, places, accepts)) return EXIT.usage;
  const options = { offline, verify, from, huggingFace, signal };
  await downloadAll(names, places, options);
  return EXIT.done;
}

/** The verb. */
export const command: Command = defineCommand({
  positionals: ["NAME..."],
  flags: FLAGS,
  run,
});
