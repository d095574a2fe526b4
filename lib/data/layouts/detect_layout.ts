/**
 * Finds where a data set starts in a source, and which layout it has.
 *
 * @module
 */
import { annotate } from "../annotations/annotate.ts";
import { readDagm } from "./dagm.ts";
import { readDeepPcb } from "./deep_pcb.ts";
import { readElpv } from "./elpv.ts";
import { readFolders } from "./folders.ts";
import { readKolektorSdd } from "./kolektor_sdd.ts";
import {
  layoutError,
  type LayoutOptions,
  type LayoutReader,
  type Listing,
  treeBelow,
} from "./layout.ts";
import { readListedFolder } from "./listed_folder.ts";
import { readMagneticTile } from "./magnetic_tile.ts";
import { readMetaJson } from "./meta_json.ts";
import { readRealIad } from "./real_iad.ts";
import { readPlain } from "./plain.ts";
import { isImageName, type Source } from "../source.ts";
import { readVisa } from "./visa.ts";

/** A listing, and the folder of the source that its keys start from. */
export interface RootedListing extends Listing {
  /** The folder, empty for the source's own root. */
  readonly root: string;
  /** What the layout is called. */
  readonly layout: string;
}

/** A layout as `--layout` names it and as people call it. */
interface NamedLayout {
  readonly name: string;
  readonly title: string;
  readonly read: LayoutReader;
}

/** All layouts but plain folders, those with lists of their own first. */
const LAYOUTS: readonly NamedLayout[] = [
  { name: "meta", title: "meta.json", read: readMetaJson },
  { name: "visa", title: "VisA", read: readVisa },
  { name: "real-iad", title: "Real-IAD", read: readRealIad },
  { name: "deep-pcb", title: "DeepPCB", read: readDeepPcb },
  { name: "elpv", title: "ELPV", read: readElpv },
  { name: "magnetic-tile", title: "magnetic tiles", read: readMagneticTile },
  { name: "dagm", title: "DAGM", read: readDagm },
  { name: "kolektor-sdd", title: "KolektorSDD", read: readKolektorSdd },
  { name: "list", title: "a list", read: readListedFolder },
  {
    name: "folders",
    title: "folders of good and defective products",
    read: readFolders,
  },
];

/** The names of all layouts, for `--layout`. */
export const LAYOUT_NAMES: readonly string[] = [
  ...LAYOUTS.map(({ name }) => name),
  "plain",
];

/** VisA's preparation writes several splits; this one is the field's. */
const PREPARED_VISA = "1cls";

/** A data set is looked for in so many folders that wrap it. */
const MOST_WRAPPERS = 16;

/** The one folder at the top of these files, if they are all in it. */
function onlyFolder(files: readonly string[]): string | undefined {
  if (files.some((path) => !path.includes("/") && isImageName(path))) {
    return undefined;
  }
  const folders = new Set(
    files.filter((path) => path.includes("/"))
      .map((path) => path.slice(0, path.indexOf("/"))),
  );
  if (folders.has(PREPARED_VISA)) return PREPARED_VISA;
  return folders.size === 1 ? [...folders][0] : undefined;
}

/** The top, then the folder that is the only one there, and so on. */
function* rootsOf(source: Source): Generator<string> {
  let files = source.files;
  let root = "";
  for (let depth = 0; depth <= MOST_WRAPPERS; depth++) {
    yield root;
    const folder = onlyFolder(files);
    if (folder === undefined) return;
    files = files.filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1));
    root = root === "" ? folder : `${root}/${folder}`;
  }
}

/** An archive's outer folder is no category, if there are folders in it. */
function plainRoot(source: Source): string {
  const images = source.files.filter(isImageName);
  const folder = onlyFolder(images);
  const isWrapped = source.kind === "archive" && folder !== undefined &&
    images.every((path) => path.indexOf("/", folder.length + 1) > 0);
  return isWrapped ? folder : "";
}

/** A list in a folder of several says that each is a data set of its own. */
async function assertOneDataSet(
  source: Source,
  options: LayoutOptions,
): Promise<void> {
  const tops = new Set(source.files.map((path) => path.split("/", 1)[0]!));
  const marked = source.files.filter((path) =>
    /^[^/]+\/(meta\.json|split_csv\/1cls\.csv)$/.test(path)
  ).map((path) => path.split("/", 1)[0]!);
  if (marked.length === 0 || tops.size < 2) return;
  for (const top of marked) {
    const tree = treeBelow(source, top);
    const listing = await readMetaJson(tree, options) ??
      await readVisa(tree, options);
    if (listing === null) continue;
    throw layoutError(
      source.location,
      `it must be one data set (give one of its folders, such as ${top})`,
      `several, among them ${[...new Set(marked)].join(", ")}`,
    );
  }
}

/** Options of {@linkcode detectLayout}. */
export interface DetectOptions extends LayoutOptions {
  /** The layout that it must have, by its name; any where none is given. */
  readonly layout?: string;
}

function withFormats(title: string, formats: readonly string[]): string {
  return formats.length === 0
    ? title
    : `${title} with annotations (${formats.join(", ")})`;
}

/** Plain folders have labels where they have annotations. */
async function readPlainRoot(
  source: Source,
  { object, layout }: DetectOptions,
): Promise<RootedListing> {
  const root = plainRoot(source);
  const tree = treeBelow(source, root);
  const listing = readPlain(tree, object);
  const title = "plain folders";
  if (layout === "plain") return { ...listing, root, layout: title };
  const { formats, ...found } = await annotate(tree, listing, object);
  return { ...found, root, layout: withFormats(title, formats) };
}

/**
 * Lists the images of a source by the layout it has: a list, one of the public
 * data sets, folders of good and defective products, or else plain folders.
 * All but the last may lie in a folder that is the only one in the source.
 *
 * @param source The source.
 * @param options The part to read, and the category of images in no folder.
 * @returns The listing.
 * @throws {DataSetError} If a layout is recognised and broken, or it is not
 * the one that it must be.
 */
export async function detectLayout(
  source: Source,
  options: DetectOptions,
): Promise<RootedListing> {
  const { layout } = options;
  const layouts = LAYOUTS.filter(({ name }) => name === (layout ?? name));
  if (layout !== "plain") await assertOneDataSet(source, options);
  for (const root of rootsOf(source)) {
    const tree = treeBelow(source, root);
    for (const { title, read } of layouts) {
      const listing = await read(tree, options);
      if (listing === null) continue;
      if (read !== readFolders) return { ...listing, root, layout: title };
      const { formats, ...found } = await annotate(tree, listing, null);
      return { ...found, root, layout: withFormats(title, formats) };
    }
  }
  if (layout !== undefined && layout !== "plain") {
    throw layoutError(
      source.location,
      `its layout must be ${layout}`,
      "another one",
    );
  }
  return await readPlainRoot(source, options);
}
