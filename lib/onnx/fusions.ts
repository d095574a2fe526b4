/**
 * Composites that onnxruntime runs as one operator.
 *
 * @module
 */
import type { Composite, CompositeKind, CompositeOf } from "../graph/graph.ts";
import type { Emitter, Precision } from "./emitter.ts";
import { emitGemm } from "./encodings.ts";
import type { Attribute } from "./model_proto.ts";
import { emitQuantisedLinear } from "./quantised_linear.ts";
import { emitByRow } from "./rows.ts";
import type { Provider } from "./session_worker.ts";

/** The one operator of a composite. */
interface Fusion<K extends CompositeKind> {
  /** Whether onnxruntime has one kernel for it in float64 as well. */
  readonly float64: boolean;
  /** Whether its operator is one of the ONNX standard. */
  readonly standard: boolean;
  readonly encode: (
    composite: CompositeOf<K>,
    emit: Emitter,
    fuse: Fused,
  ) => void;
}

const FUSIONS: { [K in CompositeKind]: Fusion<K> | undefined } = {
  linear: {
    float64: true,
    standard: true,
    encode: ({ inputs, output }, emit) => emitGemm(emit, inputs, output),
  },
  quantisedLinear: {
    float64: false,
    standard: true,
    encode: emitQuantisedLinear,
  },
  softmax: {
    float64: true,
    standard: true,
    encode: (composite, emit) =>
      encodeAs(composite, emit, { type: "Softmax", attributes: { axis: -1 } }),
  },
  layerNorm: {
    float64: true,
    standard: true,
    encode: (composite, emit) => {
      const epsilon = { float: composite.attributes.epsilon };
      const attributes = { axis: -1, epsilon };
      encodeByRow(composite, emit, { type: "LayerNormalization", attributes });
    },
  },
  quickGelu: {
    float64: false,
    standard: false,
    encode: (composite, emit) => {
      const attributes = { alpha: { float: 1.702 } };
      encodeByRow(composite, emit, {
        type: "QuickGelu",
        domain: "com.microsoft",
        attributes,
      });
    },
  },
  gelu: {
    float64: false,
    standard: true,
    encode: (composite, emit) => encodeByRow(composite, emit, { type: "Gelu" }),
  },
  attention: {
    float64: false,
    standard: false,
    encode: (composite, emit) => {
      const attributes = { num_heads: composite.attributes.heads };
      encodeAs(composite, emit, {
        type: "MultiHeadAttention",
        domain: "com.microsoft",
        attributes,
      });
    },
  },
  batchNorm: {
    float64: true,
    standard: true,
    encode: (composite, emit) => {
      const epsilon = { float: composite.attributes.epsilon };
      encodeAs(composite, emit, {
        type: "BatchNormalization",
        attributes: { epsilon },
      });
    },
  },
  segment: undefined,
};

/** An operator, as it is added. */
interface Operator {
  readonly type: string;
  readonly domain?: string;
  readonly attributes?: Record<string, Attribute>;
}

function encodeAs(
  { inputs, output }: Composite,
  emit: Emitter,
  { type, ...options }: Operator,
): void {
  const names = inputs.map((input) => input.name);
  emit.node(type, names, { output: output.name, ...options });
}

/** An operator on each row of its first input; the others are vectors. */
function encodeByRow(
  { inputs: [x, ...vectors], output }: Composite,
  emit: Emitter,
  { type, ...options }: Operator,
): void {
  emitByRow(emit, [x!], output, (rows, name) => {
    const names = vectors.map((vector) => vector.name);
    emit.node(type, [...rows, ...names], { output: name, ...options });
  });
}

/**
 * Which composites become single operators: all for which onnxruntime has one,
 * those of the ONNX standard alone, or none.
 */
export type Fused = boolean | "standard";

/**
 * Which operators to use on a provider. On WebGPU the standard ones alone, since
 * onnxruntime 1.30.0 is wrong there from 32 tokens on: its MultiHeadAttention
 * is off by up to a tenth of its range where a subgroup has 4 lanes
 * (tests/integration/webgpu_test.ts), and was wrong on adapters of 32 too
 * (microsoft/onnxruntime, pull request 28520).
 */
export function fusedOn(provider: Provider): Fused {
  return provider !== "webgpu" || "standard";
}

/** Writes a composite as one operator. */
export function encodeComposite<K extends CompositeKind>(
  composite: CompositeOf<K>,
  emit: Emitter,
  fuse: Fused,
): void {
  FUSIONS[composite.kind]?.encode(composite, emit, fuse);
}

/** Whether onnxruntime has one kernel for a composite at a precision. */
export function canFuse({ kind }: Composite, precision: Precision): boolean {
  const fusion = FUSIONS[kind];
  return fusion !== undefined && (precision !== "f64" || fusion.float64);
}

/** Whether the one operator of a composite is of the ONNX standard. */
export function isStandard({ kind }: Composite): boolean {
  return FUSIONS[kind]?.standard ?? false;
}
