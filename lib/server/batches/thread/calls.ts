/**
 * Calls between two threads. Each side answers some and makes others.
 *
 * @module
 */
import { type FlatError, flatten, restore } from "./flat_error.ts";

/** What one side says to the other. */
export type Message =
  | { readonly call: number; readonly method: string; readonly args: unknown[] }
  | { readonly abort: number; readonly error: FlatError }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: FlatError };

/** Answers one method. The signal is aborted when the caller gives up. */
export type Method = (
  args: readonly unknown[],
  signal: AbortSignal,
) => Promise<unknown>;

/** An answer whose bytes move to the caller. */
export class Moved {
  /** The bytes; the answering side has them no more. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  /** Marks bytes as moving; they must fill their buffer. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
  }
}

/** How a call is made. */
export interface CallOptions {
  /** Gives the call up, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether the answer is awaited after the signal all the same.
   *
   * @default {false}
   */
  readonly waits?: boolean;
  /** Buffers among the arguments that move to the other side. */
  readonly moved?: ArrayBuffer[];
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One side of the calls between two threads. */
export class Calls {
  readonly #port: MessagePort;
  readonly #methods: Readonly<Record<string, Method>>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #answering = new Map<number, AbortController>();
  #next = 0;
  #end: Error | undefined;

  /**
   * Joins a port.
   *
   * @param methods What this side answers.
   */
  constructor(port: MessagePort, methods: Readonly<Record<string, Method>>) {
    this.#port = port;
    this.#methods = methods;
    port.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
  }

  /**
   * Calls a method of the other side.
   *
   * @typeParam T What that method answers.
   * @throws {Error} What the method throws, or the reason of the signal.
   */
  async call<T>(
    method: string,
    args: unknown[],
    { signal, waits = false, moved = [] }: CallOptions = {},
  ): Promise<T> {
    if (!waits) signal?.throwIfAborted();
    if (this.#end !== undefined) throw this.#end;
    const call = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const abandon = () => {
      this.#port.postMessage({ abort: call, error: flatten(signal?.reason) });
      if (!waits) reject(signal?.reason);
    };
    this.#waiting.set(call, { resolve, reject });
    signal?.addEventListener("abort", abandon);
    try {
      this.#port.postMessage({ call, method, args } satisfies Message, moved);
      if (signal?.aborted) abandon();
      return await promise as T;
    } finally {
      this.#waiting.delete(call);
      signal?.removeEventListener("abort", abandon);
    }
  }

  /** Fails the calls that wait, and later ones. */
  end(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    for (const controller of this.#answering.values()) {
      controller.abort(this.#end);
    }
    this.#waiting.clear();
  }

  #hear(message: Message): void {
    if ("call" in message) this.#answer(message);
    else if ("abort" in message) {
      this.#answering.get(message.abort)?.abort(restore(message.error));
    } else {
      const waiting = this.#waiting.get(message.answer);
      if ("error" in message) waiting?.reject(restore(message.error));
      else waiting?.resolve(message.value);
    }
  }

  async #answer(
    { call, method, args }: Extract<Message, { call: number }>,
  ): Promise<void> {
    const controller = new AbortController();
    this.#answering.set(call, controller);
    try {
      const value = await this.#methods[method]!(args, controller.signal);
      if (value instanceof Moved) {
        const { bytes } = value;
        this.#port.postMessage({ answer: call, value: bytes }, [bytes.buffer]);
      } else this.#port.postMessage({ answer: call, value });
    } catch (error) {
      this.#port.postMessage({ answer: call, error: flatten(error) });
    } finally {
      this.#answering.delete(call);
    }
  }
}
