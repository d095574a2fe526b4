/**
 * The answers that connections wait for: one after the other on each
 * connection, and only for as long as somebody takes them.
 *
 * A connection may send its next requests before the first has its answer.
 * Node's HTTP server hands on all of them at once: 80 on each of 100
 * connections kept the event loop busy for 145 seconds, and their answers, which
 * nobody read, took 2.4 GB. An answer that nobody reads would also keep its
 * connection for ever, and 512 of them would keep the whole port.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers";

/** Answers one request. */
export type Answer = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => void;

/** Requests of a connection that may wait for the answer to an earlier one. */
const MOST_WAITING = 32;
/** Looks at each answer within the time that its client may take nothing. */
const CHECKS = 4;

/** An answer that is being sent. */
interface Sending {
  readonly socket: Socket;
  /** Since when the client has taken nothing; undefined if it takes. */
  stuckSince: number | undefined;
}

/** Whether bytes wait for the client. An idle stream of events has none. */
function isFull(outgoing: ServerResponse): boolean {
  return outgoing.writableEnded
    ? !outgoing.writableFinished
    : outgoing.writableNeedDrain;
}

/** Answers requests in turn, and closes connections that take no answer. */
export class AnswerQueue implements Disposable {
  readonly #answer: Answer;
  readonly #milliseconds: number;
  readonly #waiting = new WeakMap<Socket, (() => void)[]>();
  readonly #sending = new Map<ServerResponse, Sending>();
  readonly #ready: (() => void)[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * Constructs an empty queue.
   *
   * @param answer Answers one request.
   * @param milliseconds Time in which a client must take something.
   */
  constructor(answer: Answer, milliseconds: number) {
    this.#answer = answer;
    this.#milliseconds = milliseconds;
    this.#timer = setInterval(() => this.#look(), milliseconds / CHECKS);
    Deno.unrefTimer(Number(this.#timer));
  }

  /** Stops to look at answers. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Answers a request when those before it have theirs. */
  add(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming;
    if (socket.destroyed) return;
    const begin = () => this.#begin(incoming, outgoing);
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) {
      this.#waiting.set(socket, []);
      this.#beginSoon(begin);
    } else if (waiting.length < MOST_WAITING) waiting.push(begin);
    else socket.destroy();
  }

  #begin(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming;
    if (socket.destroyed) return this.#next(socket);
    const sending: Sending = { socket, stuckSince: undefined };
    this.#sending.set(outgoing, sending);
    // A client that takes a little at a time is slow, and not stuck.
    outgoing.on("drain", () => sending.stuckSince = undefined);
    outgoing.once("close", () => {
      this.#sending.delete(outgoing);
      this.#next(socket);
    });
    this.#answer(incoming, outgoing);
  }

  #next(socket: Socket): void {
    const next = this.#waiting.get(socket)?.shift();
    if (next === undefined || socket.destroyed) this.#waiting.delete(socket);
    else this.#beginSoon(next);
  }

  /** One answer in a turn of the loop: 100 at once would take 0.2 seconds. */
  #beginSoon(begin: () => void): void {
    const isFirst = this.#ready.push(begin) === 1;
    if (isFirst) setImmediate(() => this.#beginNext());
  }

  #beginNext(): void {
    try {
      this.#ready[0]!();
    } finally {
      this.#ready.shift();
      if (this.#ready.length > 0) setImmediate(() => this.#beginNext());
    }
  }

  #look(): void {
    const now = performance.now();
    for (const [outgoing, sending] of this.#sending) {
      if (!isFull(outgoing)) sending.stuckSince = undefined;
      else {
        const since = sending.stuckSince ??= now;
        if (now - since > this.#milliseconds) sending.socket.destroy();
      }
    }
  }
}
