/**
 * The files that an evaluation leaves behind.
 *
 * @module
 */
import { encodeHeatmap } from "../image/heatmap.ts";
import type { ReportContent } from "../report/html.ts";
import { colouredMap, type HeatColours } from "../results/heat_colours.ts";
import { encodeFiguresCsv, runNotes } from "../results/figures_csv.ts";
import {
  CSV_METADATA_END,
  encodeCsvMetadata,
} from "../results/csv_metadata.ts";
import {
  PIXEL_GROUPS_FILE,
  writePixelGroups,
} from "../results/pixel_groups_file.ts";
import { encodeScoresCsv, type Separator } from "../results/scores_csv.ts";
import { writeScores } from "../results/scores_parquet.ts";
import type { Summary } from "../results/summary.ts";
import type { Detection } from "../detector/detector.ts";
import { encodeNpy } from "./npy.ts";
import type { Evaluation } from "./evaluate.ts";
import type { OutputFolder } from "./output_folder.ts";
import type { EvaluatedImage } from "./evaluate_images.ts";

/** Which raw maps are written: none, float32 M, or the float16 logit map. */
export type RawMaps = "none" | "npy" | "f16";

/** Options of {@linkcode writeMaps}. */
export interface MapFileOptions {
  /** Which raw maps are written beside the heatmaps. */
  readonly maps: RawMaps;
  /** The colours of the heatmap. */
  readonly colours: HeatColours;
}

function rawMap(
  { anomalyMap, logitMap }: Detection,
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
 * Writes `heatmaps/<key>.png` and, if asked for, `maps/<key>.npy`.
 *
 * @param folder The folder for results.
 * @param found The image and its maps.
 * @param options Which maps, in which colours.
 */
export async function writeMaps(
  folder: OutputFolder,
  { row: { key }, image: { map }, detection }: EvaluatedImage,
  { maps, colours }: MapFileOptions,
): Promise<void> {
  const size = { ...map, range: colours.range };
  const heatmap = await encodeHeatmap(colouredMap(detection, colours), size);
  await folder.write(`heatmaps/${key}.png`, heatmap);
  const raw = rawMap(detection, maps);
  if (raw === null) return;
  await folder.write(`maps/${key}.npy`, encodeNpy(raw, map));
}

/**
 * Writes `scores.parquet`, `pixel_groups.parquet`, `figures.csv`, `scores.csv` with its metadata,
 * `report.html` and, last of all, `summary.json`.
 *
 * @param folder The folder for results.
 * @param content What the report shows.
 * @param separator What stands between the fields of CSV files.
 */
export async function writeReports(
  folder: OutputFolder,
  content: ReportContent & Pick<Evaluation, "groups" | "rows"> & {
    readonly summary: Summary;
  },
  separator: Separator = ",",
): Promise<void> {
  const { rows } = content;
  const encoder = new TextEncoder();
  const summary = `${JSON.stringify(content.summary, null, 2)}\n`;
  await folder.write(
    "scores.parquet",
    writeScores([...rows], runNotes(content.summary)),
  );
  const { groups = new Map() } = content;
  if (groups.size > 0) {
    await folder.write(PIXEL_GROUPS_FILE, writePixelGroups(groups));
  }
  await folder.write(
    "figures.csv",
    encodeFiguresCsv(content.summary, separator),
  );
  await folder.write("scores.csv", encodeScoresCsv(rows, separator));
  await folder.write(
    `scores.csv${CSV_METADATA_END}`,
    encodeCsvMetadata("scores.csv", content.summary, separator),
  );
  // What draws plots takes a fifth of the time that a server needs to start.
  const { renderReport } = await import("../report/html.ts");
  await folder.write("report.html", encoder.encode(renderReport(content)));
  await folder.write("summary.json", encoder.encode(summary));
  await folder.complete();
}
