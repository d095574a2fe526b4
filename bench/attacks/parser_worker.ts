/**
 * Reads mutated files of one reader, and tells how each reading ended.
 *
 * @module
 */
import { RunError } from "../../lib/batch/run_error.ts";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { DataSetError } from "../../lib/data/sample.ts";
import { DiskError } from "../../lib/files/disk_error.ts";
import { PlainFileError } from "../../lib/files/plain_file.ts";
import { ImageDecodeError } from "../../lib/image/image.ts";
import { StorageError } from "../../lib/storage/object_store.ts";
import { UsageError } from "../../tasks/cli/usage_error.ts";
import { Mutator } from "./mutations.ts";
import { PARSERS } from "./parser_cases.ts";

/** Errors whose message was written for a user. */
const OWN = [
  ...[DataSetError, DiskError, ImageDecodeError, ModelError],
  ...[PlainFileError, RunError, StorageError, UsageError],
];

/** What a reader is to do. */
export interface Work {
  /** Which of the readers. */
  readonly place: number;
  /** How many mutations. */
  readonly count: number;
}

/** How readings ended. */
export interface Found {
  /** Readings that gave a value. */
  read: number;
  /** Readings that were refused in a sentence. */
  refused: number;
  /** Other errors, with how often they came. */
  faults: Record<string, number>;
  /** Milliseconds of the slowest reading. */
  slowest: number;
  /** Growth of resident memory by one reading at most, in 10^6 bytes. */
  megabytes: number;
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `${error}`;
  const lines = (error.stack ?? error.message).split("\n");
  const at = lines.filter((line) => line.includes("/lib/"))[0] ?? "";
  return `${lines[0]!.slice(0, 140)} ${at.trim().replace(/.*\/lib\//, "lib/")}`;
}

interface Scope {
  onmessage: ((event: MessageEvent<Work>) => void) | null;
  postMessage(message: number | Found): void;
}

const scope = globalThis as unknown as Scope;

async function work({ place, count }: Work): Promise<Found> {
  const found: Found = {
    ...{ read: 0, refused: 0, faults: {}, slowest: 0, megabytes: 0 },
  };
  const folder = await Deno.makeTempDir({ prefix: "parsers" });
  const read = await PARSERS[place]!.open(folder);
  const mutator = new Mutator(1);
  for (let i = 0; i < count; i++) {
    scope.postMessage(i);
    const start = performance.now();
    const before = Deno.memoryUsage().rss;
    try {
      await read(mutator);
      found.read++;
    } catch (error) {
      if (OWN.some((kind) => error instanceof kind)) found.refused++;
      else {
        const name = nameOf(error);
        found.faults[name] = (found.faults[name] ?? 0) + 1;
      }
    }
    found.slowest = Math.max(found.slowest, performance.now() - start);
    const grown = (Deno.memoryUsage().rss - before) / 1e6;
    found.megabytes = Math.max(found.megabytes, grown);
  }
  await Deno.remove(folder, { recursive: true });
  return found;
}

scope.onmessage = async ({ data }) => {
  scope.postMessage(await work(data));
};
