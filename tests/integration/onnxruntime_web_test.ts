import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Detector } from "../../lib/detector/detector.ts";
import {
  EXPORT_TOLERANCE,
  exportModel,
} from "../../lib/detector/export_model.ts";
import type { ScoredImage } from "../../lib/detector/scored_image.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { GOLDEN_IMAGES, goldenModel } from "../golden/mfp_clip/golden.ts";
import {
  ADA_CLIP_GOLDENS,
  ANOMALY_CLIP_GOLDENS,
  APRIL_GAN_GOLDENS,
  promptedModel,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";
import { goldenNamed } from "../methods/mfp_clip/goldens.ts";
import { whyNoPrograms } from "./debian_packages.ts";
import type { ChromiumFound, ChromiumTask } from "./run_in_chromium.ts";

/**
 * Named here and not in deno.json: Deno downloads all packages of its lock file
 * at a user's first run, and this one has 120 MB.
 */
const PACKAGE = "npm:onnxruntime-web@1.30.0";

const PROGRAM = fileURLToPath(new URL("run_in_chromium.ts", import.meta.url));
const CHROMIUM = "/usr/bin/chromium";
const CATEGORY = "metal_nut";

const reason = await whyNoPrograms([CHROMIUM], ["chromium"]);
if (reason !== undefined) console.error(`Chromium is not tested: ${reason}`);

/** Installs the package as plain files that a page can load. */
async function install(folder: string): Promise<void> {
  const imports = { "onnxruntime-web": PACKAGE };
  const config = JSON.stringify({ imports, nodeModulesDir: "auto" });
  await Deno.writeTextFile(`${folder}/deno.json`, config);
  const command = new Deno.Command("deno", {
    args: ["install", "--quiet"],
    cwd: folder,
  });
  const { success, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

const TYPES: Record<string, string> = {
  html: "text/html",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

/** Serves the files of a folder. */
function serve(folder: string): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  return Deno.serve(options, async (request) => {
    const { pathname } = new URL(request.url);
    const type = TYPES[pathname.split(".").at(-1)!] ?? "application/x-binary";
    const file = await Deno.open(folder + pathname).catch(() => undefined);
    if (file === undefined) {
      return new Response("No such file", { status: 404 });
    }
    return new Response(file.readable, { headers: { "Content-Type": type } });
  });
}

async function runInChromium(task: ChromiumTask): Promise<ChromiumFound[]> {
  const command = new Deno.Command("deno", {
    args: [
      ...["run", "-A", "--no-check", "--lock=deno.all.lock"],
      ...[PROGRAM, JSON.stringify(task)],
    ],
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

/** A model of every method, and nano. */
async function testedModels() {
  const golden = [
    await goldenModel(goldenNamed("feature")),
    await promptedModel(WINCLIP_GOLDENS[0]!),
    await promptedModel(APRIL_GAN_GOLDENS[0]!),
    await promptedModel(ANOMALY_CLIP_GOLDENS[0]!),
    await promptedModel(ADA_CLIP_GOLDENS[0]!),
  ];
  return {
    paths: ["nano", ...golden.map(({ path }) => path)],
    async [Symbol.asyncDispose]() {
      for (const folder of golden) await folder[Symbol.asyncDispose]();
    },
  };
}

/** What the detector finds, and an export of its model. */
async function expectedOf(
  model: string,
  { out, image }: { readonly out: string; readonly image: RgbImage },
): Promise<ScoredImage> {
  await exportModel(model, out, { category: CATEGORY });
  await using detector = await Detector.open(model, { threads: 1 });
  return await detector.score(image, { category: CATEGORY });
}

Deno.test({
  name: "exportModel() writes models that onnxruntime-web runs in Chromium",
  ignore: reason !== undefined,
  async fn() {
    await using folder = await temporaryFolder();
    await using tested = await testedModels();
    await install(folder.path);
    await folder.write("index.html", "<!doctype html><title>Test</title>");
    const image = await decodeImage(await Deno.readFile(GOLDEN_IMAGES[0]!));
    const expected: ScoredImage[] = [];
    for (const [i, model] of tested.paths.entries()) {
      const out = `${folder.path}/${i}`;
      expected.push(await expectedOf(model, { out, image }));
    }
    await using server = serve(folder.path);
    const found = await runInChromium({
      chromium: CHROMIUM,
      page: `http://127.0.0.1:${server.addr.port}/index.html`,
      models: expected.map((_, i) => `${i}`),
      image: { ...image, data: [...image.data] },
    });
    assert.equal(found.length, tested.paths.length);
    for (const [i, { map: { data }, score }] of expected.entries()) {
      const options = { tolerance: EXPORT_TOLERANCE.f32, label: `model ${i}` };
      const size = [data.length];
      const map = numbers(size, data);
      assertNumbers(numbers(size, [...found[i]!.map]), map, options);
      const scores = [score, found[i]!.score].map((x) => numbers([1], [x]));
      assertNumbers(scores[1], scores[0]!, options);
    }
  },
});
