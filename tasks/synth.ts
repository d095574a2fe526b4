/**
 * `synth`: writes the synthetic data set as files in MVTec AD layout.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { withDiskErrors } from "../lib/files/disk_error.ts";
import { HeldFolder, LOCK_FILE } from "../lib/files/held_folder.ts";
import { isMissing, removeIfThere } from "../lib/files/is_there.ts";
import {
  syntheticFiles,
  type SyntheticOptions,
} from "../lib/synthetic/data_set.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import { EXIT } from "./cli/exit.ts";
import { UsageError } from "./cli/usage_error.ts";
import { SYNTHETIC_FLAGS } from "./flags/synthetic_flags.ts";

const FLAGS = {
  ...SYNTHETIC_FLAGS,
  split: {
    kind: "choice",
    choices: ["aux", "test"],
    default: "test",
    help: "The auxiliary half, for training, or the test half",
  },
  category: {
    kind: "list",
    value: "A,B",
    help: "Draw only these categories",
  },
} as const;

/** The folder of the files until all of them are drawn. */
const UNFINISHED = "incomplete.tmp";

/** What another run may have left half-way. */
const LEFT = [UNFINISHED, LOCK_FILE];

async function isFree(out: string): Promise<boolean> {
  try {
    const names = await Array.fromAsync(Deno.readDir(out));
    return names.every(({ name }) => LEFT.includes(name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    if (isMissing(error)) return false;
    throw error;
  }
}

async function assertFree(out: string): Promise<void> {
  if (await isFree(out)) return;
  throw new UsageError(
    `Cannot draw into ${out} as it must be an empty folder`,
  );
}

async function draw(
  folder: string,
  options: SyntheticOptions,
  signal: AbortSignal,
): Promise<number> {
  let images = 0;
  for await (const { path, bytes } of syntheticFiles(options)) {
    signal.throwIfAborted();
    const file = join(folder, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await withDiskErrors(file, Deno.writeFile(file, bytes));
    if (path.includes("/test/")) images++;
  }
  return images;
}

async function run(
  { flags, positionals, signal }: Invocation<typeof FLAGS>,
): Promise<number> {
  const { seed, count, side, split, category: categories } = flags;
  const out = positionals[0]!;
  await assertFree(out);
  await using _held = await HeldFolder.hold(out);
  // Another run may have ended meanwhile.
  await assertFree(out);
  const unfinished = join(out, UNFINISHED);
  await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  await Deno.mkdir(unfinished, { recursive: true });
  const options = { seed, count, side, split, ...categories && { categories } };
  try {
    const images = await draw(unfinished, options, signal);
    const drawn = await Array.fromAsync(Deno.readDir(unfinished));
    for (const { name } of drawn) {
      await Deno.rename(join(unfinished, name), join(out, name));
    }
    const categories = drawn.length === 1 ? "category" : "categories";
    const count = `${images} ${images === 1 ? "image" : "images"}`;
    console.log(`Drew ${count} of ${drawn.length} ${categories}: ${out}`);
    return EXIT.done;
  } finally {
    await removeIfThere(unfinished);
  }
}

/** The verb. */
export const command: Command = defineCommand({
  positionals: ["OUT"],
  flags: FLAGS,
  run,
});
