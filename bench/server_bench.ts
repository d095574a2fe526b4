/**
 * The endpoint, compared with its session alone.
 *
 * | benchmark     | size                                                     |
 * | ------------- | -------------------------------------------------------- |
 * | session alone | 32 images in batches of 8, random ViT-B/16 model at 224  |
 * | endpoint      | 32 PNG files of 256 x 256, from 16 clients at a time     |
 *
 * @module
 */
import {
  bare,
  BATCH,
  CLIENTS,
  openEndpoint,
  picture,
  requests,
} from "./endpoint.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

const IMAGES = 4 * BATCH;

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => {
  Deno.removeSync(folder, { recursive: true });
});
await writeRandomModel(folder, SIZES["vit-b-224"]);
const endpoint = await openEndpoint(folder);
const bodies = await Promise.all([1, 2, 3, 4].map(picture));

const group = "endpoint";
Deno.bench(
  "session alone",
  { group, baseline: true, n: 2, warmup: 1 },
  async () => await bare(endpoint, IMAGES),
);
Deno.bench("endpoint", { group, n: 2, warmup: 1 }, async () => {
  await requests(endpoint, { images: IMAGES, clients: CLIENTS, bodies });
});
