/**
 * What is kept of a batch.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";

/** What a client asks for. */
export interface BatchRequest {
  input: string;
  output: string;
  options?: BatchOptions | undefined;
}

/** What a client may choose. */
export interface BatchOptions {
  categories?: string[] | undefined;
  limit?: number | undefined;
  object?: string | undefined;
  since?: string | undefined;
}

/** A batch as it was asked for. It never changes. */
export interface BatchJob extends BatchRequest {
  id: string;
  created: string;
}

const STATES = [
  "queued",
  "planning",
  "running",
  "merging",
  "succeeded",
  "failed",
  "cancelled",
] as const;

/** Where a batch stands. */
export type BatchState = typeof STATES[number];

/** What becomes of a batch, as its worker writes it. */
export interface BatchStatus {
  state: BatchState;
  /** Images whose rows are stored. */
  done: number;
  /** Images of the run; 0 until they are listed. */
  total: number;
  /** Images without a score, as far as this worker knows. */
  errors: number;
  /** Seconds left; `null` where they cannot be estimated. */
  secondsLeft: number | null;
  /** When this was written. */
  updated: string;
  /** The run below `runs/` of the output, once it is planned. */
  run: string | null;
  /** Why it failed. */
  error: string | null;
  /** Mean figures by name, once it succeeded. */
  figures: Record<string, number | null> | null;
  /** How often a worker took the batch; the last one writes. */
  claim: number;
  /** Whether nobody works on it. */
  isFree: boolean;
  /** How often a worker failed for a while, or died, while it had the batch. */
  failures: number;
  /** Rises as long as the worker lives. */
  beat: number;
}

/** A batch and where it stands. */
export interface BatchRecord {
  readonly job: BatchJob;
  readonly status: BatchStatus;
}

/** What a client asks for. */
export const BatchRequestSchema: z.ZodType<BatchRequest> = z.strictObject({
  input: z.string().min(1).max(2048).openapi({
    description: "A folder, a list (.csv, .jsonl) or an archive (.zip, .tar, " +
      ".tar.gz, .tar.xz)",
    example: "s3://bucket/images/",
  }),
  output: z.string().min(1).max(2048).openapi({
    description: "The folder for results; they lie below runs/",
    example: "s3://bucket/results/",
  }),
  options: z.strictObject({
    categories: z.array(z.string().min(1).max(200)).min(1).max(1000).optional(),
    limit: z.int().min(1).optional(),
    object: z.string().min(1).max(200).optional().openapi({
      description: "Category of images that lie in no folder",
    }),
    since: z.string().regex(/^(last|[0-9a-f]{64})$/).optional().openapi({
      description:
        "Takes only what that run, or all that are merged, have not scored",
    }),
  }).optional(),
}).openapi("BatchRequest");

/** A batch as answers spell it. */
export interface BatchJson {
  id: string;
  state: BatchState;
  input: string;
  output: string;
  created: string;
  updated: string;
  done: number;
  total: number;
  errors: number;
  seconds_left: number | null;
  run: string | null;
  error: string | null;
  figures: Record<string, number | null> | null;
  links: { self: string; events: string; report: string | null };
}

/** A batch as answers spell it. */
export const BatchSchema: z.ZodType<BatchJson> = z.object({
  id: z.string(),
  state: z.enum(STATES),
  input: z.string(),
  output: z.string(),
  created: z.string(),
  updated: z.string(),
  done: z.int(),
  total: z.int(),
  errors: z.int(),
  seconds_left: z.number().nullable(),
  run: z.string().nullable(),
  error: z.string().nullable(),
  figures: z.record(z.string(), z.number().nullable()).nullable(),
  links: z.object({
    self: z.string(),
    events: z.string(),
    report: z.string().nullable(),
  }),
}).openapi("Batch");

/** A batch as it is stored. */
export const BatchJobSchema: z.ZodType<BatchJob> = z.object({
  id: z.string(),
  created: z.string(),
  input: z.string(),
  output: z.string(),
  options: z.object({
    categories: z.array(z.string()).optional(),
    limit: z.int().min(1).optional(),
    object: z.string().optional(),
    since: z.string().optional(),
  }).optional(),
});

const COUNT = z.int().min(0);

/** Where a batch stands, as it is stored. */
export const BatchStatusSchema: z.ZodType<BatchStatus> = z.object({
  state: z.enum(STATES),
  done: COUNT,
  total: COUNT,
  errors: COUNT,
  secondsLeft: z.number().nullable(),
  updated: z.string(),
  run: z.string().nullable(),
  error: z.string().nullable(),
  figures: z.record(z.string(), z.number().nullable()).nullable(),
  claim: COUNT,
  isFree: z.boolean(),
  failures: COUNT,
  beat: COUNT,
});

/** How often workers may fail, or die, before a batch is given up. */
export const MAX_WORKER_FAILURES = 5;

/** States in which nothing more happens. */
export function isOver(state: BatchState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** Where a batch stands that no worker has taken yet. */
export function newStatus(updated: string): BatchStatus {
  return {
    state: "queued",
    done: 0,
    total: 0,
    errors: 0,
    secondsLeft: null,
    updated,
    run: null,
    error: null,
    figures: null,
    claim: 0,
    isFree: true,
    failures: 0,
    beat: 0,
  };
}

/**
 * Spells a batch as answers do.
 *
 * @returns JSON.
 */
export function batchJson({ job, status }: BatchRecord): BatchJson {
  const self = `/v1/batches/${job.id}`;
  const { state, done, total, errors, secondsLeft, updated } = status;
  return {
    id: job.id,
    state,
    input: job.input,
    output: job.output,
    created: job.created,
    updated,
    done,
    total,
    errors,
    seconds_left: secondsLeft,
    run: status.run,
    error: status.error,
    figures: status.figures,
    links: {
      self,
      events: `${self}/events`,
      report: state === "succeeded" ? `${self}/report` : null,
    },
  };
}
