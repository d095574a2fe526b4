/**
 * Writes the data of bench/metrics_bench.ts for field_timing.py, and the
 * figures that lib/metrics finds on it.
 *
 * deno run --allow-write=DIR field_timing_data.ts DIR IMAGES SIDE
 *
 * @module
 */
import { PixelCounts } from "../../../lib/metrics/pixel_counts.ts";
import { syntheticMap } from "../../metrics/synthetic_maps.ts";

const [folder = ".", images = "186", side = "518"] = Deno.args;
const pixels = Number(side) ** 2;
const counts = new PixelCounts();
using maps = Deno.openSync(`${folder}/maps.f16`, {
  write: true,
  create: true,
  truncate: true,
});
using masks = Deno.openSync(`${folder}/masks.u8`, {
  write: true,
  create: true,
  truncate: true,
});
for (let index = 0; index < Number(images); index++) {
  const { logits, mask } = syntheticMap(index, Number(side));
  maps.writeSync(new Uint8Array(new Float16Array(logits).buffer));
  masks.writeSync(mask?.data ?? new Uint8Array(pixels));
  counts.add(logits, mask);
}
console.log({
  pixels: Number(images) * pixels,
  auroc: counts.auroc().value,
  averagePrecision: counts.averagePrecision().value,
  f1Max: counts.f1Max().value,
  aupro: counts.aupro().value,
  aupro200: counts.aupro200().value,
  bytes: counts.toBytes().length,
});
