/**
 * Processor time of each step that an image takes beside the network.
 *
 * @module
 */
import process from "node:process";
import { openImage } from "../../lib/image/decode.ts";
import { encodeHeatmap } from "../../lib/image/heatmap.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import { detectionError } from "../../lib/methods/detection.ts";
import { PixelCounts } from "../../lib/metrics/pixel_counts.ts";
import { PixelGroups } from "../../lib/metrics/pixel_groups.ts";

/** Processor time of this process so far, of all its threads. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timeOf(step: () => unknown): Promise<number> {
  const warming = performance.now() + 300;
  while (performance.now() < warming) await step();
  const [start, cpu] = [performance.now(), cpuMilliseconds()];
  let runs = 0;
  while (performance.now() < start + 700) {
    await step();
    runs++;
  }
  return Number(((cpuMilliseconds() - cpu) / runs).toFixed(2));
}

/**
 * Times each step alone.
 *
 * @param file An image file.
 * @param side Side of the model's square, in pixels.
 * @returns Milliseconds of processor time by step.
 */
export async function timeStages(
  file: Uint8Array,
  side: number,
): Promise<Readonly<Record<string, number>>> {
  const opened = await openImage(file);
  const image = await opened.decode();
  const logits = Float32Array.from(
    { length: side * side },
    (_, i) => 3 * Math.sin(9 * (i % side) / side) - 2 + (i * 7919 % 101) / 1000,
  );
  const map = logits.map((x) => 1 / (1 + Math.exp(-x)));
  const counts = new PixelCounts();
  const groups = new PixelGroups();
  const found = {
    anomalyMap: map,
    logitMap: logits,
    imageScore: 0.5,
    scoreLogit: 0,
    milliseconds: 0,
  };
  const size = { width: side, height: side };
  return {
    header: await timeOf(() => openImage(file)),
    decode: await timeOf(() => opened.decode()),
    resize: await timeOf(() => resizeBicubic(image, side, side)),
    "look for NaN": await timeOf(() => detectionError(found)),
    heatmap: await timeOf(() => encodeHeatmap(map, size)),
    "count labelled pixels": await timeOf(() => {
      const halves = new Float16Array(logits);
      counts.add(halves, null);
      groups.add("", halves, null);
    }),
  };
}
