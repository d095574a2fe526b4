/**
 * Loads onnxruntime's CUDA provider as far as this machine allows. The provider
 * and the libraries of CUDA are too large to fetch in a test. MFP_TEST_CUDA names
 * folders that hold them, separated by `:`. They come, among others, with the
 * npm package com.github.asus4.onnxruntime.linux-x64-gpu 0.4.9 and with the
 * Python packages nvidia-cublas, nvidia-cuda-runtime and nvidia-curand 13.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isThere } from "../../lib/files/is_there.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROVIDERS = [
  "libonnxruntime_providers_shared.so",
  "libonnxruntime_providers_cuda.so",
];

const folders = (Deno.env.get("MFP_TEST_CUDA") ?? "").split(":")
  .filter((path) => path !== "");

async function find(name: string): Promise<string | undefined> {
  for (const folder of folders) {
    if (await isThere(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

const ignore = await find(PROVIDERS[1]!) === undefined;
if (ignore) {
  console.error(`CUDA is not tested: MFP_TEST_CUDA names no ${PROVIDERS[1]}`);
}

/** Copies Deno's packages by links, and the provider into the copy. */
async function packagesWithCuda(copy: string): Promise<void> {
  const entry = fileURLToPath(import.meta.resolve("onnxruntime-node"));
  const native = join(dirname(entry), "../bin/napi-v6/linux/x64");
  const cache = entry.slice(0, entry.indexOf("/npm/") + "/npm".length);
  const { code } = await new Deno.Command("cp", {
    args: ["-rl", cache, join(copy, "npm")],
  }).output();
  assert.equal(code, 0);
  const target = join(copy, "npm", native.slice(cache.length));
  for (const name of PROVIDERS) {
    await Deno.symlink((await find(name))!, join(target, name));
  }
}

/** Whether the driver of a card is installed. */
function hasDriver(): boolean {
  try {
    Deno.dlopen("libcuda.so.1", {}).close();
    return true;
  } catch {
    return false;
  }
}

/** Compiles a driver that has no functions; false without a compiler. */
async function makeEmptyDriver(folder: string): Promise<boolean> {
  await Deno.writeTextFile(`${folder}/driver.c`, "int no_functions;");
  const [source, target] = [`${folder}/driver.c`, `${folder}/libcuda.so.1`];
  const made = await new Deno.Command("gcc", {
    args: [
      "-shared",
      "-fPIC",
      "-Wl,-soname,libcuda.so.1",
      "-o",
      target,
      source,
    ],
  }).output().catch(() => undefined);
  return made?.success ?? false;
}

async function evaluate(
  packages: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly said: string }> {
  const { code, stderr } = await new Deno.Command("deno", {
    args: [
      ...["run", "-P=eval", "--cached-only", "main.ts", "eval"],
      ...["--provider=cuda", "--limit=1", `--out=${packages}/out`],
    ],
    cwd: ROOT,
    env: { DENO_DIR: packages, NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

Deno.test({
  name: "eval --provider cuda names the first library that is missing",
  ignore,
  fn: async (t) => {
    await using folder = await temporaryFolder();
    await packagesWithCuda(folder.path);
    await t.step("of CUDA", async () => {
      const { code, said } = await evaluate(folder.path, {
        LD_LIBRARY_PATH: "",
      });
      assert.equal(code, 42, said);
      assert.match(
        said,
        /its part for CUDA needs libcu\S+, which comes with CUDA 13/,
      );
    });
    const hasLibraries = await find("libcublasLt.so.13") !== undefined;
    await t.step({
      name: "of the driver, once all of CUDA's were loaded",
      ignore: hasDriver() || !hasLibraries,
      fn: async () => {
        const { code, said } = await evaluate(folder.path, {
          LD_LIBRARY_PATH: folders.join(":"),
        });
        assert.equal(code, 42, said);
        assert.match(said, /libcuda\.so\.1, which comes with the driver/);
      },
    });
    const isEmpty = await makeEmptyDriver(folder.path);
    await t.step({
      name: "and CUDA's own answer, once every library was loaded",
      ignore: hasDriver() || !hasLibraries || !isEmpty,
      fn: async () => {
        const { code, said } = await evaluate(folder.path, {
          LD_LIBRARY_PATH: [...folders, folder.path].join(":"),
        });
        assert.equal(code, 42, said);
        assert.match(said, /as CUDA answers with failure \d+: CUDA driver/);
      },
    });
  },
});
