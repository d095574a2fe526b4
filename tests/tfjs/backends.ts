/**
 * The backends that tests run on.
 *
 * @module
 */
import { openBackend } from "../../lib/tfjs/backend.ts";
import type { BackendName } from "../../lib/tfjs/backend_name.ts";
import type { FedTensor } from "../../lib/tfjs/tensors.ts";
import type { NamedNumbers } from "../contract/numbers.ts";

/** Names the folder that `tests/native/build_tfjs_node.sh` filled. */
const VARIABLE = "MFP_TFJS_NATIVE";

function readNativeFolder(): string | undefined {
  const { state } = Deno.permissions.querySync({
    name: "env",
    variable: VARIABLE,
  });
  return state === "granted" ? Deno.env.get(VARIABLE) : undefined;
}

/** Where the native backend was built, if it was. */
export const nativeFolder: string | undefined = readNativeFolder();

/** The backends that hold everywhere, and the native one. */
export const BACKENDS: readonly BackendName[] = ["cpu", "wasm", "native"];

/** Chooses a backend. */
export async function useBackend(backend: BackendName): Promise<void> {
  await openBackend({
    backend,
    ...nativeFolder === undefined ? {} : { nativeFolder },
  });
}

/** Registers a test for each backend, with a reason where one is left out. */
export function testOnBackends(
  name: string,
  backends: readonly BackendName[],
  body: (backend: BackendName, t: Deno.TestContext) => Promise<void>,
): void {
  for (const backend of backends) {
    const ignore = backend === "native" && nativeFolder === undefined;
    const suffix = ignore
      ? ` (${VARIABLE} names no folder with the addon)`
      : "";
    Deno.test({
      name: `${name} on ${backend}${suffix}`,
      ignore,
      fn: async (t) => {
        await useBackend(backend);
        await body(backend, t);
      },
    });
  }
}

/** Numbers as the engine is fed them. */
export function fed(tensors: NamedNumbers): Record<string, FedTensor> {
  const entries = Object.entries(tensors).map(([name, { shape, data }]) =>
    [name, { shape, data: Float64Array.from(data) }] as const
  );
  return Object.fromEntries(entries);
}
