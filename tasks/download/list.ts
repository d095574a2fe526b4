/**
 * The table that `download --list` prints.
 *
 * @module
 */
import { DATA_SETS, type DataSetEntry } from "../../lib/hub/data_sets.ts";
import { formatBytes } from "../../lib/hub/transfer/disk_space.ts";
import { isDataSetInstalled } from "../../lib/hub/install_data_set.ts";
import { isModelInstalled } from "../../lib/hub/installed_model.ts";
import type { RegistryModel } from "../../lib/hub/registry.ts";
import { dataAt, type DownloadPlaces, modelAt } from "./places.ts";

async function modelRow(
  places: DownloadPlaces,
  model: RegistryModel,
): Promise<readonly string[]> {
  const { name, licence, files } = model;
  if (files.length === 0) return [name, "model", "", licence, "included"];
  const size = files.reduce(
    (sum, { expected }) => sum + (expected.size ?? 0),
    0,
  );
  const has = await isModelInstalled(model, modelAt(places, name));
  return [name, "model", formatBytes(size), licence, has ? "yes" : "no"];
}

async function dataRow(
  places: DownloadPlaces,
  { name, licence, archive }: DataSetEntry,
): Promise<readonly string[]> {
  const has = await isDataSetInstalled(dataAt(places, name));
  const size = archive?.expected.size;
  const told = size === undefined ? "" : formatBytes(size);
  const absent = archive === undefined ? "no, by hand" : "no";
  return [name, "data set", told, licence, has ? "yes" : absent];
}

/**
 * Lists all models and data sets, and which of them are here
 *
 * @param places Where they would be.
 * @returns Lines in columns.
 */
export async function downloadList(places: DownloadPlaces): Promise<string> {
  const rows = [["NAME", "KIND", "SIZE", "LICENCE", "PRESENT"]];
  for (const model of places.models.values()) {
    rows.push([...await modelRow(places, model)]);
  }
  for (const entry of DATA_SETS) rows.push([...await dataRow(places, entry)]);
  const widths = rows[0]!.map((_, i) =>
    Math.max(...rows.map((row) => row[i]!.length))
  );
  return rows.map((row) =>
    row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()
  ).join("\n");
}
