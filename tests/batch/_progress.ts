/** How far a run is, by what is stored of it. */
import { readChain } from "../../lib/batch/chain.ts";
import type { Plan } from "../../lib/batch/run.ts";

/** Images of each shard whose rows are stored. */
export async function imagesDone(plan: Plan): Promise<number[]> {
  return await Promise.all(
    plan.ranges.map(async (range, shard) => {
      const parts = await Array.fromAsync(readChain({ plan, shard }, range));
      return parts.reduce((sum, { rows }) => sum + rows.length, 0);
    }),
  );
}
