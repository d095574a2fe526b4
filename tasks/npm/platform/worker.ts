/**
 * Web workers for Node.js; Bun has them.
 *
 * @module
 */
import { Worker as Thread } from "node:worker_threads";

/** What a worker's `onerror` is told. */
export interface WorkerErrorEvent {
  /** What went wrong. */
  readonly message: string;
  /** Does nothing: errors do not end the program. */
  preventDefault(): void;
}

/** The part of a web worker that the library uses, on a thread of Node.js. */
export class NodeWorker {
  /** Takes what the worker posts. */
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  /** Takes errors that nobody caught in the worker. */
  onerror: ((event: WorkerErrorEvent) => void) | null = null;
  readonly #thread: Thread;

  /** Starts a worker from a module. */
  constructor(url: URL) {
    this.#thread = new Thread(url);
    this.#thread.on("message", (data) => this.onmessage?.({ data }));
    this.#thread.on("error", (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.onerror?.({ message, preventDefault() {} });
    });
  }

  /** Sends a message to the worker. */
  postMessage(message: unknown, transfer: ArrayBuffer[] = []): void {
    this.#thread.postMessage(message, transfer);
  }

  /** Ends the worker. */
  terminate(): void {
    this.#thread.terminate();
  }
}

const native = globalThis.Worker as typeof globalThis.Worker | undefined;

/** Stands for `Worker`. */
export const Worker: typeof NodeWorker | typeof globalThis.Worker = native ??
  NodeWorker;
