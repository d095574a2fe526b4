/**
 * Decisions sent to an address of the user, while scoring goes on.
 *
 * Requests are signed as Standard Webhooks has it, for which there are
 * libraries in most languages.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @module
 */
import { createHmac } from "node:crypto";
import {
  type Clock,
  retry,
  retryAfterOf,
  type RetryPolicy,
  SYSTEM_CLOCK,
} from "../async/retry.ts";

/** A message with a name of its own: a receiver may get it twice. */
export interface WebhookMessage {
  /** The same for each attempt to deliver it. */
  readonly id: string;
  /** The body, JSON. */
  readonly body: string;
}

/** Options of {@linkcode Webhook}. */
export interface WebhookOptions {
  /** Where to send messages. */
  readonly url: URL;
  /** The key of signatures. */
  readonly secret: Uint8Array;
  /**
   * Messages that wait at most; further ones fail.
   *
   * @default {1000}
   */
  readonly queue?: number;
  /**
   * Milliseconds that the receiver has for its answer.
   *
   * @default {15000}
   */
  readonly timeout?: number;
  /** How often and how long to wait. */
  readonly policy?: Partial<RetryPolicy>;
  /** Time and chance, which tests replace. */
  readonly clock?: Clock;
  /** Told of each message that is not delivered, in one sentence. */
  readonly onFailure: (message: WebhookMessage, reason: string) => void;
}

/** An answer that is not 2xx. */
class AnswerError extends Error {
  readonly status: number;
  readonly retryAfter: number;

  constructor({ status, headers }: Response, now: number) {
    super(`the receiver must answer 2xx: current value is ${status}`);
    this.status = status;
    this.retryAfter = retryAfterOf(headers, now) ?? 0;
  }
}

const MAY_PASS: ReadonlySet<number> = new Set([408, 425, 429]);

/** Seconds to wait; undefined where another attempt is of no use. */
function waitAfter(error: unknown): number | undefined {
  if (!(error instanceof AnswerError)) return 0;
  const { status, retryAfter } = error;
  return status >= 500 || MAY_PASS.has(status) ? retryAfter : undefined;
}

/** The signature of a message: `v1,` and HMAC-SHA256 in base64. */
export function signatureOf(
  secret: Uint8Array,
  { id, body }: WebhookMessage,
  timestamp: number,
): string {
  const hmac = createHmac("sha256", secret);
  return `v1,${hmac.update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** Sends messages one after another, in order. */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #waiting: WebhookMessage[] = [];
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;

  /** Constructs a webhook without messages. */
  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** Takes a message, and returns at once. */
  push(message: WebhookMessage): void {
    const { queue = 1000, onFailure } = this.#options;
    if (this.#stop.signal.aborted) return onFailure(message, "the run ends");
    if (this.#waiting.length >= queue) {
      return onFailure(message, `${queue} others wait`);
    }
    this.#waiting.push(message);
    if (!this.#isSending) this.#sending = this.#sendAll();
  }

  /**
   * Waits until all messages are delivered or have failed.
   *
   * @param milliseconds The time that there is; what is then left fails.
   */
  async drain(milliseconds: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), milliseconds);
    await this.#sending;
    clearTimeout(timer);
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (const message of this.#next()) {
      try {
        await this.#deliver(message);
      } catch (error) {
        const reason = this.#stop.signal.aborted
          ? "the run ends"
          : error instanceof Error
          ? error.message
          : String(error);
        this.#options.onFailure(message, reason);
      }
    }
    this.#isSending = false;
  }

  *#next(): Generator<WebhookMessage> {
    // Taken off only afterwards, so that the one under way counts as waiting.
    for (; this.#waiting.length > 0; this.#waiting.shift()) {
      yield this.#waiting[0]!;
    }
  }

  async #deliver(message: WebhookMessage): Promise<void> {
    const { signal } = this.#stop;
    await retry(() => this.#post(message), {
      policy: this.#options.policy,
      clock: this.#clock,
      signal,
      retryAfter: waitAfter,
    });
  }

  async #post(message: WebhookMessage): Promise<void> {
    const { url, secret, timeout = 15_000 } = this.#options;
    const timestamp = Math.floor(this.#clock.now() / 1000);
    // No AbortSignal.any(), which would keep each timeout with the long signal.
    const ends = new AbortController();
    const stop = () => ends.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener("abort", stop);
    if (this.#stop.signal.aborted) stop();
    const late = `the receiver must answer within ${timeout / 1000} seconds`;
    const timer = setTimeout(() => ends.abort(new Error(late)), timeout);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "webhook-id": message.id,
          "webhook-timestamp": `${timestamp}`,
          "webhook-signature": signatureOf(secret, message, timestamp),
        },
        body: message.body,
        redirect: "manual",
        signal: ends.signal,
      });
      await response.body?.cancel();
      if (!response.ok) throw new AnswerError(response, this.#clock.now());
    } finally {
      clearTimeout(timer);
      this.#stop.signal.removeEventListener("abort", stop);
    }
  }
}
