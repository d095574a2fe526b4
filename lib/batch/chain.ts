/**
 * The chain of parts of a shard, as it is stored.
 *
 * @module
 */
import { ahead } from "../async/ahead.ts";
import {
  isMissingObject,
  type ObjectStore,
  type StoreOptions,
} from "../storage/object_store.ts";
import { DataSetError } from "../data/sample.ts";
import {
  decodePart,
  encodeErrors,
  errorsKey,
  parsePartKey,
  type Part,
  partKey,
  type PartName,
  partPrefix,
} from "./part.ts";
import type { Plan } from "./run.ts";
import type { ShardRange } from "./shard_range.ts";

/** Parts that are read at a time. */
const READS = 4;

/** One shard of a run. */
export interface ShardOf {
  /** The run. */
  readonly plan: Pick<Plan, "run" | "out">;
  /** Which shard, counted from 0. */
  readonly shard: number;
}

async function readPart(
  out: ObjectStore,
  name: PartName,
  options: StoreOptions,
): Promise<Part> {
  return await decodePart(name, await out.read(partKey(name), options));
}

/** A part whose damage is told only where the part counts. */
interface Attempt {
  readonly name: PartName;
  readonly part: Part | DataSetError;
}

async function tryPart(
  out: ObjectStore,
  name: PartName,
  options: StoreOptions,
): Promise<Attempt> {
  try {
    return { name, part: await readPart(out, name, options) };
  } catch (error) {
    if (error instanceof DataSetError) return { name, part: error };
    throw error;
  }
}

/** Names of parts in order. */
async function* listParts(
  { run, out }: Pick<Plan, "run" | "out">,
  prefix: string,
  options: StoreOptions,
): AsyncGenerator<PartName> {
  for await (const { key } of out.list(prefix, options)) {
    const name = parsePartKey(run, key);
    if (name !== null) yield name;
  }
}

/**
 * Follows the chain of parts of a shard from its first image. A part that does
 * not start where the one before it ends is ignored, also a damaged one.
 *
 * @param shard The shard.
 * @param range Its images.
 * @param options How to stop.
 * @yields The parts; each starts where the one before it ends.
 * @throws {DataSetError} If a part of the chain is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function* readChain(
  { plan, shard }: ShardOf,
  range: ShardRange,
  options: StoreOptions = {},
): AsyncGenerator<Part> {
  const prefix = partPrefix(plan.run, shard);
  const parts = ahead(
    listParts(plan, prefix, options),
    (name) => tryPart(plan.out, name, options),
    READS,
  );
  let next = range.start;
  for await (const { name, part } of parts) {
    if (name.start !== next) continue;
    if (part instanceof DataSetError) throw part;
    next += part.rows.length;
    yield part;
  }
}

/**
 * Finds the part that starts at an image.
 *
 * @param plan The run.
 * @param name Which part.
 * @param options How to stop.
 * @returns The part, or null if there is none.
 * @throws {DataSetError} If it is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function findPart(
  { out }: Pick<Plan, "out">,
  name: PartName,
  options: StoreOptions = {},
): Promise<Part | null> {
  try {
    return await readPart(out, name, options);
  } catch (error) {
    if (isMissingObject(error)) return null;
    throw error;
  }
}

/**
 * Lists the images of a part that have no score, in an object of their own. No
 * object is written if all have one.
 *
 * @param plan The run.
 * @param part A stored part.
 * @param options How to stop.
 * @throws {StorageError} If the store fails.
 */
export async function storeErrors(
  { out }: Pick<Plan, "out">,
  part: Part,
  options: StoreOptions = {},
): Promise<void> {
  const lines = encodeErrors(part);
  if (lines === null) return;
  const contentType = "application/jsonl";
  await out.create(errorsKey(part), lines, { ...options, contentType });
}
