/**
 * Reads bodies, large ones in a worker: to parse one of 32 MB takes half a
 * second, in which nobody else would be answered.
 *
 * @module
 */
import { orAbort } from "../../../async/abortable.ts";
import { Semaphore } from "../../../async/semaphore.ts";
import { startThread, type Thread } from "../../start_thread.ts";
import { refusal } from "../refusals.ts";
import { parseBody, type ParsedBody, type Parsing } from "./parse_body.ts";
import type { ParseRequest, ParseResponse } from "./parse_worker.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes from which on a body is read in the worker. */
const LARGE_BYTES = 1 << 20;
/** Milliseconds that it may take; one that is out of memory never answers. */
const MOST_MILLISECONDS = 20_000;
/** Bytes of the worker's heap: a body, its text and what is made of them. */
const HEAP_BYTES = 512 << 20;
/** Milliseconds of rest after which the worker ends. */
const REST_MILLISECONDS = 10_000;

/** One worker, which reads one body at a time. */
export class BodyParser implements Disposable {
  readonly #turns = new Semaphore(1);
  readonly #milliseconds: number;
  #thread: Thread | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /**
   * Constructs a parser without its worker.
   *
   * @param milliseconds Time for a body in the worker.
   */
  constructor(milliseconds: number = MOST_MILLISECONDS) {
    this.#milliseconds = milliseconds;
  }

  /**
   * Reads a body. The caller has a large one no more.
   *
   * @param body Its bytes.
   * @param how What it is.
   * @param signal Ends the wait.
   * @returns What it holds; texts that are long and base64 are their bytes.
   * @throws {HTTPException} If it is not what it must be, or takes too long.
   */
  async parse<P extends Parsing>(
    body: Bytes,
    how: P,
    signal: AbortSignal,
  ): Promise<ParsedBody[P["kind"]]> {
    if (body.length < LARGE_BYTES) {
      return await parseBody(body, how) as ParsedBody[P["kind"]];
    }
    const answer = await orAbort(this.#inTurn(body, how, signal), signal);
    if ("value" in answer) return answer.value as ParsedBody[P["kind"]];
    throw refusal(answer.status, answer.message);
  }

  /** Ends the worker. */
  [Symbol.dispose](): void {
    clearTimeout(this.#rest);
    this.#thread?.end();
    this.#thread = undefined;
  }

  /** The turn ends with the work, whether it is awaited or not. */
  async #inTurn(
    body: Bytes,
    how: Parsing,
    signal: AbortSignal,
  ): Promise<ParseResponse> {
    using _turn = await this.#turns.acquire(1, signal);
    return await this.#ask(body, how);
  }

  async #ask(body: Bytes, how: Parsing): Promise<ParseResponse> {
    clearTimeout(this.#rest);
    const { port } = this.#thread ??= await start();
    const { promise, resolve } = Promise.withResolvers<ParseResponse>();
    const limit = setTimeout(() => {
      const seconds = this.#milliseconds / 1000;
      const message = "Cannot read the body as it must take at most " +
        `${seconds} seconds to parse`;
      resolve({ status: 413, message });
      this[Symbol.dispose]();
    }, this.#milliseconds);
    port.onmessage = ({ data }: MessageEvent<ParseResponse>) => resolve(data);
    try {
      port.postMessage({ body, how } satisfies ParseRequest, [body.buffer]);
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#restLater();
    }
  }

  #restLater(): void {
    this.#rest = setTimeout(() => this[Symbol.dispose](), REST_MILLISECONDS);
    Deno.unrefTimer(this.#rest as unknown as number);
  }
}

/** Starts the worker, and waits until its modules are loaded. */
async function start(): Promise<Thread> {
  const url = new URL("./parse_worker.ts", import.meta.url);
  const thread = startThread(url, HEAP_BYTES);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  thread.port.onmessage = () => resolve();
  thread.worker.on("error", reject);
  await promise;
  return thread;
}
