/**
 * One block of ViT-L/14, forward alone and with the gradient of its input, in
 * onnxruntime by the rules of `lib/graph` and in TensorFlow.js by its own tape.
 *
 * | group                    | tokens | TensorFlow.js on | measured           |
 * | ------------------------ | ------ | ---------------- | ------------------ |
 * | ViT-L block, 64 tokens   | 64     | wasm             | always             |
 * | ViT-L block, 1370 tokens | 1370   | native           | where it was built |
 *
 * 1370 tokens are an image of 518 x 518. The native backend is looked for in
 * the folder that MFP_TFJS_NATIVE names (`tests/native/build_tfjs_node.sh`).
 *
 * @module
 */
import { openSafetensors } from "../lib/checkpoint/safetensors.ts";
import { writeSafetensors } from "../lib/checkpoint/write_safetensors.ts";
import { transformerBlock } from "../lib/clip/transformer.ts";
import { gradients } from "../lib/graph/backward.ts";
import { GraphBuilder } from "../lib/graph/builder.ts";
import type { Graph } from "../lib/graph/graph.ts";
import { elementCount } from "../lib/graph/shape.ts";
import { encodeOnnx } from "../lib/onnx/encode.ts";
import { OnnxSession } from "../lib/onnx/session.ts";
import type { BackendName } from "../lib/tfjs/backend_name.ts";
import { TfjsProgram } from "../lib/tfjs/tfjs_program.ts";
import { nativeFolder, useBackend } from "../tests/tfjs/backends.ts";

const WIDTH = 1024;

/** A block whose input is a fed parameter. */
interface Block {
  readonly forward: Graph;
  /** The block with the gradient by the rules of `lib/graph`. */
  readonly whole: Graph;
  readonly x: { readonly shape: number[]; readonly data: Float32Array };
  readonly weights: ReadonlyMap<string, Float32Array>;
}

function small(count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => ((i * 7919) % 1009) / 10090 - 0.05,
  );
}

function makeBlock(length: number): Block {
  const g = new GraphBuilder();
  const shape = [1, length, WIDTH];
  const x = g.parameter("x", shape);
  const y = transformerBlock(g, x, {
    name: "block",
    tower: {
      hiddenSize: WIDTH,
      intermediateSize: 4 * WIDTH,
      numHiddenLayers: 1,
      numAttentionHeads: 16,
      hiddenAct: "quick_gelu",
      layerNormEps: 1e-5,
    },
  });
  const loss = g.reshape(g.reduceSum(g.multiply(y, y), [0, 1, 2]), []);
  const forward = g.build({ loss });
  const [dx] = gradients(g, loss, { wrt: [x] });
  const stored = forward.nodes.map(({ output }) => output).filter(({ name }) =>
    name.startsWith("block.")
  );
  return {
    forward,
    whole: g.build({ loss, dx: dx! }),
    x: { shape, data: small(elementCount(shape)) },
    weights: new Map(
      stored.map(({ name, shape }) => [name, small(elementCount(shape))]),
    ),
  };
}

/** Loads a graph with its weights into onnxruntime. */
async function openOnnx(
  graph: Graph,
  { weights }: Block,
): Promise<OnnxSession> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/weights.safetensors`;
    const shapes = new Map(
      graph.nodes.map(({ output }) => [output.name, output.shape]),
    );
    const tensors = [...weights].map(([name, data]) =>
      [name, { dtype: "F32" as const, shape: shapes.get(name)!, data }] as const
    );
    await writeSafetensors(path, Object.fromEntries(tensors));
    const file = await openSafetensors(path);
    const bytes = encodeOnnx(graph, {
      precision: "f32",
      weight: (name) => file.tensors.get(name)!,
      locate: () => "weights.safetensors",
      feed: new Set(["x"]),
    });
    return await OnnxSession.create(bytes, { weightsFolder: folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function benchmark(length: number, backend: BackendName): Promise<void> {
  const group = `ViT-L block, ${length} tokens`;
  const block = makeBlock(length);
  const { x, forward, whole, weights } = block;
  const fed = { x: { type: "float32" as const, ...x } };
  const name = `TensorFlow.js ${backend}`;
  const sessions = await Promise.all(
    [forward, whole].map((graph) => openOnnx(graph, block)),
  );
  await useBackend(backend);
  const program = new TfjsProgram(forward, {
    parameter: (name) => weights.get(name)!,
    feed: new Set(["x"]),
  });
  const request = { loss: "loss", wrt: ["x"] };
  const runs: Record<string, () => Promise<unknown>> = {
    "onnxruntime, forward": () => sessions[0]!.run(fed),
    "onnxruntime, forward and backward": () => sessions[1]!.run(fed),
    [`${name}, forward`]: () => program.evaluate(fed),
    [`${name}, forward and backward`]: () =>
      program.lossAndGradients(fed, request),
  };
  for (const [i, [name, run]] of Object.entries(runs).entries()) {
    Deno.bench({
      name,
      group,
      baseline: i === 0,
      n: 5,
      warmup: 1,
      fn: async () => {
        await useBackend(backend);
        await run();
      },
    });
  }
}

await benchmark(64, "wasm");
if (nativeFolder !== undefined) await benchmark(1370, "native");
