/**
 * All layouts that have a name, and what each leaves out.
 *
 * @module
 */
import { maskFiles } from "../mask_part.ts";
import { isImageName } from "../source.ts";
import { readDagm } from "./dagm.ts";
import { readDeepPcb } from "./deep_pcb.ts";
import { readElpv } from "./elpv.ts";
import { countOf, someOf } from "./folder_notes.ts";
import { readFolders } from "./folders.ts";
import { readKolektorSdd } from "./kolektor_sdd.ts";
import type { LayoutOptions, LayoutReader, Listing, Tree } from "./layout.ts";
import { LAYOUT_NAMES, type LayoutName } from "./layout_names.ts";
import { readListedFolder } from "./listed_folder.ts";
import { readMagneticTile } from "./magnetic_tile.ts";
import { readMetaJson } from "./meta_json.ts";
import { readRealIad } from "./real_iad.ts";
import { readVisa } from "./visa.ts";

/** What a layout is. */
interface Layout {
  /** What people call it. */
  readonly title: string;
  /** Reads it. */
  readonly read: LayoutReader;
}

/** A layout as `--layout` names it and as people call it. */
export interface NamedLayout extends Layout {
  /** The name for `--layout`. */
  readonly name: string;
}

/** What the layout of folders is called. */
export const FOLDERS_TITLE = "folders of good and defective products";

const BY_NAME: Readonly<Record<Exclude<LayoutName, "plain">, Layout>> = {
  meta: { title: "meta.json", read: readMetaJson },
  visa: { title: "VisA", read: readVisa },
  "real-iad": { title: "Real-IAD", read: readRealIad },
  "deep-pcb": { title: "DeepPCB", read: readDeepPcb },
  elpv: { title: "ELPV", read: readElpv },
  "magnetic-tile": { title: "magnetic tiles", read: readMagneticTile },
  dagm: { title: "DAGM", read: readDagm },
  "kolektor-sdd": { title: "KolektorSDD", read: readKolektorSdd },
  list: { title: "a list", read: readListedFolder },
  folders: { title: FOLDERS_TITLE, read: readFolders },
};

/** All layouts but plain folders, in the order in which they are tried. */
export const LAYOUTS: readonly NamedLayout[] = LAYOUT_NAMES.flatMap((name) =>
  name === "plain" ? [] : [{ name, ...BY_NAME[name] }]
);

/** Layouts that tell which images they leave out. */
const TELLING: ReadonlySet<string> = new Set(["meta", "list", "folders"]);

/** Images in folders at the top that hold nothing of the data set. */
function strayNotes(tree: Tree, { items }: Listing): string[] {
  const topOf = (path: string) => path.split("/", 1)[0]!;
  const tops = new Set(
    items.flatMap(({ key, masks }) => [key, ...maskFiles(masks)]).map(topOf),
  );
  const strays = items.length === 0
    ? []
    : tree.files.filter((path) => isImageName(path) && !tops.has(topOf(path)));
  return strays.length === 0 ? [] : [
    `${countOf(strays.length, "image")} outside of the layout, not read: ${
      someOf(strays)
    }`,
  ];
}

/**
 * Reads one layout, and tells which images it leaves out.
 *
 * @param named The layout.
 * @param tree The data set.
 * @param options What to read of it.
 * @returns Its images, or null if the layout is another.
 * @throws {DataSetError} If it is the layout, and broken.
 */
export async function readAs(
  { name, read }: NamedLayout,
  tree: Tree,
  options: LayoutOptions,
): Promise<Listing | null> {
  const listing = await read(tree, options);
  if (listing === null || TELLING.has(name)) return listing;
  return {
    ...listing,
    notes: [...listing.notes ?? [], ...strayNotes(tree, listing)],
  };
}
