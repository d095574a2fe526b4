/**
 * Where the images of a reproduction come from.
 *
 * @module
 */
import type { DataSet, Sample } from "../data/sample.ts";
import type { SetName } from "./paper_tables.ts";

/** The images of a reproduction. */
export interface ReproductionImages {
  /** Their name. */
  readonly name: string;
  /** Whether they are the paper's own. */
  readonly isPapers: boolean;
  /** Name of the images that are trained on in place of a set of the paper. */
  nameOf(train: SetName): string;
  /** Why a set cannot be trained on; undefined where it can. */
  refusal(train: SetName): string | undefined;
  /**
   * Opens the images to train on, or the images to test on after that.
   *
   * @throws {DataSetError} If they cannot be opened.
   */
  open(train: SetName, half: "train" | "test"): Promise<DataSet>;
}

/** The first images, good and defective in turn. */
function firstOf(samples: readonly Sample[], limit: number): Sample[] {
  const good = samples.filter(({ label }) => label !== 1);
  const bad = samples.filter(({ label }) => label === 1);
  const taken: Sample[] = [];
  for (let i = 0; i < samples.length; i++) {
    taken.push(...[good[i], bad[i]].filter((sample) => sample !== undefined));
  }
  return taken.slice(0, limit);
}

/**
 * Takes only the first images of each category, good and defective in turn.
 *
 * @param dataSet A data set that can be read more than once.
 * @param limit Images of each category.
 * @returns The smaller data set, in the order of the whole one.
 */
export async function limitCategories(
  dataSet: DataSet,
  limit: number,
): Promise<DataSet> {
  const { name, categories } = dataSet;
  const samples = await Array.fromAsync(dataSet.samples());
  const taken = categories.flatMap((category) =>
    firstOf(samples.filter((sample) => sample.category === category), limit)
  );
  const keys = new Set(taken.map(({ key }) => key));
  return {
    name,
    categories,
    size: keys.size,
    async *samples() {
      for await (const sample of dataSet.samples()) {
        if (keys.has(sample.key)) yield sample;
      }
    },
  };
}
