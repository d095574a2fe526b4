/**
 * Several sessions of one model, side by side.
 *
 * @module
 */
import { weightBytes, type WeightEntry } from "../checkpoint/weights.ts";
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

/** The sessions after the first one. */
interface Others {
  readonly count: number;
  readonly open: () => Promise<OnnxSession>;
  readonly onMissing: (error: unknown) => void;
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
  return provider !== "cpu" || weightBytes(weights) > LARGE ? 1 : threads;
}

/**
 * Tells whether it pays to prepack a model: its products must take longer than
 * loading it, and each session would have a copy of its own.
 */
export function paysToPrepack(
  weights: ReadonlyMap<string, WeightEntry>,
  sessions: number,
): boolean {
  return sessions === 1 && weightBytes(weights) > SMALL;
}

/**
 * Sessions that share the work. Two sessions of one thread each finish more
 * images than one session of two threads: threads do not wait for each other
 * after every operator, and other work of the machine delays only one session.
 */
export class SessionPool implements AsyncDisposable {
  readonly #members: Member[] = [];
  readonly #others: Others;
  #joined: Promise<unknown> | undefined;
  #isClosed = false;

  private constructor(first: OnnxSession, others: Others) {
    this.#add(first);
    this.#others = others;
  }

  /**
   * Loads a model in the first of several sessions. The others are loaded when
   * they are needed, and take part from then on.
   *
   * @param first A session that was started; the pool closes it, unless it does
   * not load the model.
   * @param model Bytes of the ONNX model.
   * @param options The options of each session, and how many there are;
   * `threads` is for all of them together. `onMissing` is called with the error
   * of each session that cannot be loaded after the first: the pool goes on
   * without it.
   * @throws {SessionError} If onnxruntime refuses the model or its provider.
   */
  static async create(
    first: OnnxSession,
    model: Uint8Array<ArrayBuffer>,
    { sessions, onMissing, ...options }: SessionOptions & {
      readonly sessions: number;
      readonly threads: number;
      readonly onMissing: (error: unknown) => void;
    },
  ): Promise<SessionPool> {
    const threads = Math.max(1, Math.floor(options.threads / sessions));
    const each = { ...options, threads };
    const open = () => OnnxSession.create(model, each);
    await first.load(model, each);
    return new SessionPool(first, { count: sessions - 1, open, onMissing });
  }

  #add(session: OnnxSession): void {
    this.#members.push({ session, waiting: 0 });
  }

  /** Loads the other sessions, once. */
  #join(): Promise<unknown> {
    const { count, onMissing } = this.#others;
    return this.#joined ??= Promise.all(
      Array.from({ length: count }, () => this.#joinOne().catch(onMissing)),
    );
  }

  async #joinOne(): Promise<void> {
    const session = await this.#others.open();
    if (this.#isClosed) await session.close();
    else this.#add(session);
  }

  /**
   * Runs the model in the session with the fewest unanswered runs. A run that
   * has to wait is what the other sessions are loaded for.
   *
   * @throws {SessionError} If a tensor does not fit or an operator fails.
   */
  async run(feeds: Tensors, options: RunOptions = {}): Promise<RunResult> {
    const member = this.#members.reduce((least, other) =>
      other.waiting < least.waiting ? other : least
    );
    if (member.waiting > 0) void this.#join();
    member.waiting++;
    try {
      return await member.session.run(feeds, options);
    } finally {
      member.waiting--;
    }
  }

  /**
   * Loads a model beside the first one in each session, of which all are then
   * loaded.
   *
   * @param name Its name; another model of that name is replaced.
   * @param model Bytes of the ONNX model.
   * @throws {SessionError} If onnxruntime refuses it.
   */
  async attach(name: string, model: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#join();
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
