/**
 * The global scope of a web worker on a thread of Node.js. Workers import this
 * module first.
 *
 * @module
 */
import { parentPort } from "node:worker_threads";

type Listener = (event: { readonly data: unknown }) => void;

/** Node.js has no `postMessage` in threads; Bun has. */
const isMissing = !("postMessage" in globalThis);

if (isMissing && parentPort !== null) {
  const port = parentPort;
  Object.assign(globalThis, {
    postMessage: (message: unknown, transfer: ArrayBuffer[]) =>
      port.postMessage(message, transfer),
  });
  Object.defineProperty(globalThis, "onmessage", {
    // Messages wait until somebody listens.
    set: (listen: Listener) => port.on("message", (data) => listen({ data })),
  });
}
