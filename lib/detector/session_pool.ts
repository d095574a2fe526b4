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
  readonly #members: Member[] = [];
  readonly #joined: Promise<void>;
  #isClosed = false;

  private constructor(
    first: OnnxSession,
    others: readonly (() => Promise<OnnxSession>)[],
    onMissing: (error: unknown) => void,
  ) {
    this.#add(first);
    const joining = others.map((open) => this.#join(open).catch(onMissing));
    this.#joined = Promise.all(joining).then(() => {});
  }

  /**
   * Loads a model in several sessions. The first one is waited for; the others
   * take part once they are loaded.
   *
   * @param model Bytes of the ONNX model. The worker starts while they are
   * waited for.
   * @param options The options of each session, and how many there are;
   * `threads` is for all of them together. `onMissing` is called with the error
   * of each session that cannot be loaded after the first: the pool goes on
   * without it.
   * @throws {SessionError} If onnxruntime refuses the model or its provider.
   */
  static async create(
    model: Promise<Uint8Array<ArrayBuffer>>,
    { sessions, onMissing, ...options }: SessionOptions & {
      readonly sessions: number;
      readonly threads: number;
      readonly onMissing: (error: unknown) => void;
    },
  ): Promise<SessionPool> {
    const threads = Math.max(1, Math.floor(options.threads / sessions));
    const open = () => OnnxSession.create(model, { ...options, threads });
    const others = new Array<typeof open>(sessions - 1).fill(open);
    return new SessionPool(await open(), others, onMissing);
  }

  #add(session: OnnxSession): void {
    this.#members.push({ session, waiting: 0 });
  }

  async #join(open: () => Promise<OnnxSession>): Promise<void> {
    const session = await open();
    if (this.#isClosed) await session.close();
    else this.#add(session);
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
   * Loads a model beside the first one in each session, once all are loaded.
   *
   * @param name Its name; another model of that name is replaced.
   * @param model Bytes of the ONNX model.
   * @throws {SessionError} If onnxruntime refuses it.
   */
  async attach(name: string, model: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#joined;
    await Promise.all(
      this.#members.map(({ session }) => session.attach(name, model)),
    );
  }

  /** Frees an attached model in each session, if there is one of that name. */
  async detach(name: string): Promise<void> {
    await this.#joined;
    await Promise.all(
      this.#members.map(({ session }) => session.detach(name)),
    );
  }

  /** Frees the sessions. Runs that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#members.map(({ session }) => session.close()));
    await this.#joined;
  }

  /** Frees the sessions. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
