/**
 * Threads whose memory is bounded, and a port that leads to them.
 *
 * @module
 */
import { Worker } from "node:worker_threads";

/** A thread that was started. */
export interface Thread {
  /** Tells of its end. */
  readonly worker: Worker;
  /** Leads to it, where it has `workerData.port`. */
  readonly port: MessagePort;
  /** Ends it. */
  end(): Promise<void>;
}

/**
 * Starts a thread. Workers of the web have no bound on their memory; those of
 * Node.js have, but Deno scans their messages byte by byte: 4 MB took 0.7 s, and
 * through a port of its own 1 ms.
 *
 * @param url Its module.
 * @param bytes Bytes that its heap may take.
 * @returns The thread, whose module is not loaded yet.
 */
export function startThread(url: URL, bytes: number): Thread {
  const { port1: port, port2 } = new MessageChannel();
  const worker = new Worker(url, {
    resourceLimits: { maxOldGenerationSizeMb: Math.round(bytes / 2 ** 20) },
    workerData: { port: port2 },
    // The types of Node.js know its own class of ports only.
    transferList: [port2 as never],
  });
  async function end(): Promise<void> {
    port.close();
    await worker.terminate();
  }
  return { worker, port, end };
}
