/**
 * The log of one stage, one JSON object per line.
 *
 * @module
 */
import { withDiskErrors } from "../files/disk_error.ts";
import { writeAll } from "../files/whole_file.ts";

/** A row of the log, about the steps since the row before. */
export interface StageRow {
  /** Name of the stage. */
  readonly stage: string;
  /** Steps done. */
  readonly step: number;
  /** Mean loss of those steps. */
  readonly loss: number;
  /** Means of the other values that the stage reports. */
  readonly reports: Readonly<Record<string, number>>;
  /** The learning rate of the last step. */
  readonly rate: number;
  /** Seconds since the stage was started or resumed. */
  readonly seconds: number;
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}

/** A log open for writing. */
export class StageLog implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #bytes: number;

  private constructor(path: string, file: Deno.FsFile, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Opens a log, truncated to `bytes`. */
  static async open(path: string, bytes: number): Promise<StageLog> {
    const file = await Deno.open(path, { write: true, create: true });
    await file.truncate(bytes);
    await file.seek(bytes, Deno.SeekMode.Start);
    return new StageLog(path, file, bytes);
  }

  /** Its length in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a row. */
  async write(row: StageRow): Promise<void> {
    const text = JSON.stringify(
      row,
      (_, value) => typeof value === "number" ? rounded(value) : value,
    );
    const line = new TextEncoder().encode(`${text}\n`);
    await withDiskErrors(this.#path, writeAll(this.#file, line));
    this.#bytes += line.length;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
