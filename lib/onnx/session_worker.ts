/**
 * The worker of a session. Calls of onnxruntime block their thread, so the main
 * one does not make them.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import type { Tensor, Tensors } from "./tensor.ts";

/** Where a model runs. */
export type Provider = "cpu" | "cuda" | "webgpu";

/** What a session is created with. */
export interface CreateRequest {
  /** Bytes of the ONNX model. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** The folder below which its stored tensors lie. */
  readonly weightsFolder: string;
  /** Where to run. */
  readonly provider: Provider;
  /** Threads within one operator; 0 for as many as there are cores. */
  readonly threads: number;
  /** Whether onnxruntime may merge operators. */
  readonly optimise: boolean;
}

/** A message to the worker. */
export type Request =
  | { readonly id: number; readonly create: CreateRequest }
  | { readonly id: number; readonly feeds: Tensors };

/** A message from the worker. */
export type Response =
  & { readonly id: number }
  & ({ readonly outputs: Tensors; readonly milliseconds: number } | {
    readonly error: string;
  });

// Errors are answered, not printed.
ort.env.logLevel = "fatal";

let session: ort.InferenceSession | undefined;

async function create(request: CreateRequest): Promise<Tensors> {
  const { model, weightsFolder, provider, threads, optimise } = request;
  session = await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // "all" copies convolution weights into another layout, and remembering
    // a memory pattern makes the second run take more: 100 MB each at ViT-L
    // size, for nothing (bench/rate.ts).
    graphOptimizationLevel: optimise ? "extended" : "basic",
    enableMemPattern: false,
    logSeverityLevel: 4,
    extra: {
      // Folding batch norms copies every convolution weight: a second at
      // ResNet-50 size, and 30 MB (bench/rate.ts).
      optimization: { disable_specified_optimizers: "ConvBNFusion" },
      session: {
        disable_prepacking: "1",
        model_external_initializers_file_folder_path: weightsFolder,
      },
    },
  });
  return {};
}

async function run(feeds: Tensors): Promise<Tensors> {
  if (session === undefined) {
    throw new TypeError("Cannot run as the session must be created first");
  }
  const inputs = Object.entries(feeds).map(([name, tensor]) =>
    [name, toOrt(tensor)] as const
  );
  const outputs = await session.run(Object.fromEntries(inputs));
  for (const [, input] of inputs) input.dispose();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [name, fromOrt(output)]),
  );
}

function toOrt({ type, data, shape }: Tensor): ort.Tensor {
  return new ort.Tensor(type, data, shape);
}

function fromOrt(tensor: ort.Tensor): Tensor {
  const { data, dims: shape } = tensor;
  // A copy, since disposal frees what onnxruntime owns.
  const copy = data.slice();
  tensor.dispose();
  if (copy instanceof Float32Array) {
    return { type: "float32", shape, data: copy };
  }
  if (copy instanceof Float64Array) {
    return { type: "float64", shape, data: copy };
  }
  if (copy instanceof BigInt64Array) {
    return { type: "int64", shape, data: copy };
  }
  if (copy instanceof Uint8Array) return { type: "uint8", shape, data: copy };
  throw new TypeError(
    `Cannot return an output of type ${tensor.type} as it must be float32, ` +
      `float64, int64 or uint8`,
  );
}

async function answer(request: Request): Promise<Response> {
  const start = performance.now();
  try {
    const outputs = "create" in request
      ? await create(request.create)
      : await run(request.feeds);
    const milliseconds = performance.now() - start;
    return { id: request.id, outputs, milliseconds };
  } catch (error) {
    return {
      id: request.id,
      error: error instanceof Error ? error.message : String(error),
    };
  }
}

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: Response, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
let turn: Promise<void> = Promise.resolve();

async function respond(request: Request): Promise<void> {
  const response = await answer(request);
  const buffers = "outputs" in response
    ? Object.values(response.outputs).map(({ data }) =>
      data.buffer as ArrayBuffer
    )
    : [];
  scope.postMessage(response, buffers);
}

// One after another, so that a run's time is its own.
scope.onmessage = ({ data }) => {
  turn = turn.then(() => respond(data));
};
