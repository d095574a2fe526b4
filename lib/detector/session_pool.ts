/**
 * Several sessions of one model, side by side.
 *
 * @module
 */
import type { WeightEntry } from "../checkpoint/weights.ts";
import {
  OnnxSession,
  type Provider,
  type RunOptions,
  type RunResult,
  type SessionOptions,
} from "../onnx/session.ts";
import type { Tensors } from "../onnx/tensor.ts";

interface Member {
  readonly session: OnnxSession;
  /** Runs that it has not answered. */
  waiting: number;
}

/** Bytes of weights above which a second session takes too much memory. */
const LARGE = 2 ** 30;

/** Bytes of weights up to which prepacking gains less than 10 ms an image. */
const SMALL = 2 ** 26;

/**
 * Tells how many sessions suit a model: one for each thread, but a single one if
 * its weights are large or it does not run on the processor.
 */
export function suitableSessions(
  weights: ReadonlyMap<string, WeightEntry>,
  { provider, threads }: {
    readonly provider: Provider;
    readonly threads: number;
  },
): number {
  return provider !== "cpu" || bytesOf(weights) > LARGE ? 1 : threads;
}

/**
 * Tells whether it pays to prepack a model: its products must take longer than
 * loading it, and each session would have a copy of its own.
 */
export function paysToPrepack(
  weights: ReadonlyMap<string, WeightEntry>,
  sessions: number,
): boolean {
  return sessions === 1 && bytesOf(weights) > SMALL;
}

function bytesOf(weights: ReadonlyMap<string, WeightEntry>): number {
  let bytes = 0;
  for (const { byteLength } of weights.values()) bytes += byteLength;
  return bytes;
}

/**
 * Sessions that share the work. Two sessions of one thread each finish more
 * images than one session of two threads: threads do not wait for each other
 * after every operator, and other work of the machine delays only one session.
 */
export class SessionPool implements AsyncDisposable {
  readonly #members: readonly Member[];

  private constructor(sessions: readonly OnnxSession[]) {
    this.#members = sessions.map((session) => ({ session, waiting: 0 }));
  }

  /**
   * Loads a model in several sessions.
   *
   * @param model Bytes of the ONNX model. The workers start while they are
   * waited for.
   * @param options The options of each session, and how many there are;
   * `threads` is for all of them together.
   * @throws {SessionError} If onnxruntime refuses the model or its provider.
   */
  static async create(
    model: Promise<Uint8Array<ArrayBuffer>>,
    { sessions, ...options }: SessionOptions & {
      readonly sessions: number;
      readonly threads: number;
    },
  ): Promise<SessionPool> {
    const threads = Math.max(1, Math.floor(options.threads / sessions));
    const created = await Promise.allSettled(
      Array.from(
        { length: sessions },
        () => OnnxSession.create(model, { ...options, threads }),
      ),
    );
    const opened = created.flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : []
    );
    const failed = created.find((result) => result.status === "rejected");
    if (failed === undefined) return new SessionPool(opened);
    await Promise.all(opened.map((session) => session.close()));
    throw failed.reason;
  }

  /**
   * Runs the model in the session with the fewest unanswered runs.
   *
   * @throws {SessionError} If a tensor does not fit or an operator fails.
   */
  async run(feeds: Tensors, options: RunOptions = {}): Promise<RunResult> {
    const member = this.#members.reduce((least, other) =>
      other.waiting < least.waiting ? other : least
    );
    member.waiting++;
    try {
      return await member.session.run(feeds, options);
    } finally {
      member.waiting--;
    }
  }

  /**
   * Loads a model beside the first one in each session.
   *
   * @param name Its name; another model of that name is replaced.
   * @param model Bytes of the ONNX model.
   * @throws {SessionError} If onnxruntime refuses it.
   */
  async attach(name: string, model: Uint8Array<ArrayBuffer>): Promise<void> {
    await Promise.all(
      this.#members.map(({ session }) => session.attach(name, model)),
    );
  }

  /** Frees an attached model in each session, if there is one of that name. */
  async detach(name: string): Promise<void> {
    await Promise.all(
      this.#members.map(({ session }) => session.detach(name)),
    );
  }

  /** Frees the sessions. Runs that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ session }) => session.close()));
  }

  /** Frees the sessions. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
