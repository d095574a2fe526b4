import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Detector } from "../../lib/detector/detector.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { attention } from "../../lib/graph/nn.ts";
import { readScores } from "../../lib/results/scores_parquet.ts";
import { runCases } from "../contract/kernel_case.ts";
import { KERNEL_CASES } from "../contract/kernel_cases.ts";
import { assertNumbers, numbers, scattered } from "../contract/numbers.ts";
import { GOLDEN_IMAGES } from "../golden/mfp_clip/golden.ts";
import { runGraph, runGraphWith } from "../onnx/run_graph.ts";
import { startServer, untilReady } from "../server/_client.ts";
import { WEBGPU_ENV, whyNoWebgpu } from "./webgpu.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const ignored = await whyNoWebgpu();
if (ignored !== undefined) console.error(`WebGPU is not tested: ${ignored}`);
const ignore = ignored !== undefined;

// The driver is chosen when onnxruntime first asks for an adapter.
for (const [name, value] of Object.entries(WEBGPU_ENV)) {
  Deno.env.set(name, value);
}

if (!ignore) {
  runCases(KERNEL_CASES, {
    name: "onnxruntime on webgpu",
    tolerance: 1e-5,
    unsupported: [
      {
        reason: "onnxruntime's WebGPU provider finds no places of maxima",
        cases: ["maxPool2dGradient"],
      },
      {
        reason: "this adapter has no float16",
        cases: ["cast: float to half and back rounds to float16"],
      },
    ],
    run: async (graph, { feeds, parameters }) => {
      const options = { feeds, provider: "webgpu" } as const;
      return (await runGraphWith(graph, parameters, options)).y;
    },
  });
}

for (const tokens of [16, 32, 65, 197]) {
  Deno.test({
    name: `attention() of ${tokens} tokens is the same on webgpu as on cpu`,
    ignore,
    fn: async () => {
      const g = new GraphBuilder();
      const shape = [1, tokens, 64];
      const [q, k, v] = [
        g.input("q", shape, "float"),
        g.input("k", shape, "float"),
        g.input("v", shape, "float"),
      ];
      const y = attention(g, [q, k, v], { heads: 2 });
      const graph = g.build({ y });
      const feeds = Object.fromEntries(
        ["q", "k", "v"].map((name, i) => [
          name,
          numbers(shape, scattered(tokens * 64, i + 1)),
        ]),
      );
      const onCpu = await runGraph(graph, { feeds, provider: "cpu" });
      const onGpu = await runGraph(graph, { feeds, provider: "webgpu" });
      assertNumbers(onGpu.y, onCpu.y!, { tolerance: 1e-5 });
    },
  });
}

/** Runs a command of this project on the adapter; checks how it ends. */
async function deno(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: [...args],
    cwd: ROOT,
    env: { ...WEBGPU_ENV, MFP_TEST_PROVIDER: "webgpu", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [text, log] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  assert.equal(code, 0, `${text}${log}`);
  return text!;
}

Deno.test({
  name: "the modules equal the specification on webgpu",
  ignore,
  fn: async () => {
    const text = await deno(
      "test",
      "-A",
      "--no-check",
      "tests/clip/text_transformer_test.ts",
      "tests/clip/transformer_test.ts",
      "tests/clip/vision_transformer_test.ts",
      "tests/resnet/resnet_test.ts",
    );
    assert.match(text, /[1-9]\d* passed .*\| 0 failed/);
  },
});

async function mapsOn(provider: "cpu" | "webgpu") {
  await using detector = await Detector.open("nano", { provider });
  return await Array.fromAsync(
    GOLDEN_IMAGES.slice(0, 2),
    (image) => detector.score(image, { category: "cup" }),
  );
}

Deno.test({
  name: "nano gives the same maps on webgpu as on cpu",
  ignore,
  fn: async () => {
    const onCpu = await mapsOn("cpu");
    for (
      const [i, { score, map, logitMap }] of (await mapsOn("webgpu")).entries()
    ) {
      const expected = onCpu[i]!;
      assertNumbers(numbers([1], [score]), numbers([1], [expected.score]), {
        tolerance: 1e-4,
      });
      const shape = [map.height, map.width];
      assertNumbers(
        numbers(shape, map.data),
        numbers(shape, expected.map.data),
        { tolerance: 1e-4 },
      );
      assertNumbers(
        numbers(shape, logitMap.data),
        numbers(shape, expected.logitMap.data),
        { tolerance: 1e-3 },
      );
    }
  },
});

async function scoresBelow(folder: string): Promise<number[]> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (name === "scores.parquet") {
      const rows = await readScores(await Deno.readFile(path));
      return rows.map(({ score_logit }) => score_logit!);
    }
    if (isDirectory && name !== "heatmaps") {
      const scores = await scoresBelow(path);
      if (scores.length > 0) return scores;
    }
  }
  return [];
}

for (const command of ["eval", "score"]) {
  Deno.test({
    name:
      `${command} gives the same scores on webgpu as on cpu, and ends with 0`,
    ignore,
    fn: async () => {
      const out = await Deno.makeTempDir();
      try {
        const data = "--data=tests/golden/mfp_clip/images";
        const scores = await Promise.all(
          ["cpu", "webgpu"].map(async (provider) => {
            const to = `${out}/${provider}`;
            const program = ["run", `-P=${command}`, "main.ts", command];
            const flags = [data, `--provider=${provider}`, `--out=${to}`];
            await deno(...program, ...flags);
            return await scoresBelow(to);
          }),
        );
        const [onCpu, onGpu] = scores.map((found) =>
          numbers([GOLDEN_IMAGES.length], found)
        );
        assertNumbers(onGpu, onCpu!, { tolerance: 1e-3 });
      } finally {
        await Deno.remove(out, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: "serve scores on webgpu, and ends with 0 when it is told to stop",
  ignore,
  fn: async () => {
    const state = await Deno.makeTempDir();
    try {
      await using server = await startServer(
        ["--provider=webgpu", `--state=${state}`],
        { ...WEBGPU_ENV, PORT: "0" },
      );
      await untilReady(server.address);
      const response = await fetch(`${server.address}/v1/score?category=cup`, {
        method: "POST",
        headers: { "content-type": "image/jpeg" },
        body: await Deno.readFile(GOLDEN_IMAGES[0]!),
      });
      assert.equal(response.status, 200, await response.text());
      server.child.kill("SIGTERM");
      assert.equal((await server.child.status).code, 0, server.log());
    } finally {
      await Deno.remove(state, { recursive: true });
    }
  },
});

async function lossesOn(provider: string, out: string): Promise<number[]> {
  const data = ["--category=tile", "--count=2", "--side=64"];
  await deno(
    "run",
    "-P=train",
    "main.ts",
    "train",
    ...data,
    "--engine=onnx",
    `--provider=${provider}`,
    "--max-steps=2",
    "--seed=1",
    `--out=${out}/${provider}`,
  );
  const log = await Deno.readTextFile(`${out}/${provider}/log.jsonl`);
  return log.trim().split("\n").map((line) => JSON.parse(line))
    .flatMap(({ event, loss }) => event === "step" ? [loss] : []);
}

Deno.test({
  name: "two training steps have the same losses on webgpu as on cpu",
  ignore,
  fn: async () => {
    const out = await Deno.makeTempDir();
    try {
      const onCpu = await lossesOn("cpu", out);
      const onGpu = await lossesOn("webgpu", out);
      assert.equal(onCpu.length, 2);
      assertNumbers(numbers([2], onGpu), numbers([2], onCpu), {
        tolerance: 1e-4,
      });
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  },
});
