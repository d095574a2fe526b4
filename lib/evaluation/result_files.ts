/**
 * The files that an evaluation leaves behind.
 *
 * @module
 */
import { encodeHeatmap } from "../image/heatmap.ts";
import { renderReport, type ReportContent } from "../report/html.ts";
import { writeScores } from "../results/scores_parquet.ts";
import type { Summary } from "../results/summary.ts";
import type { ImageMaps, MapSink } from "./evaluate.ts";
import { encodeNpy } from "./npy.ts";
import type { OutputFolder } from "./output_folder.ts";

/** Which raw maps are written: none, float32 M, or the float16 logit map. */
export type RawMaps = "none" | "npy" | "f16";

/** Options of {@linkcode mapFiles}. */
export interface MapFileOptions {
  /** Which raw maps are written beside the heatmaps. */
  readonly maps: RawMaps;
  /** The values shown by the first and by the last colour. */
  readonly heatRange: readonly [number, number];
}

function rawMap(
  { anomalyMap, logitMap }: ImageMaps,
  maps: RawMaps,
): Float32Array | Float16Array | null {
  switch (maps) {
    case "none":
      return null;
    case "npy":
      return anomalyMap;
    case "f16":
      return new Float16Array(logitMap);
  }
}

/**
 * A sink that writes `heatmaps/<key>.png` and, where asked for,
 * `maps/<key>.npy`.
 *
 * @param folder Where to
 * @param options Which maps, in which colours
 * @returns The sink
 */
export function mapFiles(
  folder: OutputFolder,
  options: MapFileOptions,
): MapSink {
  return {
    async write(result) {
      const { key, side, anomalyMap } = result;
      const raw = rawMap(result, options.maps);
      const size = { width: side, height: side, range: options.heatRange };
      const heatmap = await encodeHeatmap(anomalyMap, size);
      await folder.write(`heatmaps/${key}.png`, heatmap);
      if (raw !== null) {
        await folder.write(`maps/${key}.npy`, encodeNpy(raw, side));
      }
    },
  };
}

/**
 * Writes `scores.parquet`, `report.html` and, last of all, `summary.json`.
 *
 * @param folder Where to
 * @param content What was found out
 */
export async function writeReports(
  folder: OutputFolder,
  content: ReportContent & { readonly summary: Summary },
): Promise<void> {
  const encoder = new TextEncoder();
  const summary = `${JSON.stringify(content.summary, null, 2)}\n`;
  await folder.write("scores.parquet", writeScores([...content.rows]));
  await folder.write("report.html", encoder.encode(renderReport(content)));
  await folder.write("summary.json", encoder.encode(summary));
  await folder.complete();
}
