/**
 * What a watch keeps in its folder: decisions, verdicts for spreadsheets, and
 * the messages that were not delivered.
 *
 * @module
 */
import { join } from "node:path";
import { RunError } from "../batch/run_error.ts";
import { HeldFolder } from "../files/held_folder.ts";
import { readTextIfThere } from "../files/is_there.ts";
import { makeWhole, writeJson, writeNew } from "../files/whole_file.ts";
import { encodeScoresCsv } from "../results/scores_csv.ts";
import type { ScoreRow } from "../results/summary.ts";
import { type Decision, versionIn } from "./decision.ts";
import type { FileVersion } from "./inbox.ts";
import { LineFile } from "./line_file.ts";
import type { WebhookMessage } from "./webhook.ts";

/** Names of the files. */
export const WATCH_FILES = {
  settings: "watch.json",
  decisions: "decisions.jsonl",
  verdicts: "verdicts.csv",
  undelivered: "undelivered.jsonl",
} as const;

/** What decides on the numbers of a watch; it stays the same in a folder. */
export type WatchIdentity = Readonly<Record<string, unknown>>;

/** Header and lines of a table, without line ends. */
function tableOf(rows: readonly ScoreRow[]): [string, ...string[]] {
  const text = new TextDecoder().decode(encodeScoresCsv(rows));
  const [header] = text.split("\r\n", 1);
  const rest = text.slice(header!.length + 2);
  return [header!, ...rest === "" ? [] : [rest.slice(0, -2)]];
}

/** The lines of decisions in the order in which they were made. */
function linesOf(decisions: readonly Decision[]): string[] {
  return decisions.flatMap((decision) => {
    const [, ...lines] = tableOf([decision]);
    return lines.map((line) => `${line}\r`);
  });
}

async function checkIdentity(
  path: string,
  identity: WatchIdentity,
): Promise<void> {
  const text = `${JSON.stringify(identity, null, 2)}\n`;
  const there = await readTextIfThere(path);
  if (there === undefined) return await writeJson(path, identity);
  if (there === text) return;
  throw new RunError(
    `Cannot go on as ${path} must tell the same model, input and settings: ` +
      "give another folder with --out",
    "configuration",
  );
}

/** The open files of a watch. */
export class WatchRecord implements AsyncDisposable {
  readonly #decisions: LineFile;
  readonly #verdicts: LineFile;
  readonly #undelivered: LineFile;
  readonly #opened: AsyncDisposableStack;

  private constructor(
    files: readonly [LineFile, LineFile, LineFile],
    opened: AsyncDisposableStack,
  ) {
    [this.#decisions, this.#verdicts, this.#undelivered] = files;
    this.#opened = opened;
  }

  /**
   * Opens the record in a folder, or begins one.
   *
   * @throws {FolderInUseError} If another run writes to the folder.
   * @throws {RunError} If it was begun with other settings.
   * @throws {DiskError} If the disk cannot hold it.
   */
  static async open(
    folder: string,
    identity: WatchIdentity,
  ): Promise<WatchRecord> {
    await using opened = new AsyncDisposableStack();
    opened.use(await HeldFolder.hold(folder));
    const openNext = async (name: string) =>
      opened.use(await LineFile.open(join(folder, name)));
    const decisions = await openNext(WATCH_FILES.decisions);
    await checkIdentity(join(folder, WATCH_FILES.settings), identity);
    await rewriteVerdicts(join(folder, WATCH_FILES.verdicts), decisions);
    const verdicts = await openNext(WATCH_FILES.verdicts);
    const undelivered = await openNext(WATCH_FILES.undelivered);
    const files = [decisions, verdicts, undelivered] as const;
    return new WatchRecord(files, opened.move());
  }

  /** The versions of files that were decided. */
  async *decided(): AsyncGenerator<FileVersion> {
    for await (const line of this.#decisions.lines()) {
      const version = versionIn(line);
      if (version !== undefined) yield version;
    }
  }

  /** Keeps decisions; they are on the disk when it resolves. */
  async keep(decisions: readonly Decision[]): Promise<void> {
    await this.#decisions.append(decisions.map((d) => JSON.stringify(d)));
    await this.#verdicts.append(linesOf(decisions));
  }

  /** Keeps a message that was not delivered. */
  async keepUndelivered(
    { id, body }: WebhookMessage,
    reason: string,
  ): Promise<void> {
    const line = { id, reason, message: JSON.parse(body) };
    await this.#undelivered.append([JSON.stringify(line)]);
  }

  /** Closes the files, and lets the folder go. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

/** Makes the table anew: a crash may have come between the two files. */
async function rewriteVerdicts(
  path: string,
  decisions: LineFile,
): Promise<void> {
  const encoder = new TextEncoder();
  async function* text(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield encoder.encode(`${tableOf([])[0]}\r\n`);
    for await (const line of decisions.lines()) {
      if (versionIn(line) === undefined) continue;
      const lines = linesOf([JSON.parse(line)]);
      yield encoder.encode(lines.map((line) => `${line}\n`).join(""));
    }
  }
  await makeWhole(
    path,
    (temporary) => writeNew(temporary, ReadableStream.from(text())),
  );
}
