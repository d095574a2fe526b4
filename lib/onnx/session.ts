/**
 * Running ONNX models without blocking the event loop.
 *
 * @module
 */
import { unlessAborted } from "../async/abortable.ts";
import type {
  Provider,
  Request,
  Response,
  RunRequest,
} from "./session_worker.ts";
import type { Tensors } from "./tensor.ts";

export type { Provider };

/** Options of {@linkcode OnnxSession.create}. */
export interface SessionOptions {
  /** The folder below which the model's stored tensors lie. */
  readonly weightsFolder: string;
  /**
   * Where to run. It is an error if the provider is not available.
   *
   * @default {"cpu"}
   */
  readonly provider?: Provider;
  /**
   * Threads within one operator; 0 for as many as there are cores.
   *
   * @default {0}
   */
  readonly threads?: number;
  /**
   * Whether onnxruntime may merge operators, and leave some out. In float64 it
   * makes some in this way for which it has no kernel.
   *
   * @default {true}
   */
  readonly optimise?: boolean;
  /**
   * Whether the session keeps matrices in the layout that products want, in
   * place of those in their files: products take a sixth less time, and loading
   * takes longer. Sums are taken in another order.
   *
   * @default {false}
   */
  readonly prepack?: boolean;
}

/** Options of {@linkcode OnnxSession.run}. */
export type RunOptions = Omit<RunRequest, "feeds">;

/** What a run returns. */
export interface RunResult {
  /** The model's outputs by name. */
  readonly outputs: Tensors;
  /** Time spent in the session alone. */
  readonly milliseconds: number;
}

/** Thrown if onnxruntime does not accept a model or fails to run it. */
export class SessionError extends Error {
  /** Its name. */
  override name = "SessionError";
}

/** How long the end of a session waits for the run before it, at most. */
const RELEASE_MILLISECONDS = 10_000;

type Body<R> = R extends unknown ? Omit<R, "id"> : never;

interface Waiting {
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * An onnxruntime session in a worker of its own. Runs are answered in order.
 *
 * A session is disposable: `await using session = await OnnxSession.create(...)`.
 */
export class OnnxSession implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #end: SessionError | undefined;
  #provider: Provider = "cpu";

  private constructor() {
    const url = new URL("./session_worker.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Response>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) {
        waiting?.reject(new SessionError(explain(data.error)));
      } else waiting?.resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
  }

  /**
   * Starts the worker of a session, which loads onnxruntime meanwhile. The
   * session waits for {@linkcode OnnxSession.load}.
   */
  static start(): OnnxSession {
    return new OnnxSession();
  }

  /**
   * Starts a session and loads a model.
   *
   * @param model Bytes of the ONNX model. The worker starts while a promise of
   * them is waited for.
   * @throws {SessionError} If onnxruntime refuses it or its provider.
   */
  static async create(
    model: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
    options: SessionOptions,
  ): Promise<OnnxSession> {
    const session = OnnxSession.start();
    try {
      await session.load(await model, options);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /**
   * Loads the model that the session is for, once.
   *
   * @param model Bytes of the ONNX model.
   * @throws {SessionError} If onnxruntime refuses it or its provider, or the
   * session was closed.
   */
  async load(
    model: Uint8Array<ArrayBuffer>,
    options: SessionOptions,
  ): Promise<void> {
    const { provider = "cpu" } = options;
    this.#provider = provider;
    const create = {
      threads: 0,
      optimise: true,
      prepack: false,
      ...options,
      model,
      provider,
    };
    await this.#request({ create });
  }

  /**
   * Loads a model beside the first one, to run by name or after it.
   *
   * @param name Its name; another model of that name is replaced.
   * @param model Bytes of the ONNX model.
   * @throws {SessionError} If onnxruntime refuses it.
   */
  async attach(name: string, model: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#request({ attach: { name, model } });
  }

  /** Frees an attached model, if there is one of that name. */
  async detach(name: string): Promise<void> {
    await this.#request({ detach: name });
  }

  /**
   * Runs the model on tensors for its inputs.
   *
   * @throws {SessionError} If a tensor does not fit or an operator fails; the
   * message names it.
   */
  run(feeds: Tensors, options: RunOptions = {}): Promise<RunResult> {
    return this.#request({ run: { feeds, ...options } });
  }

  /** Frees the session. Runs that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    const isFirst = this.#end === undefined;
    const isIdle = this.#waiting.size === 0;
    this.#fail("the session was closed");
    const waits = isIdle || this.#provider === "webgpu";
    if (isFirst && waits) await this.#release();
    this.#worker.terminate();
  }

  /**
   * Frees the models before their worker ends, which does not: a program that
   * goes on would keep all of them. A third of the programs that ended without
   * it crashed in the destructors of the graphics device.
   */
  async #release(): Promise<void> {
    const released = this.#send({ release: true });
    const limit = AbortSignal.timeout(RELEASE_MILLISECONDS);
    await unlessAborted(released.catch(() => {}), limit);
  }

  /** Frees the session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #request(body: Body<Request>): Promise<RunResult> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return this.#send(body);
  }

  #send(body: Body<Request>): Promise<RunResult> {
    const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
    const id = this.#nextId++;
    this.#waiting.set(id, { resolve, reject });
    this.#worker.postMessage({ id, ...body });
    return promise;
  }

  /** Rejects all runs, present and future. */
  #fail(reason: string): void {
    this.#end ??= new SessionError(`Cannot run the model as ${reason}`);
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}

/** onnxruntime's message in one line, the failing node first. */
function explain(message: string): string {
  const text = message.replaceAll(/\s+/g, " ").trim();
  const cuda = /CUDA failure (\d+): ([^;]+?) ;/.exec(text);
  if (cuda !== null) {
    return `Cannot run the model as CUDA answers with failure ${cuda[1]}: ${
      cuda[2]
    }`;
  }
  const node = /Name:'([^']+)'/.exec(text)?.[1];
  return node === undefined
    ? `Cannot run the model as onnxruntime answers: ${text}`
    : `Cannot run the model at ${node} as onnxruntime answers: ${text}`;
}
