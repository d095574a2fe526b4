/**
 * A part that a worker is filling.
 *
 * @module
 */
import { CategoryTally } from "../evaluation/category_tally.ts";
import type { ScoreRow } from "../results/summary.ts";
import type { ItemResult } from "./attempt.ts";
import type { FailureStage, Part, PartName } from "./part.ts";

/** Rows of consecutive images, and their counts. */
export class OpenPart {
  readonly #name: PartName;
  readonly #rows: ScoreRow[] = [];
  readonly #stages = new Map<string, FailureStage>();
  readonly #tallies = new Map<string, CategoryTally>();
  readonly #opened = performance.now();

  /** Opens an empty part. */
  constructor(name: PartName) {
    this.#name = name;
  }

  /** How many images it holds. */
  get size(): number {
    return this.#rows.length;
  }

  /** The categories of its images. */
  get categories(): Iterable<string> {
    return this.#tallies.keys();
  }

  /** Position in the run after its last image. */
  get end(): number {
    return this.#name.start + this.size;
  }

  /** Seconds since it was opened. */
  get age(): number {
    return (performance.now() - this.#opened) / 1000;
  }

  /** Adds the next image. */
  add(result: ItemResult): void {
    const { row } = result;
    const tally = this.#tallies.get(row.category) ?? new CategoryTally();
    this.#tallies.set(row.category, tally);
    if ("stage" in result) {
      tally.addFailure();
      this.#stages.set(row.key, result.stage);
    } else {
      tally.add(result.image, result.detection);
    }
    this.#rows.push(row);
  }

  /**
   * Closes the part.
   *
   * @param prompts The words used for its categories.
   * @returns Its content.
   */
  close(prompts: Part["prompts"]): Part {
    return {
      ...this.#name,
      rows: this.#rows,
      stages: Object.fromEntries(this.#stages),
      tallies: Object.fromEntries(
        [...this.#tallies].map(([name, tally]) => [name, tally.state()]),
      ),
      prompts,
      seconds: this.age,
    };
  }
}
