/**
 * Why onnxruntime cannot load its part for CUDA. onnxruntime itself says only
 * that a shared library failed to load.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";

/** What onnxruntime calls the libraries of its part for CUDA. */
const PROVIDER_FILES = [
  "libonnxruntime_providers_shared.so",
  "libonnxruntime_providers_cuda.so",
];

const DRIVER = /^libcuda\.so/;

/**
 * Says which library is missing.
 *
 * @param message What the loader of the system said.
 * @returns A clause; undefined where the message names none.
 */
export function missingLibrary(message: string): string | undefined {
  const name = /(\S+\.so[.\d]*): cannot open shared object/.exec(message)?.[1];
  if (name === undefined) return undefined;
  const owner = DRIVER.test(name)
    ? "which comes with the driver of the card"
    : "which comes with CUDA 13, in a folder of LD_LIBRARY_PATH";
  return `its part for CUDA needs ${name}, ${owner}: it was not found`;
}

/**
 * Tries to load onnxruntime's part for CUDA by hand.
 *
 * @returns What is missing, as a clause; undefined where that cannot be told.
 */
export function whyNoCuda(): string | undefined {
  const folder = new URL(
    `../bin/napi-v6/${platform}/${arch}/`,
    import.meta.resolve("onnxruntime-node"),
  );
  for (const name of PROVIDER_FILES) {
    const path = fileURLToPath(new URL(name, folder));
    if (!existsSync(path)) {
      return `its part for CUDA must be installed, as tasks/deploy/README.md ` +
        `says: there is no ${name}`;
    }
    try {
      Deno.dlopen(path, {});
    } catch (error) {
      return missingLibrary(String(error));
    }
  }
  return undefined;
}
