/**
 * Downloads of one file from a server that misbehaves as told.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Expectation } from "../../lib/hub/transfer/expectation.ts";
import {
  transfer,
  type TransferOptions,
  type TransferRetry,
} from "../../lib/hub/transfer/transfer.ts";
import { FakeClock } from "../async/fake_clock.ts";
import { namesIn, quick, sha256, withTemporary } from "./_downloads.ts";
import { type Asked, bytes, type Reply, serve } from "./_server.ts";

/** The file. */
export const DATA: Uint8Array = bytes(10_500);

/** What is known of it. */
export const EXPECTED: Required<Expectation> = {
  size: DATA.length,
  sha256: sha256(DATA),
};

/** What a download came to. */
export interface Outcome {
  /** The requests. */
  readonly asked: readonly Asked[];
  /** Why it was tried again. */
  readonly retries: readonly TransferRetry[];
  /** How long it waited. */
  readonly clock: FakeClock;
}

/** How the server answers. */
export type Answer = (asked: Asked) => Reply;

/** Downloads from a server; the file must arrive whole and alone. */
export async function arrives(
  answer: Answer,
  options: TransferOptions = { expected: EXPECTED },
  data: Uint8Array = DATA,
): Promise<Outcome> {
  const clock = new FakeClock();
  const retries: TransferRetry[] = [];
  await using server = serve(answer);
  await withTemporary(async (folder) => {
    const target = `${folder}/file.bin`;
    const measured = await transfer(`${server.origin}/file.bin`, target, {
      ...quick(clock),
      onRetry: (retry) => retries.push(retry),
      ...options,
    });
    assert.deepEqual(await Deno.readFile(target), data);
    assert.deepEqual(measured, { size: data.length, sha256: sha256(data) });
    assert.deepEqual(await namesIn(folder), ["file.bin"]);
  });
  return { asked: server.asked, retries, clock };
}

/** Fails to download; no file may appear under the name. */
export async function fails(
  answer: Answer,
  expected: { readonly failure: string; readonly message: RegExp },
  options: TransferOptions = { expected: EXPECTED },
): Promise<Outcome> {
  const clock = new FakeClock();
  const retries: TransferRetry[] = [];
  await using server = serve(answer);
  await withTemporary(async (folder) => {
    const target = `${folder}/file.bin`;
    const run = transfer(`${server.origin}/file.bin`, target, {
      ...quick(clock),
      onRetry: (retry) => retries.push(retry),
      ...options,
    });
    await assert.rejects(run, expected);
    assert.ok(!(await namesIn(folder)).includes("file.bin"));
  });
  return { asked: server.asked, retries, clock };
}

/** The Range headers of requests, sorted. */
export function rangesOf(asked: readonly Asked[]): (string | null)[] {
  return asked.map(({ headers }) => headers.get("range")).sort();
}
