/**
 * Draws images for benchmarks.
 *
 * @module
 */
import { dirname } from "node:path";
import { syntheticFiles } from "../lib/synthetic/data_set.ts";

/**
 * Draws images of two categories into a folder, in MVTec AD layout.
 *
 * @param options Number of images in all, and their side in pixels.
 */
export async function drawImages(
  folder: string,
  { images, side }: { readonly images: number; readonly side: number },
): Promise<void> {
  const files = syntheticFiles({
    seed: 1,
    count: images / 2,
    side,
    split: "aux",
    categories: ["steel", "washer"],
  });
  for await (const { path, bytes } of files) {
    const target = `${folder}/${path}`;
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeFile(target, bytes);
  }
}
