/**
 * What the tests of downloads share.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../lib/async/retry.ts";
import type { TransferOptions } from "../../lib/hub/transfer/transfer.ts";
import { FakeClock } from "../async/fake_clock.ts";

/** SHA-256 in hexadecimal. */
export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
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
