/**
 * Ratios of benchmarks to the baseline of their group: unlike times, they
 * carry over from one machine to another.
 *
 * @module
 */

interface Measurement {
  readonly group: string | null;
  readonly name: string;
  readonly baseline: boolean;
  readonly results: readonly {
    readonly ok?: { readonly min: number };
    readonly failed?: { readonly message: string };
  }[];
}

/** What `deno bench --json` prints, as far as it is used here. */
export interface BenchReport {
  readonly benches: readonly Measurement[];
}

/** Group -> benchmark -> its time, divided by that of the group's baseline. */
export type Ratios = Readonly<Record<string, Readonly<Record<string, number>>>>;

function leastTime({ results }: Measurement): number | undefined {
  return results[0]?.ok?.min;
}

/**
 * Computes the ratios of a report. The least time of each benchmark counts,
 * as it is disturbed least by what else the machine does.
 *
 * @param report What `deno bench --json` printed
 * @returns The ratios; groups without a baseline are left out
 */
export function ratiosOf(report: BenchReport): Ratios {
  const groups = Object.groupBy(report.benches, ({ group }) => group ?? "");
  const ratios: Record<string, Record<string, number>> = {};
  for (const [group, benches = []] of Object.entries(groups)) {
    const baseline = benches.find((bench) => bench.baseline);
    const unit = baseline && leastTime(baseline);
    if (unit === undefined) continue;
    const entries = benches.flatMap((bench) => {
      const time = leastTime(bench);
      return bench === baseline || time === undefined
        ? []
        : [[bench.name, Number((time / unit).toPrecision(4))] as const];
    });
    ratios[group] = Object.fromEntries(entries);
  }
  return ratios;
}

/**
 * The lower of two measurements of each ratio: noise only adds.
 *
 * @param first The ratios of one run
 * @param second The ratios of another
 * @returns Ratios of everything that either run measured
 */
export function lowerRatios(first: Ratios, second: Ratios): Ratios {
  const lower: Record<string, Record<string, number>> = {};
  for (const [group, entries] of Object.entries({ ...first, ...second })) {
    const names = Object.keys({ ...first[group], ...entries });
    lower[group] = Object.fromEntries(names.map((name) => [
      name,
      Math.min(
        first[group]?.[name] ?? Infinity,
        second[group]?.[name] ?? Infinity,
      ),
    ]));
  }
  return lower;
}

/** Groups of which a machine has one: its processor decides. */
const EITHER: readonly string[] = ["network in int8", "network in uint8"];

/** Whether another group is measured in the place of this one. */
function isReplaced(group: string, now: Ratios): boolean {
  return EITHER.includes(group) && !(group in now) &&
    EITHER.some((other) => other in now);
}

/**
 * Compares ratios with those that were recorded.
 *
 * @param now The ratios of this run
 * @param recorded The ratios of `bench/baseline.json`
 * @param tolerance By how much a ratio may grow: 0.25 is by a quarter
 * @returns One sentence per regression
 */
export function regressions(
  now: Ratios,
  recorded: Ratios,
  tolerance: number,
): string[] {
  const sentences: string[] = [];
  for (const [group, entries] of Object.entries(recorded)) {
    if (isReplaced(group, now)) continue;
    for (const [name, before] of Object.entries(entries)) {
      const after = now[group]?.[name];
      if (after === undefined) {
        sentences.push(`${group}: ${name} was not measured`);
      } else if (after > before * (1 + tolerance)) {
        const grown = Math.round(100 * (after / before - 1));
        sentences.push(
          `${group}: ${name} is ${after} x its baseline, ${grown} % above the recorded ${before}`,
        );
      }
    }
  }
  return sentences;
}
