/**
 * Tensors of the Open Inference Protocol, to images and from scores.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import type { Outcome } from "../outcome.ts";
import { heatmapOf } from "../scoring/result_json.ts";
import type { EncodedBytes, RequestItem } from "../scoring/score_items.ts";
import { EXAMPLE_PNG } from "../requests/example_png.ts";
import type { Services } from "../services.ts";

/** One tensor of a request. */
export interface InputTensor {
  name: string;
  shape: number[];
  datatype: string;
  data: unknown[];
}

/** A request of the protocol. */
export interface InferBody {
  id?: string | undefined;
  parameters?: Record<string, unknown> | undefined;
  inputs: InputTensor[];
  outputs?: { name: string }[] | undefined;
}

/** One tensor of an answer. */
export interface OutputTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string | null)[];
}

/** Longer texts of JSON are bytes where they are base64. */
const MAX_ID = 1000;
const ID_COMPLAINT = `a text of at most ${MAX_ID} characters`;

/** A request of the protocol. */
export const InferSchema: z.ZodType<InferBody> = z.object({
  id: z.string({ error: ID_COMPLAINT }).max(MAX_ID, ID_COMPLAINT).optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  inputs: z.array(z.object({
    name: z.string(),
    shape: z.array(z.int().min(0)),
    datatype: z.string(),
    data: z.array(z.unknown()),
  })).min(1),
  outputs: z.array(z.object({ name: z.string() })).optional(),
}).openapi("InferRequest", {
  example: {
    inputs: [
      {
        name: "image",
        shape: [1],
        datatype: "BYTES",
        data: [EXAMPLE_PNG],
      },
      { name: "category", shape: [1], datatype: "BYTES", data: ["bottle"] },
    ],
  },
});

const INPUTS = ["image", "uri", "category"];
/** Tensors of an answer: name -> type. */
export const OUTPUTS: Readonly<Record<string, "FP32" | "BOOL" | "BYTES">> = {
  score: "FP32",
  score_logit: "FP32",
  is_anomalous: "BOOL",
  threshold: "FP32",
  confidence: "FP32",
  error: "BYTES",
  heatmap: "BYTES",
};

/** Tensors that are there where the images have thresholds. */
const OF_VERDICTS = ["is_anomalous", "threshold", "confidence"];

/** The protocol lets clients write data flat, or in lists as the shape has it. */
function valuesOf({ shape, data }: InputTensor): unknown[] {
  return shape.length === 2 ? data.flat() : data;
}

function complaintAbout(tensor: InputTensor): string | undefined {
  const { name, shape, datatype, data } = tensor;
  if (!INPUTS.includes(name)) {
    return `Cannot use the input ${JSON.stringify(name)} as it must be one of ${
      INPUTS.join(", ")
    }`;
  }
  const size = shape.reduce((a, b) => a * b, 1);
  const isRow = shape.length === 1 ||
    (shape.length === 2 && shape[1] === 1);
  const values = valuesOf(tensor);
  const isText = values.every((value) =>
    typeof value === "string" ||
    name === "image" && value instanceof Uint8Array
  );
  if (datatype === "BYTES" && isRow && size === values.length && isText) {
    return undefined;
  }
  return `Cannot use the input ${name} as it must be BYTES of shape [N] with N texts: current value is ${datatype} of shape [${
    shape.join(", ")
  }] with ${data.length} values`;
}

/** The images of a request, or what is wrong with it. */
export interface InferItems {
  /** The images. */
  readonly items: readonly RequestItem[];
  /** One sentence. */
  readonly complaint?: string;
}

/**
 * Finds the images of a request.
 *
 * @param body The request.
 * @returns The images, or what is wrong.
 */
export function itemsOf(body: InferBody): InferItems {
  const complaint = body.inputs.map(complaintAbout)
    .find((text) => text !== undefined);
  if (complaint !== undefined) return { items: [], complaint };
  const texts = new Map(
    body.inputs.map((
      tensor,
    ) => [tensor.name, valuesOf(tensor) as EncodedBytes[]]),
  );
  const other = body.outputs?.find(({ name }) => !Object.hasOwn(OUTPUTS, name));
  if (other !== undefined) {
    return {
      items: [],
      complaint: `Cannot answer the output ${JSON.stringify(other.name)} as ` +
        `it must be one of ${Object.keys(OUTPUTS).join(", ")}`,
    };
  }
  const images = texts.get("image");
  const uris = texts.get("uri") as string[] | undefined;
  const rows = images ?? uris;
  const categories = (texts.get("category") ?? []) as string[];
  const isFit = (categories.length <= 1 ||
    categories.length === rows?.length) && texts.size === body.inputs.length;
  if (rows === undefined || (images && uris) || !isFit) {
    return {
      items: [],
      complaint: "Cannot use the inputs as they must be image or uri, and " +
        "maybe category with one name, or one an image; each once",
    };
  }
  const items = rows.map((row, i): RequestItem => {
    const category = categories[i] ?? categories[0];
    return images ? { b64: row, category } : { uri: row as string, category };
  });
  return { items };
}

/** What one image puts into each tensor; null where it has nothing. */
export type InferRow = Readonly<
  Record<string, number | boolean | string | null>
>;

/**
 * Makes a row of an outcome.
 *
 * @param withHeatmap Whether the picture was asked for.
 * @returns The row.
 */
export async function inferRow(
  outcome: Outcome,
  services: Services,
  withHeatmap: boolean,
): Promise<InferRow> {
  if (outcome.status === "error") {
    return { error: outcome.error, heatmap: "" };
  }
  const { score, scoreLogit: score_logit, verdict } = outcome;
  const png = withHeatmap ? await heatmapOf(outcome, services) : undefined;
  return {
    score,
    score_logit,
    ...verdict && {
      is_anomalous: verdict.is_anomalous,
      threshold: verdict.threshold,
      confidence: verdict.confidence,
    },
    error: "",
    heatmap: png?.toBase64() ?? "",
  };
}

/**
 * Makes tensors of rows. Those of verdicts are there where an image has one.
 *
 * @param rows One an image.
 * @param names The tensors that were asked for; undefined for all but heatmaps.
 * @returns The tensors.
 */
export function inferTensors(
  rows: readonly InferRow[],
  names: readonly string[] | undefined,
): OutputTensor[] {
  const isJudged = rows.some((row) => "threshold" in row);
  const isWanted = (name: string) =>
    names?.includes(name) ??
      (name !== "heatmap" && (isJudged || !OF_VERDICTS.includes(name)));
  return Object.entries(OUTPUTS).filter(([name]) => isWanted(name)).map(
    ([name, datatype]) => ({
      name,
      datatype,
      shape: [rows.length],
      data: rows.map((row) => row[name] ?? null),
    }),
  );
}
