/**
 * The far side of a {@linkcode BodyParser}.
 *
 * @module
 */
import { workerData } from "node:worker_threads";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { parseBody, type Parsing } from "./parse_body.ts";

/** A body to read. */
export interface ParseRequest {
  /** Its bytes. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** What it is. */
  readonly how: Parsing;
}

/** What it holds, or why it is refused. */
export type ParseResponse =
  | { readonly value: unknown }
  | { readonly status: ContentfulStatusCode; readonly message: string };

/** Characters of all texts that are copied to the other thread. */
const MOST_TEXT = 2 << 20;

/** What can move of a value; bytes that are its own, and all of them. */
class Found {
  readonly buffers: ArrayBuffer[] = [];
  text = 0;

  look(value: unknown): void {
    if (typeof value === "string") this.text += value.length;
    else if (value instanceof Uint8Array) {
      if (value.buffer instanceof ArrayBuffer) this.buffers.push(value.buffer);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, part] of Object.entries(value)) {
        this.text += name.length;
        this.look(part);
      }
    }
  }
}

const port: MessagePort = workerData.port;

port.onmessage = async (
  { data: { body, how } }: MessageEvent<ParseRequest>,
) => {
  try {
    const value = await parseBody(body, how);
    const found = new Found();
    found.look(value);
    const answer: ParseResponse = found.text > MOST_TEXT
      ? {
        status: 413,
        message: "Cannot read the body as its texts must have at most " +
          `${MOST_TEXT} characters, but for those in base64`,
      }
      : { value };
    port.postMessage(answer, found.buffers);
  } catch (error) {
    if (!(error instanceof HTTPException)) throw error;
    const { status, message } = error;
    port.postMessage({ status, message });
  }
};

// Only now is the time counted that a body takes.
port.postMessage("ready");
