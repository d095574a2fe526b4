import assert from "node:assert/strict";
import { missingLibrary } from "../../lib/onnx/missing_cuda.ts";

function unopened(name: string): string {
  return `Could not open library: ${name}: cannot open shared object file: ` +
    "No such file or directory";
}

Deno.test("missingLibrary() tells the driver from the libraries of CUDA", () => {
  assert.equal(
    missingLibrary(unopened("libcuda.so.1")),
    "its part for CUDA needs libcuda.so.1, which comes with the driver of the " +
      "card: it was not found",
  );
  assert.equal(
    missingLibrary(unopened("libcublasLt.so.13")),
    "its part for CUDA needs libcublasLt.so.13, which comes with CUDA 13, in a " +
      "folder of LD_LIBRARY_PATH: it was not found",
  );
});

Deno.test("missingLibrary() returns undefined where no library is missing", () => {
  assert.equal(
    missingLibrary("libx.so.1: undefined symbol: cuInit"),
    undefined,
  );
});
