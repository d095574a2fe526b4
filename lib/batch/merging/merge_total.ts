/**
 * The sum of the parts of a run.
 *
 * @module
 */
import { DataSetError } from "../../data/sample.ts";
import { CategoryTally } from "../../evaluation/category_tally.ts";
import type { TallyState } from "../../evaluation/tally_state.ts";
import type { PromptWords, ScoreRow } from "../../results/summary.ts";
import type { Part } from "../part.ts";
import type { Plan, PlanItem } from "../run.ts";
import { PictureChoice, type PlacedItem } from "./pictures.ts";
import { RowFiles, type RowFilesOptions } from "./row_files.ts";

/** Images of a part, by key. */
export type PlannedItems = ReadonlyMap<string, PlacedItem>;

/** What the parts so far add up to. */
export class MergeTotal {
  readonly tallies: Map<string, CategoryTally>;
  readonly prompts: Record<string, PromptWords> = {};
  readonly pictures: PictureChoice;
  readonly files: RowFiles;
  readonly #plan: Plan;
  /** Rows whose order is that of an archive; null where it is that of keys. */
  readonly #unordered: ScoreRow[] | null;
  images = 0;
  seconds = 0;

  constructor(plan: Plan, options: RowFilesOptions) {
    this.#plan = plan;
    this.tallies = new Map(
      plan.header.categories.map((name) => [name, new CategoryTally()]),
    );
    this.pictures = new PictureChoice(plan.items.length);
    this.files = new RowFiles(plan, options);
    this.#unordered = plan.header.input.kind === "archive" ? [] : null;
  }

  /** Adds a part, whose images must be those of the plan at its position. */
  async add(part: Part, items: PlannedItems): Promise<void> {
    const { rows, start, tallies, prompts, seconds } = part;
    const isWhole = items.size === rows.length &&
      rows.every(({ key }) => items.has(key));
    if (!isWhole) {
      throw new DataSetError(
        `Cannot merge the run ${this.#plan.run} as the part at image ${start} must have the images of the manifest: it has others`,
      );
    }
    for (const row of rows) this.pictures.offer(row, items.get(row.key)!);
    for (const [name, state] of Object.entries(tallies)) {
      this.#count(name, state);
    }
    Object.assign(this.prompts, prompts);
    this.seconds += seconds;
    this.images += rows.length;
    if (this.#unordered === null) return await this.files.add(rows);
    for (const row of rows) this.#unordered.push(row);
  }

  /** Hands on what could not be handed on in the order of the parts. */
  async end(): Promise<void> {
    const rows = this.#unordered ?? [];
    await this.files.add(rows.sort((a, b) => a.key < b.key ? -1 : 1));
  }

  #count(category: string, state: TallyState): void {
    try {
      this.tallies.get(category)?.merge(state);
    } catch (cause) {
      throw new DataSetError(
        `Cannot merge the run ${this.#plan.run} as the counts of its parts must be whole: ${
          cause instanceof Error ? cause.message : cause
        }`,
        { cause },
      );
    }
  }
}

/**
 * Takes the images of the next part from those of its shard.
 *
 * @param items The images that are left.
 * @param part The part.
 */
export async function takeItems(
  items: AsyncIterator<PlanItem>,
  { start, rows }: Part,
): Promise<PlannedItems> {
  const planned = new Map<string, PlacedItem>();
  for (let i = 0; i < rows.length; i++) {
    const { done, value } = await items.next();
    if (done) break;
    planned.set(value.key, { position: start + i, item: value });
  }
  return planned;
}
