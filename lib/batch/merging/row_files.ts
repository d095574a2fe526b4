/**
 * The rows of a merged run as files: `scores.parquet` and `scores.csv`.
 *
 * @module
 */
import { runNotes } from "../../results/figures_csv.ts";
import { RowDigest } from "../../results/row_digest.ts";
import {
  encodeScoresCsv,
  encodeScoresHeader,
  encodeScoresLines,
} from "../../results/scores_csv.ts";
import {
  ScoresWriter,
  streamScores,
  writeScores,
} from "../../results/scores_parquet.ts";
import type { ScoreRow, Summary } from "../../results/summary.ts";
import type { ObjectStore, StoreOptions } from "../../storage/object_store.ts";
import { HELD_IMAGES } from "../manifest.ts";
import type { Plan } from "../run.ts";
import { StreamedObject } from "./streamed_object.ts";

const PARQUET_TYPE = "application/vnd.apache.parquet";
const CSV_TYPE = "text/csv";

function parquetKey(run: string): string {
  return `runs/${run}/scores.parquet`;
}

function csvKey(run: string): string {
  return `runs/${run}/scores.csv`;
}

/** Files that grow with the rows. */
interface Growing {
  readonly parquet: StreamedObject;
  readonly csv: StreamedObject;
  readonly scores: ScoresWriter;
}

/** Options of {@linkcode RowFiles}. */
export interface RowFilesOptions extends StoreOptions {
  /**
   * Rows that memory holds. A run of more is written while it is merged.
   *
   * @default {65_536}
   */
  readonly heldImages?: number | undefined;
}

/** Takes rows in the order of their keys, and writes them. */
export class RowFiles {
  /** What summary and report say of the rows. */
  readonly digest: RowDigest = new RowDigest();
  readonly #plan: Plan;
  readonly #held: number;
  readonly #options: StoreOptions;
  #rows: ScoreRow[] = [];
  #growing: Growing | undefined;

  /** Starts without rows. */
  constructor(
    plan: Plan,
    { heldImages = HELD_IMAGES, ...options }: RowFilesOptions,
  ) {
    this.#plan = plan;
    this.#held = heldImages;
    this.#options = options;
  }

  /** Takes the next rows. */
  async add(rows: Iterable<ScoreRow>): Promise<void> {
    for (const row of rows) {
      if (this.#rows.length === this.#held) await this.#flush();
      this.digest.add(row);
      this.#rows.push(row);
    }
  }

  async #grow(): Promise<Growing> {
    const { run, out, header } = this.#plan;
    const open = (key: string, contentType: string) =>
      new StreamedObject(out, key, { ...this.#options, contentType });
    const growing = {
      parquet: open(parquetKey(run), PARQUET_TYPE),
      csv: open(csvKey(run), CSV_TYPE),
      scores: new ScoresWriter({ hasVerdicts: header.criteria !== undefined }),
    };
    this.#growing = growing;
    await growing.csv.write(encodeScoresHeader());
    return growing;
  }

  async #flush(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    const { parquet, csv, scores } = this.#growing ?? await this.#grow();
    await parquet.write(scores.write(rows));
    await csv.write(encodeScoresLines(rows));
  }

  /**
   * Writes the rest.
   *
   * @param summary The summary of the run.
   * @returns All rows, which may be gone through again and again.
   * @throws {StorageError} If the store fails.
   */
  async finish(summary: Summary): Promise<AsyncIterable<ScoreRow>> {
    const { run, out } = this.#plan;
    if (this.#growing === undefined) {
      const rows = this.#rows;
      const parquet = writeScores(rows, runNotes(summary));
      await this.#put(parquetKey(run), parquet, PARQUET_TYPE);
      await this.#put(csvKey(run), encodeScoresCsv(rows), CSV_TYPE);
      return iterate(async function* () {
        yield* rows;
      });
    }
    if (this.#rows.length > 0) await this.#flush();
    const { parquet, csv, scores } = this.#growing;
    await parquet.write(scores.finish(runNotes(summary)));
    await parquet.close();
    await csv.close();
    return iterate(() => readRows(out, parquetKey(run)));
  }

  #put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    contentType: string,
  ): Promise<void> {
    return this.#plan.out.put(key, bytes, { ...this.#options, contentType });
  }

  /** Leaves nothing of files that are not whole. */
  async abandon(reason: unknown): Promise<void> {
    await this.#growing?.parquet.abandon(reason);
    await this.#growing?.csv.abandon(reason);
  }
}

function iterate<T>(open: () => AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: open };
}

async function* readRows(
  out: ObjectStore,
  key: string,
): AsyncGenerator<ScoreRow> {
  const { size = 0, etag = "" } = await out.head(key) ?? {};
  yield* streamScores({
    byteLength: size,
    async slice(start, end = size) {
      const range = { start: start < 0 ? size + start : start, end };
      return (await out.read(key, { etag, range })).buffer;
    },
  });
}
