/**
 * What the tests of downloads share.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../lib/hub/transfer/retry.ts";
import type { TransferOptions } from "../../lib/hub/transfer/transfer.ts";

/** SHA-256 in hexadecimal. */
export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** A clock that waits no time and notes for how long it was asked to. */
export class FakeClock implements Clock {
  /** Milliseconds of each wait. */
  readonly waits: number[] = [];
  #now = 1_700_000_000_000;

  now(): number {
    return this.#now;
  }

  random(): number {
    return 1;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.waits.push(milliseconds);
    this.#now += milliseconds;
    return Promise.resolve();
  }
}

/** Small parts, short stalls and no waiting. */
export function quick(clock: Clock = new FakeClock()): TransferOptions {
  return {
    clock,
    segmentBytes: 1000,
    connections: 3,
    stallMilliseconds: 20_000,
    free: () => Promise.resolve(1e12),
  };
}

/** Runs with a temporary folder, which it removes. */
export async function withTemporary(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hub" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Names in a folder, sorted. */
export async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}
