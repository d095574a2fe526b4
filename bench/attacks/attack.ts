/**
 * What an attack on a server is.
 *
 * @module
 */
import type { AttackedServer } from "./attacked_server.ts";

/** Where an attack is sent, and what it can use. */
export interface Attacked {
  /** The server. */
  readonly server: AttackedServer;
  /** A folder that batches may read; results go beside it. */
  readonly folder: string;
}

/** Answers by status, such as `200` or `closed`. */
export type Answers = Record<string, number>;

/** One attack. */
export interface Attack {
  /** What it is. */
  readonly name: string;
  /** Makes what is sent, before the server is looked at. */
  prepare(attacked: Attacked): Promise<() => Promise<Answers>>;
}

/** What is sent. */
export type Body = Uint8Array<ArrayBuffer> | string;

/** Sends a request; its status, or how it ended without one. */
export async function statusOf(
  url: string,
  init: RequestInit,
): Promise<string> {
  const signal = AbortSignal.timeout(120_000);
  try {
    const answer = await fetch(url, { signal, ...init });
    await answer.arrayBuffer();
    return `${answer.status}`;
  } catch (error) {
    return (error as Error).name === "TimeoutError" ? "no answer" : "closed";
  }
}

/** Counts how requests ended. */
export async function countAll(
  work: readonly Promise<string>[],
): Promise<Answers> {
  const answers: Answers = {};
  for (const status of await Promise.all(work)) {
    answers[status] = (answers[status] ?? 0) + 1;
  }
  return answers;
}
