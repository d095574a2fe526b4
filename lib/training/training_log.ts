/**
 * log.jsonl: the events of a run, one JSON object per line.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import { withDiskErrors } from "../files/disk_error.ts";
import { writeAll } from "../files/whole_file.ts";
import type {
  CheckpointRow,
  EvalRow,
  LogRow,
} from "../results/training_rows.ts";

/** Rows that may stand between a checkpoint and the next step. */
export type LaterRow = CheckpointRow | EvalRow;

function isLater(row: LogRow): row is LaterRow {
  return row.event === "checkpoint" || row.event === "eval";
}

/** Reads complete lines; an incomplete last line is left out. */
function parseRows(text: string): { row: LogRow; bytes: number }[] {
  const encoder = new TextEncoder();
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => ({
    row: JSON.parse(line),
    bytes: encoder.encode(line).length + 1,
  }));
}

/** Reads a log; an incomplete last line is left out. */
export async function readLog(path: string): Promise<LogRow[]> {
  const text = await Deno.readTextFile(path);
  return parseRows(text).map(({ row }) => row);
}

/** A log open for writing. */
export class TrainingLog implements Disposable {
  /** Rows found after the place where the log was opened. */
  readonly later: readonly LaterRow[];
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #bytes: number;

  private constructor(
    { path, file, bytes, later }: {
      path: string;
      file: Deno.FsFile;
      bytes: number;
      later: readonly LaterRow[];
    },
  ) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
    this.later = later;
  }

  /**
   * Opens a log and truncates it to `bytes`. Checkpoint and evaluation rows
   * that follow directly are kept.
   *
   * @throws {ModelError} If it is shorter than `bytes`.
   */
  static async open(path: string, bytes: number): Promise<TrainingLog> {
    const file = await Deno.open(path, {
      read: true,
      write: true,
      create: true,
    });
    try {
      const { size } = await file.stat();
      if (size < bytes) {
        throw new ModelError(
          `Cannot go on with ${path} as it must have at least ${bytes} bytes: ` +
            `current value is ${size}`,
        );
      }
      const all = await Deno.readFile(path);
      const rest = parseRows(new TextDecoder().decode(all.subarray(bytes)));
      const end = rest.findIndex(({ row }) => !isLater(row));
      const kept = end === -1 ? rest : rest.slice(0, end);
      const length = kept.reduce((sum, row) => sum + row.bytes, bytes);
      if (size > length) await file.truncate(length);
      await file.seek(length, Deno.SeekMode.Start);
      const later = kept.map(({ row }) => row).filter(isLater);
      return new TrainingLog({ path, file, bytes: length, later });
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Length in bytes up to the last row. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a row. */
  async write(row: LogRow): Promise<void> {
    const line = new TextEncoder().encode(`${JSON.stringify(row)}\n`);
    await withDiskErrors(this.#path, writeAll(this.#file, line));
    this.#bytes += line.length;
  }

  /** Waits until all rows are on the disk. */
  async sync(): Promise<void> {
    await withDiskErrors(this.#path, this.#file.syncData());
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
