/**
 * The backends that tests run on.
 *
 * @module
 */
import { type BackendName, openBackend } from "../../lib/tfjs/backend.ts";

/** Names the folder that `tests/native/build_tfjs_node.sh` filled. */
const VARIABLE = "MFP_TFJS_NATIVE";

function nativeFolder(): string | undefined {
  const { state } = Deno.permissions.querySync({
    name: "env",
    variable: VARIABLE,
  });
  return state === "granted" ? Deno.env.get(VARIABLE) : undefined;
}

/** A backend to test on. */
export interface TestedBackend {
  /** Which. */
  readonly name: BackendName;
  /** Why it cannot be tested here; undefined where it can. */
  readonly skip?: string;
}

/** The portable backends, and the native one where it was built. */
export const BACKENDS: readonly TestedBackend[] = [
  { name: "cpu" },
  { name: "wasm" },
  nativeFolder() === undefined
    ? { name: "native", skip: `${VARIABLE} names no folder with the addon` }
    : { name: "native" },
];

/** Chooses a backend. */
export async function useBackend(backend: BackendName): Promise<void> {
  const folder = nativeFolder();
  await openBackend({
    backend,
    ...folder === undefined ? {} : { nativeFolder: folder },
  });
}
