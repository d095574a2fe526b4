/**
 * Finds where a data set starts in a source, and which layout it has.
 *
 * @module
 */
import { annotate } from "../annotations/annotate.ts";
import { isImageName, type Source } from "../source.ts";
import { countOf, someOf } from "./folder_notes.ts";
import {
  layoutError,
  type LayoutOptions,
  type Listing,
  treeBelow,
} from "./layout.ts";
import {
  FOLDERS_TITLE,
  LAYOUTS,
  type NamedLayout,
  readAs,
} from "./layout_table.ts";
import { readMetaJson } from "./meta_json.ts";
import { nestedRoots } from "./nested_roots.ts";
import { readPlain } from "./plain.ts";
import { readVisa } from "./visa.ts";

/** A listing, and the folder of the source that its keys start from. */
export interface RootedListing extends Listing {
  /** The folder, empty for the source's own root. */
  readonly root: string;
  /** What the layout is called. */
  readonly layout: string;
}

/** VisA's preparation writes several splits; this one is the field's. */
const PREPARED_VISA = "1cls";

/** A data set is looked for in so many folders that wrap it. */
const MOST_WRAPPERS = 16;

/** The one folder at the top that all images are in. */
function onlyFolder(files: readonly string[]): string | undefined {
  const images = files.filter(isImageName);
  if (images.some((path) => !path.includes("/"))) return undefined;
  const folders = new Set(
    images.map((path) => path.slice(0, path.indexOf("/"))),
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

/** An archive's outer folder is no category, if images lie in folders of it. */
function plainRoot(source: Source): string {
  const images = source.files.filter(isImageName);
  const folder = onlyFolder(images);
  const isWrapped = source.kind === "archive" && folder !== undefined &&
    images.some((path) => path.indexOf("/", folder.length + 1) > 0);
  return isWrapped ? folder : "";
}

function refuseSeveral(
  { location }: Source,
  roots: readonly string[],
): never {
  throw layoutError(
    location,
    `it must be one data set (give one of its folders, such as ${roots[0]})`,
    `several, among them ${someOf(roots)}`,
  );
}

/** A list in a folder of several says that each is a data set of its own. */
async function assertOneDataSet(
  source: Source,
  options: LayoutOptions,
): Promise<void> {
  const tops = new Set(source.files.map((path) => path.split("/", 1)[0]!));
  const marked = new Set(
    source.files.filter((path) =>
      /^[^/]+\/(meta\.json|split_csv\/1cls\.csv)$/.test(path)
    ).map((path) => path.split("/", 1)[0]!),
  );
  if (tops.size < 2) return;
  for (const top of marked) {
    const tree = treeBelow(source, top);
    const listing = await readMetaJson(tree, options) ??
      await readVisa(tree, options);
    if (listing !== null) {
      refuseSeveral(source, [top, ...marked.difference(new Set([top]))]);
    }
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
  { object, layout, split }: DetectOptions,
): Promise<RootedListing> {
  const root = plainRoot(source);
  const tree = treeBelow(source, root);
  const listing = readPlain(tree, object);
  const title = "plain folders";
  if (layout === "plain") return { ...listing, root, layout: title };
  const options = { object, split };
  const { formats, ...found } = await annotate(tree, listing, options);
  return { ...found, root, layout: withFormats(title, formats) };
}

function outsideNotes({ files }: Source, root: string): string[] {
  const outside = files.filter((path) =>
    isImageName(path) && !path.startsWith(`${root}/`)
  );
  return outside.length === 0 ? [] : [
    `${countOf(outside.length, "image")} outside of ${root}, not read: ${
      someOf(outside)
    }`,
  ];
}

/** Reads the first of some layouts that a folder has. */
async function readRoot(
  source: Source,
  root: string,
  { layouts, options }: {
    readonly layouts: readonly NamedLayout[];
    readonly options: LayoutOptions;
  },
): Promise<RootedListing | null> {
  const tree = treeBelow(source, root);
  for (const named of layouts) {
    const listing = await readAs(named, tree, options);
    if (listing === null) continue;
    const { name, title } = named;
    if (name !== "folders") return { ...listing, root, layout: title };
    const { formats, ...found } = await annotate(tree, listing);
    return { ...found, root, layout: withFormats(title, formats) };
  }
  return null;
}

/** Lists and public data sets somewhere below the root. */
async function findNested(
  source: Source,
  of: Parameters<typeof readRoot>[2],
): Promise<RootedListing[]> {
  const layouts = of.layouts.filter(({ name }) => name !== "folders");
  const found: RootedListing[] = [];
  for (const root of nestedRoots(source.files)) {
    const listing = await readRoot(source, root, { ...of, layouts });
    if (listing !== null) found.push(listing);
  }
  return found;
}

/** Tells of lists further down, whose labels folders do not have. */
async function withNestedNotes(
  listing: RootedListing,
  source: Source,
  of: Parameters<typeof readRoot>[2],
): Promise<RootedListing> {
  const isFolders = listing.layout.startsWith(FOLDERS_TITLE);
  const found = isFolders ? await findNested(source, of) : [];
  const roots = found.map(({ root }) => root)
    .filter((root) => root !== listing.root);
  if (roots.length === 0) return listing;
  const note = `${
    someOf(roots)
  } has a list or a layout of its own, not read as such: give that folder for its labels`;
  return { ...listing, notes: [...listing.notes ?? [], note] };
}

/** A public data set somewhere below the root, where it is the only one. */
async function readNested(
  source: Source,
  of: Parameters<typeof readRoot>[2],
): Promise<RootedListing | null> {
  const found = await findNested(source, of);
  const [only] = found;
  if (found.length > 1) refuseSeveral(source, found.map(({ root }) => root));
  return only === undefined ? null : {
    ...only,
    notes: [...only.notes ?? [], ...outsideNotes(source, only.root)],
  };
}

/**
 * Lists the images of a source by the layout it has: a list, one of the public
 * data sets, folders of good and defective products, or else plain folders.
 * All but the last may lie in a folder that is the only one in the source, and
 * public data sets anywhere below it.
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
  const of = { layouts, options };
  if (layout !== "plain") await assertOneDataSet(source, options);
  for (const root of rootsOf(source)) {
    const listing = await readRoot(source, root, of);
    if (listing !== null) return await withNestedNotes(listing, source, of);
  }
  const nested = await readNested(source, of);
  if (nested !== null) return nested;
  if (layout !== undefined && layout !== "plain") {
    throw layoutError(
      source.location,
      `its layout must be ${layout}`,
      "another one",
    );
  }
  return await readPlainRoot(source, options);
}
