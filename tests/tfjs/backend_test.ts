import assert from "node:assert/strict";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { openBackend } from "../../lib/tfjs/backend.ts";
import { evaluateGraph } from "./evaluate.ts";
import { BACKENDS, nativeFolder, testOnBackends } from "./backends.ts";

const PREFIX = "Cannot use the native backend of TensorFlow.js as ";

/** A folder in which a package throws when it is loaded. */
async function withPackage(
  code: string | undefined,
  body: (nativeFolder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    if (code !== undefined) {
      const path = `${folder}/node_modules/@tensorflow/tfjs-node-gpu`;
      await Deno.mkdir(path, { recursive: true });
      await Deno.writeTextFile(`${path}/index.js`, code);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refusesNative(
  code: string | undefined,
  reason: string,
): Promise<void> {
  await withPackage(code, async (nativeFolder) => {
    await assert.rejects(
      openBackend({ backend: "native", nativeFolder }),
      new ModelError(`${PREFIX}${reason}`),
    );
  });
}

/** Runs with another set of graphics adapters. */
async function withAdapter(
  adapter: unknown,
  body: () => Promise<void>,
): Promise<void> {
  const value = { requestAdapter: () => Promise.resolve(adapter) };
  Object.defineProperty(navigator, "gpu", { value, configurable: true });
  try {
    await body();
  } finally {
    Reflect.deleteProperty(navigator, "gpu");
  }
}

Deno.test("openBackend() prints nothing, nor does the first run", async () => {
  const printed: unknown[] = [];
  const { log, warn } = console;
  console.log = console.warn = (...data) => printed.push(...data);
  try {
    for (const backend of ["cpu", "wasm"] as const) {
      await openBackend({ backend });
      const g = new GraphBuilder();
      const y = g.exp(g.input("x", [1], "float"));
      await evaluateGraph(g.build({ y }), {
        feeds: { x: { shape: [1], data: new Float32Array(1) } },
        parameter: () => assert.fail(),
      });
    }
  } finally {
    Object.assign(console, { log, warn });
  }
  assert.deepEqual(printed, []);
});

testOnBackends(
  "openBackend() tells the backend and the device",
  BACKENDS,
  async (backend) => {
    const folder = nativeFolder === undefined ? {} : { nativeFolder };
    const opened = await openBackend({ backend, ...folder });
    assert.equal(opened.name, backend);
    const devices = backend === "native" ? ["cpu", "gpu"] : ["cpu"];
    assert(devices.includes(opened.device));
  },
);

Deno.test("openBackend() takes the next one where one cannot be had", async () => {
  await withAdapter(
    null,
    () =>
      withPackage("throw new Error('no')", async (nativeFolder) => {
        const expected = { name: "wasm", device: "cpu" } as const;
        assert.deepEqual(await openBackend({ nativeFolder }), expected);
      }),
  );
});

Deno.test("openBackend() throws when no native package is installed", () =>
  refusesNative(undefined, "@tensorflow/tfjs-node-gpu must be installed"));

Deno.test("openBackend() throws when the native addon is missing", () =>
  refusesNative(
    `throw new Error("The Node.js native addon module (tfjs_binding.node) " +
      "can not be found at path: /somewhere")`,
    "@tensorflow/tfjs-node-gpu must load: current installation lacks the " +
      "addon that its install script fetches",
  ));

Deno.test("openBackend() throws when the native library does not load", () =>
  refusesNative(
    `throw new Error("libtensorflow.so.2: cannot open\\nmore")`,
    "@tensorflow/tfjs-node-gpu must load: Error: libtensorflow.so.2: cannot " +
      "open",
  ));

Deno.test("openBackend() throws when there is no graphics adapter", () =>
  withAdapter(null, async () => {
    await assert.rejects(openBackend({ backend: "webgpu" }), {
      name: "ModelError",
      message: "Cannot use the webgpu backend of TensorFlow.js as there must " +
        "be a graphics adapter",
    });
  }));

Deno.test("openBackend() throws when the graphics adapter is software", () => {
  const info = { isFallbackAdapter: true, description: "llvmpipe" };
  return withAdapter({ info }, async () => {
    await assert.rejects(openBackend({ backend: "webgpu" }), {
      name: "ModelError",
      message: "Cannot use the webgpu backend of TensorFlow.js as the " +
        "graphics adapter must be a real one: current one is llvmpipe",
    });
  });
});
