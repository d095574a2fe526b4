/**
 * Where the images of a reproduction come from.
 *
 * @module
 */
import type { DataSet, Sample } from "../data/sample.ts";
import type { SetName } from "./paper_tables.ts";

/** The images of a reproduction. */
export interface ImageSource {
  /** What they are called. */
  readonly name: string;
  /** Whether they are those of the paper. */
  readonly isPapers: boolean;
  /** What stands in for a set of the paper when it is trained on. */
  nameOf(train: SetName): string;
  /** Why nothing can be trained on a set; undefined where it can. */
  refusal(train: SetName): string | undefined;
  /**
   * Opens the images to train on, or those to test on then.
   *
   * @throws {DataSetError} If they cannot be opened.
   */
  open(train: SetName, half: "train" | "test"): Promise<DataSet>;
}

/** The first images of either label in turn. */
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
 * @param dataSet A data set that can be gone through again.
 * @param limit Images of each category.
 * @returns The smaller data set, in the same order.
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
    ...{ name, categories },
    size: keys.size,
    async *samples() {
      for await (const sample of dataSet.samples()) {
        if (keys.has(sample.key)) yield sample;
      }
    },
  };
}
