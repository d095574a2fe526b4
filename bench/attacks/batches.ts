/**
 * Batches as attacks.
 *
 * @module
 */
import { type Attack, countAll, statusOf } from "./attack.ts";

/**
 * Creates a batch, once those of an attack before have left room for it.
 *
 * @param places Addresses of what it reads and of where it writes.
 * @returns The batch's own address.
 */
export async function createBatch(
  address: string,
  places: { readonly input: string; readonly output: string },
): Promise<string> {
  const body = JSON.stringify(places);
  const headers = { "Content-Type": "application/json" };
  const end = performance.now() + 120_000;
  for (;;) {
    const init = { method: "POST", body, headers };
    const answer = await fetch(`${address}/v1/batches`, init);
    const { status } = answer;
    if (status === 202 || status === 201) {
      return `${address}${(await answer.json()).links.self}`;
    }
    const told = await answer.text();
    if (status !== 429 || performance.now() > end) {
      throw new Error(`no batch: ${status} ${told.slice(0, 200)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** What a server tells of a batch. */
export interface ToldBatch {
  /** Such as `queued`. */
  readonly state: string;
  /** Why it failed. */
  readonly error: string | null;
}

/** Whether a batch will not change any more. */
export function isOver({ state }: ToldBatch): boolean {
  return /succeeded|failed|cancelled/.test(state);
}

/**
 * Waits until a batch is over, or for some seconds.
 *
 * @param self The batch's own address.
 */
export async function waitForBatch(
  self: string,
  seconds = 60,
): Promise<ToldBatch> {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const told: ToldBatch = await (await fetch(self)).json();
    if (isOver(told) || performance.now() > end) return told;
  }
}

/** Has a file listed as a batch, and waits until that is over. */
export function batched(
  name: string,
  file: string,
  make: () => Promise<Uint8Array | string>,
): Attack {
  return {
    name,
    async prepare({ server: { address }, folder }) {
      const content = await make();
      const path = `${folder}/in/${file}`;
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
      const places = {
        input: `file://${path}`,
        output: `file://${folder}/out/`,
      };
      return async () => {
        const self = await createBatch(address, places);
        const told = await waitForBatch(self);
        if (isOver(told)) return { [told.state]: 1 };
        await statusOf(self, { method: "DELETE" });
        return { [`${told.state} after 60 s, cancelled`]: 1 };
      };
    },
  };
}

/** Creates more batches than a server takes. */
export const batches: Attack = {
  name: "180 batches at once",
  prepare({ server: { address }, folder }) {
    const body = JSON.stringify({
      input: `file://${folder}/in/`,
      output: `file://${folder}/out/`,
      options: { limit: 1 },
    });
    const headers = { "Content-Type": "application/json" };
    const init = { method: "POST", body, headers };
    return Promise.resolve(() =>
      countAll(
        Array.from(
          { length: 180 },
          () => statusOf(`${address}/v1/batches`, init),
        ),
      )
    );
  },
};
