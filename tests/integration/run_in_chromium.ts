/**
 * Runs exported models in Chromium with onnxruntime-web, and prints what they
 * found as JSON. A browser needs more permissions than tests have, so
 * onnxruntime_web_test.ts starts this as a program.
 *
 * @module
 */
import { chromium } from "playwright-core";

/** What to run. */
export interface ChromiumTask {
  /** The browser. */
  readonly chromium: string;
  /** Address of a page beside node_modules/. */
  readonly page: string;
  /** Folders of exported models beside it. */
  readonly models: readonly string[];
  /** What they are shown: bytes [1, height, width, 3]. */
  readonly image: {
    readonly width: number;
    readonly height: number;
    readonly data: readonly number[];
  };
}

/** What a model found. */
export interface ChromiumFound {
  /** The anomaly map. */
  readonly map: readonly number[];
  /** The image score. */
  readonly score: number;
}

const RUN_IN_PAGE = `async (model, { width, height, data }) => {
  const dist = "/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";
  const ort = await import(dist);
  ort.env.wasm.numThreads = 1;
  const path = "model.onnx.data";
  const externalData = [{ path, data: "/" + model + "/" + path }];
  const file = "/" + model + "/model.onnx";
  const session = await ort.InferenceSession.create(file, { externalData });
  const shape = [1, height, width, 3];
  const image = new ort.Tensor("uint8", Uint8Array.from(data), shape);
  const { map, score } = await session.run({ image });
  return { map: [...map.data], score: score.data[0] };
}`;

if (import.meta.main) {
  const task: ChromiumTask = JSON.parse(Deno.args[0]!);
  const browser = await chromium.launch({
    executablePath: task.chromium,
    args: ["--no-sandbox"],
  });
  const found: ChromiumFound[] = [];
  for (const model of task.models) {
    const page = await browser.newPage();
    await page.goto(task.page);
    const fed = [model, task.image].map((value) => JSON.stringify(value));
    found.push(await page.evaluate(`(${RUN_IN_PAGE})(${fed.join(", ")})`));
  }
  await browser.close();
  console.log(JSON.stringify(found));
}
