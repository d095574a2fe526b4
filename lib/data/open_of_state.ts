/**
 * Opens images of which all are taken to be good, or all defective, as a user
 * gives them to calibrate by. Where the data set itself says what each image
 * shows, only the fitting ones are taken.
 *
 * @module
 */
import { countOf } from "./layouts/folder_notes.ts";
import { UnclearKindsError } from "./layouts/kinds.ts";
import { layoutError } from "./layouts/layout.ts";
import { isOwnNameNote } from "./layouts/plain.ts";
import { type DataSetOptions, openDataSet } from "./open.ts";
import {
  type DataSet,
  DataSetError,
  type ImageCounts,
  type Reading,
  type Sample,
} from "./sample.ts";

const COUNTS = ["good", "defective", "unlabelled"] as const;

const LABELS = [0, 1, null] as const;

/** The state that images are given for. */
export type GivenState = "good" | "defective";

function total(dataSet: DataSet, name: keyof ImageCounts): number {
  const counts = Object.values(dataSet.reading?.categories ?? {});
  return counts.reduce((sum, count) => sum + count[name], 0);
}

function isLabelled(dataSet: DataSet): boolean {
  return total(dataSet, "good") + total(dataSet, "defective") > 0;
}

async function* samplesOf(
  dataSet: DataSet,
  label: Sample["label"],
): AsyncGenerator<Sample> {
  for await (const sample of dataSet.samples()) {
    if (sample.label === label) yield sample;
  }
}

/** Leaves out all images of other states, and says how many. */
function ofState(
  location: string,
  dataSet: DataSet,
  state: GivenState,
): DataSet {
  const others = COUNTS.filter((name) => name !== state)
    .map((name) => [name, total(dataSet, name)] as const)
    .filter(([, count]) => count > 0);
  const notes = others.map(([name, count]) =>
    `${countOf(count, `${name} image`)} among those given as ${state}, left out`
  );
  const size = total(dataSet, state);
  if (size === 0) {
    const [[name] = ["none"]] = others;
    throw layoutError(location, `it must hold ${state} images`, `${name} ones`);
  }
  const reading = dataSet.reading!;
  const label = LABELS[COUNTS.indexOf(state)]!;
  return {
    ...dataSet,
    size,
    categories: dataSet.categories.filter((name) =>
      (reading.categories[name]?.[state] ?? 0) > 0
    ),
    reading: { ...reading, notes: [...reading.notes, ...notes] },
    samples: () => samplesOf(dataSet, label),
  };
}

/** Images without labels are what they are given for. */
function asState(reading: Reading, state: GivenState): Reading {
  const counts = Object.entries(reading.categories).map(([name, count]) => {
    const none = { ...count, good: 0, defective: 0, unlabelled: 0 };
    return [name, { ...none, [state]: count.unlabelled }] as const;
  });
  return {
    ...reading,
    categories: Object.fromEntries(counts),
    notes: reading.notes.filter((note) => !isOwnNameNote(note)),
  };
}

/** Null where folders are of no layout, or broken: they may be plain. */
async function openLabelled(
  location: string,
  state: GivenState,
  options: DataSetOptions,
): Promise<DataSet | null> {
  try {
    const dataSet = await openDataSet(location, options);
    return isLabelled(dataSet) ? dataSet : null;
  } catch (error) {
    if (error instanceof UnclearKindsError && state === "good") {
      const must = "its folders must tell which images are good " +
        "(give a folder of good images alone)";
      throw layoutError(location, must, error.names, { cause: error });
    }
    if (error instanceof DataSetError) return null;
    throw error;
  }
}

/**
 * Opens images that are given as good ones, or as defective ones. Plain folders
 * are taken whole, a folder for each category. Of a data set with labels, good
 * images are those of `train` where it has such a part.
 *
 * @param location Path of a folder, archive, list or image.
 * @param state What the images are given for.
 * @param options How to decode them, and the category of images in no folder.
 * @returns The images, with notes on what was left out.
 * @throws {DataSetError} If none is of that state, or folders of good and
 * defective images cannot be told apart.
 */
export async function openOfState(
  location: string,
  state: GivenState,
  options: Omit<DataSetOptions, "layout" | "split">,
): Promise<DataSet> {
  const splits = state === "good"
    ? ["train", "test"] as const
    : ["test"] as const;
  for (const split of splits) {
    const found = await openLabelled(location, state, { ...options, split });
    if (found !== null) return ofState(location, found, state);
  }
  const plain = await openDataSet(location, { ...options, layout: "plain" });
  return isLabelled(plain) ? ofState(location, plain, state) : {
    ...plain,
    ...plain.reading && { reading: asState(plain.reading, state) },
  };
}
