/**
 * A folder of results in which every file is whole.
 *
 * @module
 */
import {
  type ComparedFolder,
  readComparison,
  removeComparison,
  writeComparison,
} from "./compared_folders.ts";
import { isThere, removeIfThere } from "../files/is_there.ts";
import { LOCK_FILE } from "../files/held_folder.ts";
import { removeTemporaries, writeWhole } from "../files/whole_file.ts";
import { CSV_METADATA_END } from "../results/csv_metadata.ts";
import { PIXEL_GROUPS_FILE } from "../results/pixel_groups_file.ts";

/** Present from the start of a run until its last file is written. */
const MARKER = "incomplete.tmp";

/** Files about the whole run; the first is written last. */
const WHOLE_RUN = ["summary.json", "report.html", "scores.parquet"];
/** Files about the whole run beside those, which not every version writes. */
const BESIDE = [
  "figures.csv",
  PIXEL_GROUPS_FILE,
  "scores.csv",
  `scores.csv${CSV_METADATA_END}`,
  "regions.json",
];
/** Folders with files of single images. */
const PER_IMAGE = ["maps", "heatmaps", "overlays", "masks"];

/** Whether a folder holds the results of a run, or of one that was stopped. */
async function holdsRun(path: string): Promise<boolean> {
  const marks = [[MARKER], WHOLE_RUN].map((names) =>
    Promise.all(names.map((name) => isThere(`${path}/${name}`)))
  );
  return (await Promise.all(marks)).some((mark) =>
    mark.every((present) => present)
  );
}

/** Removes what belongs to a run; its mark stays until the rest is gone. */
async function removeRun(path: string): Promise<void> {
  for (const name of [...WHOLE_RUN, ...BESIDE, ...PER_IMAGE]) {
    await removeIfThere(`${path}/${name}`);
  }
  await removeTemporaries(path);
  await removeIfThere(`${path}/${MARKER}`);
}

/**
 * Removes the results of each model of a comparison, and what is then empty
 * but for a lock.
 *
 * @param kept Folders that are about to be filled again.
 */
async function removeCompared(
  path: string,
  kept: readonly ComparedFolder[] = [],
): Promise<void> {
  for (const { folder } of await readComparison(path)) {
    const own = `${path}/${folder}`;
    if (await holdsRun(own)) await removeRun(own);
    if (kept.some((other) => other.folder === folder)) continue;
    // Windows keeps a folder in which a lock is open.
    if (await isEmpty(own)) await removeIfThere(own).catch(() => {});
  }
  await removeComparison(path);
}

async function isEmpty(path: string): Promise<boolean> {
  if (!await isThere(path)) return false;
  for await (const { name } of Deno.readDir(path)) {
    if (name !== LOCK_FILE) return false;
  }
  return true;
}

/**
 * Makes a folder for the results of several models, or removes the results of
 * an earlier run, of one model or several, from it. Other files stay as they
 * are. {@linkcode HeldResults} must have taken the folder.
 *
 * @param models Each with the name of its folder.
 */
export async function startComparison(
  path: string,
  models: readonly ComparedFolder[],
): Promise<void> {
  if (await holdsRun(path)) await removeRun(path);
  await removeCompared(path, models);
  await writeComparison(path, models);
}

function isSafe(segment: string): boolean {
  if (segment === "" || segment === "." || segment === "..") return false;
  if (segment.includes("\0")) return false;
  return Deno.build.os !== "windows" || !/[\\:]/.test(segment);
}

/**
 * Checks that a key can name a file below any folder.
 *
 * @param key Path with `/`.
 * @throws {RangeError} If it is absolute, empty, or leads out with `..`.
 */
export function assertInside(key: string): void {
  if (key.split("/").every(isSafe)) return;
  throw new RangeError(
    `Cannot write a result as its key must be a path below the data root: current value is "${key}"`,
  );
}

/** Bytes that the names of files of Unix and of Windows may have. */
const NAME_BYTES = 255;

/**
 * Tells whether the files of an image can be called after it.
 *
 * @param key Path with `/`.
 * @returns A sentence where its name is too long, else null.
 */
export function nameError(key: string): string | null {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const most = NAME_BYTES - ".png".length;
  const { length } = new TextEncoder().encode(name);
  if (length <= most) return null;
  return `Cannot write a heatmap as the name of its image must have at most ${most} bytes: current value is ${length}`;
}

/**
 * The folder that one run writes to.
 *
 * Every file appears under its name only when it is whole. Until
 * {@linkcode OutputFolder.complete}, a file `incomplete.tmp` says that the
 * run has not ended.
 */
export class OutputFolder {
  /** Where the results lie. */
  readonly path: string;
  readonly #folders = new Set<string>();

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder, or removes the results of an earlier run from it, of one
   * model or of several. Other files stay as they are. {@linkcode HeldResults}
   * must have taken the folder.
   *
   * @param path The folder.
   * @returns The folder, marked as incomplete.
   */
  static async create(path: string): Promise<OutputFolder> {
    const folder = new OutputFolder(path);
    await Deno.mkdir(path, { recursive: true });
    await removeCompared(path);
    const earlier = await holdsRun(path);
    await writeWhole(
      `${path}/${MARKER}`,
      "The run that writes here has not ended, or was stopped half-way.\n",
    );
    for (const name of WHOLE_RUN) await removeIfThere(`${path}/${name}`);
    if (!earlier) return folder;
    for (const name of [...BESIDE, ...PER_IMAGE]) {
      await removeIfThere(`${path}/${name}`);
    }
    await removeTemporaries(path);
    return folder;
  }

  /**
   * Writes one file whole, or not at all.
   *
   * @param name Path below the folder, with `/`.
   * @param bytes The file's content.
   * @throws {RangeError} If the name would leave the folder.
   */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    assertInside(name);
    const segments = name.split("/");
    const parent = [this.path, ...segments.slice(0, -1)].join("/");
    if (!this.#folders.has(parent)) {
      await Deno.mkdir(parent, { recursive: true });
      this.#folders.add(parent);
    }
    await writeWhole(`${this.path}/${name}`, bytes);
  }

  /** Removes the mark of an incomplete run. */
  async complete(): Promise<void> {
    await removeIfThere(`${this.path}/${MARKER}`);
  }
}
