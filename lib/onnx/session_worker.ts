/**
 * The worker of a session. Calls of onnxruntime block their thread, so the main
 * one does not make them.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { giveBackMemory } from "../native_memory.ts";
import { whyNoCuda } from "./missing_cuda.ts";
import { float32, type Tensor, type Tensors } from "./tensor.ts";

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
  /** Whether onnxruntime may merge operators, and leave some out. */
  readonly optimise: boolean;
  /** Whether matrices are stored once more, as products want them. */
  readonly prepack: boolean;
}

/** A run of one of the worker's models. */
export interface RunRequest {
  /** The inputs. */
  readonly feeds: Tensors;
  /** Name of an attached model; absent for the one it was created with. */
  readonly model?: string | undefined;
  /**
   * For each image of the batch an attached model, if any: it is fed with the
   * image's part of the outputs and replaces what it computes itself.
   */
  readonly followers?: readonly (string | undefined)[] | undefined;
  /** Outputs to return; absent for all. */
  readonly outputs?: readonly string[] | undefined;
}

/** A message to the worker. */
export type Request =
  & { readonly id: number }
  & (
    | { readonly create: CreateRequest }
    | {
      readonly attach: {
        readonly name: string;
        readonly model: Uint8Array<ArrayBuffer>;
      };
    }
    | { readonly detach: string }
    | { readonly release: true }
    | { readonly run: RunRequest }
  );

/** A message from the worker. */
export type Response =
  & { readonly id: number }
  & ({ readonly outputs: Tensors; readonly milliseconds: number } | {
    readonly error: string;
  });

/**
 * Optimisers that cost memory. Folding batch norms copies every convolution
 * weight: a second at ResNet-50 size, and 30 MB (bench/rate.ts). Joining a
 * quantised product with the quantising before it makes an operator at the end
 * of the list, so both passes of a model no longer pack a matrix one after the
 * other, and it stays until the second one has: 180 MB at ViT-L size.
 */
const NOT_FUSED = "ConvBNFusion;DynamicQuantizeMatMulFusion";

// Errors are answered, not printed.
ort.env.logLevel = "fatal";

/** The model that the worker was created with, and how it runs. */
let main: {
  readonly session: ort.InferenceSession;
  readonly request: CreateRequest;
} | undefined;

/** Attached models by name. */
const attached = new Map<string, ort.InferenceSession>();

/**
 * Loads a model. Prepacking copies matrices into the layout that products
 * want, and frees the originals: see the README for figures.
 */
async function load(request: CreateRequest): Promise<ort.InferenceSession> {
  try {
    return await create(request);
  } catch (error) {
    const reason = request.provider === "cuda" ? whyNoCuda() : undefined;
    throw reason === undefined ? error : new Error(reason, { cause: error });
  }
}

async function create(
  { model, weightsFolder, provider, threads, optimise, prepack }: CreateRequest,
): Promise<ort.InferenceSession> {
  return await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // "all" copies convolution weights into another layout, and remembering
    // a memory pattern makes the second run take more: 100 MB each at ViT-L
    // size, for nothing (bench/rate.ts).
    graphOptimizationLevel: optimise ? "extended" : "disabled",
    enableMemPattern: false,
    logSeverityLevel: 4,
    extra: {
      optimization: { disable_specified_optimizers: NOT_FUSED },
      session: {
        disable_prepacking: prepack ? "0" : "1",
        model_external_initializers_file_folder_path: weightsFolder,
      },
    },
  });
}

async function detach(name: string): Promise<void> {
  const session = attached.get(name);
  attached.delete(name);
  await session?.release();
}

function created(): NonNullable<typeof main> {
  if (main !== undefined) return main;
  throw new TypeError("Cannot run as the session must be created first");
}

function attachedNamed(name: string): ort.InferenceSession {
  const session = attached.get(name);
  if (session !== undefined) return session;
  throw new TypeError(`Cannot run ${name} as it must be attached first`);
}

type Outputs = ort.InferenceSession.ReturnType;

async function run(request: RunRequest): Promise<Tensors> {
  const { feeds, model, followers = [] } = request;
  const { session } = created();
  const used = model === undefined ? session : attachedNamed(model);
  const outputs = await runOnce(used, feeds);
  const parts: (Outputs | undefined)[] = [];
  for (const [i, name] of followers.entries()) {
    parts.push(
      name === undefined
        ? undefined
        : await follow(outputs, attachedNamed(name), i),
    );
  }
  const { outputs: wanted = Object.keys(outputs) } = request;
  const found = Object.fromEntries(
    wanted.map((name) => [name, copyOf(outputs[name]!)]),
  );
  for (const [i, part] of parts.entries()) replace(found, part ?? {}, i);
  for (const output of Object.values(outputs)) output.dispose();
  return found;
}

/** Puts the outputs of image `i` in the place of those of its batch. */
function replace(found: Tensors, part: Outputs, i: number): void {
  for (const [name, output] of Object.entries(part)) {
    if (found[name] === undefined) continue;
    const data = output.data as Float32Array;
    float32(found, name).set(data, i * data.length);
    output.dispose();
  }
}

async function runOnce(
  session: ort.InferenceSession,
  feeds: Tensors,
): Promise<Outputs> {
  const inputs = Object.entries(feeds).map(([name, tensor]) =>
    [name, toOrt(tensor)] as const
  );
  const outputs = await session.run(Object.fromEntries(inputs));
  for (const [, input] of inputs) input.dispose();
  return outputs;
}

/** Feeds a model with image `i` of the outputs of a batch. */
async function follow(
  outputs: Outputs,
  session: ort.InferenceSession,
  i: number,
): Promise<Outputs> {
  const feeds = session.inputNames.map((name) =>
    [name, partOf(outputs[name]!, i)] as const
  );
  return await runOnce(session, Object.fromEntries(feeds));
}

/** Image `i` of a batch, as a batch of its own, in the same memory. */
function partOf({ data, dims }: ort.Tensor, i: number): Tensor<"float32"> {
  const [count = 1, ...rest] = dims;
  const size = data.length / count;
  const part = (data as Float32Array).subarray(i * size, (i + 1) * size);
  return { type: "float32", shape: [1, ...rest], data: part };
}

function toOrt({ type, data, shape }: Tensor): ort.Tensor {
  return new ort.Tensor(type, data, shape);
}

/** A copy, since disposal frees what onnxruntime owns. */
function copyOf({ type, data, dims: shape }: ort.Tensor): Tensor {
  const copy = data.slice();
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
    `Cannot return an output of type ${type} as it must be float32, ` +
      `float64, int64 or uint8`,
  );
}

async function perform(request: Request): Promise<Tensors> {
  if ("run" in request) return await run(request.run);
  if ("detach" in request) await detach(request.detach);
  else if ("release" in request) await release();
  else if ("create" in request) {
    const session = await load(request.create);
    main = { session, request: request.create };
    if (request.create.prepack) giveBackMemory();
  } else {
    const { name, model } = request.attach;
    const session = await load({
      ...created().request,
      model,
      optimise: true,
      prepack: true,
    });
    await detach(name);
    attached.set(name, session);
  }
  return {};
}

async function answer(request: Request): Promise<Response> {
  const start = performance.now();
  try {
    const outputs = await perform(request);
    const milliseconds = performance.now() - start;
    return { id: request.id, outputs, milliseconds };
  } catch (error) {
    return {
      id: request.id,
      error: error instanceof Error ? error.message : String(error),
    };
  }
}

/** Frees every model. */
async function release(): Promise<void> {
  const sessions = [...attached.values(), ...main ? [main.session] : []];
  attached.clear();
  main = undefined;
  for (const session of sessions) await session.release();
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
