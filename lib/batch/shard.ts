/**
 * The shard that a worker does, as its platform numbers it.
 *
 * @module
 */

/** One shard of a run. */
export interface Shard {
  /** Which shard, counted from 0. */
  readonly index: number;
  /** How many shards there are. */
  readonly count: number;
  /** How many earlier attempts there were. */
  readonly attempt: number;
  /** A name that all workers of the job share; null for none. */
  readonly job: string | null;
}

/** Flags of the command line about shards. */
export interface ShardFlags {
  /** `--shard`: which shard, counted from 0. */
  readonly shard?: number | undefined;
  /** `--shards`: how many there are. */
  readonly shards?: number | undefined;
  /** `--job`: a name that all workers of the job share. */
  readonly job?: string | undefined;
}

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Variables of one platform. */
interface Platform {
  readonly name: string;
  readonly index: string;
  /** Variable with the first index, if that is not always 0. */
  readonly first?: string;
  /** Variable with the distance of two indices, if that is not always 1. */
  readonly step?: string;
  readonly count?: string;
  readonly attempt?: string;
  /** Number of the first attempt on this platform. */
  readonly firstAttempt?: number;
  readonly job?: string;
}

const PLATFORMS: readonly Platform[] = [
  {
    name: "Cloud Run",
    index: "CLOUD_RUN_TASK_INDEX",
    count: "CLOUD_RUN_TASK_COUNT",
    attempt: "CLOUD_RUN_TASK_ATTEMPT",
    job: "CLOUD_RUN_EXECUTION",
  },
  {
    name: "AWS Batch",
    index: "AWS_BATCH_JOB_ARRAY_INDEX",
    count: "AWS_BATCH_JOB_ARRAY_SIZE",
    attempt: "AWS_BATCH_JOB_ATTEMPT",
    firstAttempt: 1,
    job: "AWS_BATCH_JOB_ID",
  },
  { name: "Kubernetes", index: "JOB_COMPLETION_INDEX" },
  {
    name: "Slurm",
    index: "SLURM_ARRAY_TASK_ID",
    first: "SLURM_ARRAY_TASK_MIN",
    step: "SLURM_ARRAY_TASK_STEP",
    count: "SLURM_ARRAY_TASK_COUNT",
    attempt: "SLURM_RESTART_COUNT",
    job: "SLURM_ARRAY_JOB_ID",
  },
];

/** The variables that {@linkcode resolveShard} reads. */
export const SHARD_VARIABLES: readonly string[] = [
  "SHARD_INDEX",
  "SHARD_COUNT",
  "SHARD_JOB",
  ...PLATFORMS.flatMap(({ index, first, step, count, attempt, job }) =>
    [index, first, step, count, attempt, job].filter((name) =>
      name !== undefined
    )
  ),
];

function integer(
  variables: Variables,
  name: string | undefined,
): number | undefined {
  const text = name === undefined ? undefined : variables[name]?.trim();
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(
    `Cannot choose a shard as ${name} must be a whole number of at least 0: current value is "${text}"`,
  );
}

/** AWS Batch names the jobs of an array `parent:index`. */
function jobOf(variables: Variables, platform: Platform): string | null {
  const text = platform.job === undefined ? "" : variables[platform.job];
  return text?.replace(/:\d+$/, "") || null;
}

function fromPlatform(
  variables: Variables,
  platform: Platform,
): Omit<Shard, "count"> & { readonly count: number | undefined } {
  const of = (name: string | undefined) => integer(variables, name);
  const { firstAttempt = 0 } = platform;
  const offset = of(platform.index)! - (of(platform.first) ?? 0);
  return {
    index: Math.floor(offset / Math.max(of(platform.step) ?? 1, 1)),
    count: of(platform.count),
    attempt: Math.max((of(platform.attempt) ?? firstAttempt) - firstAttempt, 0),
    job: jobOf(variables, platform),
  };
}

function assertShard({ index, count }: Pick<Shard, "index" | "count">): void {
  if (count >= 1 && index >= 0 && index < count) return;
  throw new RangeError(
    `Cannot choose a shard as its index must be from 0 to the count of shards less 1: current value is index ${index} of ${count}`,
  );
}

/**
 * Finds the shard of a worker: from flags, else from `SHARD_INDEX`, else from the
 * variables of Cloud Run jobs, AWS Batch arrays, Kubernetes Indexed Jobs or Slurm
 * arrays. If the platform has no variable for the count, it comes from `--shards`
 * or `SHARD_COUNT`.
 *
 * @param variables The environment.
 * @param flags The command line.
 * @returns The shard. Without any flag or variable, the run has one shard.
 * @throws {RangeError} If there is an index without a count, a count without an
 * index, a value that is not a whole number, or two counts that differ.
 */
export function resolveShard(
  variables: Variables,
  flags: ShardFlags = {},
): Shard {
  const platform = PLATFORMS.find(({ index }) =>
    integer(variables, index) !== undefined
  );
  const told = platform && fromPlatform(variables, platform);
  const given = flags.shard ?? integer(variables, "SHARD_INDEX");
  const index = given ?? told?.index;
  const wanted = flags.shards ?? integer(variables, "SHARD_COUNT");
  const job = flags.job ?? (variables["SHARD_JOB"] || told?.job || null);
  const attempt = told?.attempt ?? 0;
  const counts = given === undefined ? told?.count : undefined;
  if (wanted !== undefined && counts !== undefined && wanted !== counts) {
    throw new RangeError(
      `Cannot choose a shard as ${platform?.name} must start as many tasks as there are shards, ${wanted}: current value is ${counts}`,
    );
  }
  const count = wanted ?? counts;
  if (index === undefined && (count ?? 1) === 1) {
    return { index: 0, count: 1, attempt, job };
  }
  if (index === undefined || count === undefined) {
    const [one, other] = index === undefined
      ? ["count", "index"]
      : ["index", "count"];
    throw new RangeError(
      `Cannot choose a shard as its ${one} must come with the ${other}: set --shard and --shards, or SHARD_INDEX and SHARD_COUNT`,
    );
  }
  assertShard({ index, count });
  return { index, count, attempt, job };
}
