/**
 * Pixels by groups of images as a file beside the results, from which two runs
 * can be compared. Nothing of it is needed to read the results.
 *
 * @module
 */
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { PixelGroups } from "../metrics/pixel_groups.ts";
import { checkParquet } from "./parquet_pages.ts";

/** The file's name. */
export const PIXEL_GROUPS_FILE = "pixel_groups.parquet";

/**
 * Groups of each label that are kept. However many images there are, a category
 * takes at most about 4 MB; one of 200 images takes about 1 MB.
 */
const GROUPS = 256;

/**
 * Encodes the pixels of all categories.
 *
 * @param groups By category.
 */
export function writePixelGroups(
  groups: ReadonlyMap<string, PixelGroups>,
): Uint8Array<ArrayBuffer> {
  const entries = [...groups];
  const columnData = [
    {
      name: "category",
      type: "STRING" as const,
      data: entries.map(([name]) => name),
    },
    {
      name: "groups",
      type: "BYTE_ARRAY" as const,
      data: entries.map(([, pixels]) => pixels.folded(GROUPS).toBytes()),
    },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/**
 * Decodes what {@linkcode writePixelGroups} encoded.
 *
 * @param bytes The file's bytes.
 * @returns Pixels by category.
 * @throws {RangeError} If a record in it is not whole.
 * @throws {TypeError} If the file states more values than it holds.
 */
export async function readPixelGroups(
  bytes: Uint8Array,
): Promise<Map<string, PixelGroups>> {
  const file = bytes.slice().buffer;
  const metadata = parquetMetadata(file);
  checkParquet(file, metadata);
  const rows = await parquetReadObjects({ file, metadata, utf8: false }) as {
    readonly category: string;
    readonly groups: Uint8Array;
  }[];
  return new Map(
    rows.map(({ category, groups }) => [
      category,
      PixelGroups.fromBytes(groups),
    ]),
  );
}
