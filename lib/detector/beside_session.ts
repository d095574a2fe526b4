/**
 * A session for the graphs with which good images are learned.
 *
 * @module
 */
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { OnnxSession, type Provider } from "../onnx/session.ts";
import { float32, type Tensors } from "../onnx/tensor.ts";
import type { Arrays, GraphRunner } from "../references/learn_memory.ts";
import { encodeBeside } from "./encode_detector.ts";

/** Runs graphs without weights, one after another. */
export class BesideSession implements AsyncDisposable {
  readonly #session: OnnxSession;
  #count = 0;

  private constructor(session: OnnxSession) {
    this.#session = session;
  }

  /**
   * Starts a session without a graph.
   *
   * @throws {SessionError} If onnxruntime refuses the provider.
   */
  static async create(provider: Provider): Promise<BesideSession> {
    const g = new GraphBuilder();
    const x = g.input("x", [1], "wide");
    const nothing = encodeBeside(g.build({ y: g.negate(x) }));
    // One thread, so that sums do not depend on the number of cores.
    const options = { weightsFolder: "/", provider, threads: 1 };
    return new BesideSession(await OnnxSession.create(nothing, options));
  }

  /** Loads a graph; it is freed when the runner is disposed. */
  async open(graph: Graph): Promise<GraphRunner> {
    const model = String(this.#count++);
    await this.#session.attach(model, encodeBeside(graph));
    const shapes = new Map(
      graph.inputs.map(({ name, shape }) => [name, shape]),
    );
    return {
      run: async (feeds) => {
        const tensors = Object.entries(feeds).map(([name, data]) =>
          [name, { type: "float32", shape: shapes.get(name)!, data }] as const
        );
        const { outputs } = await this.#session.run(
          Object.fromEntries(tensors),
          { model },
        );
        return arraysOf(outputs);
      },
      [Symbol.asyncDispose]: () => this.#session.detach(model),
    };
  }

  /** Frees the session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#session.close();
  }
}

function arraysOf(outputs: Tensors): Arrays {
  return Object.fromEntries(
    Object.keys(outputs).map((name) => [name, float32(outputs, name)]),
  );
}
