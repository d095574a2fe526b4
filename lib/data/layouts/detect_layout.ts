/**
 * Finds where a data set starts in a source, and which layout it has.
 *
 * @module
 */
import { readBtad } from "./btad.ts";
import { readDagm } from "./dagm.ts";
import { readKolektorSdd } from "./kolektor_sdd.ts";
import { type Layout, type Listing, type Split, treeBelow } from "./layout.ts";
import { readMetaJson } from "./meta_json.ts";
import { readMvtecAd } from "./mvtec_ad.ts";
import { readPlain } from "./plain.ts";
import { isImageName, type Source } from "../source.ts";
import { readVisa } from "./visa.ts";

/** A listing, and the folder of the source that its keys start from. */
export interface RootedListing extends Listing {
  /** The folder, empty for the source's own root. */
  readonly root: string;
}

const LAYOUTS: readonly Layout[] = [
  readMetaJson,
  readVisa,
  readBtad,
  readMvtecAd,
  readDagm,
  readKolektorSdd,
];

/** VisA's preparation writes several splits; this one is the field's. */
const PREPARED_VISA = "1cls";

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
  while (true) {
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

/**
 * Lists the images of a source by the layout it has: the field's `meta.json`,
 * VisA, BTAD, MVTec AD, DAGM, KolektorSDD, or else plain folders. All but the
 * last may lie in a folder that is the only one in the source.
 *
 * @param source The source.
 * @param options The part to read, and the category of images in no folder.
 * @returns The listing.
 * @throws {DataSetError} If a layout is recognised and broken.
 */
export async function detectLayout(
  source: Source,
  options: { split: Split; object: string },
): Promise<RootedListing> {
  for (const root of rootsOf(source)) {
    const tree = treeBelow(source, root);
    for (const read of LAYOUTS) {
      const listing = await read(tree, options.split);
      if (listing !== null) return { ...listing, root };
    }
  }
  const root = plainRoot(source);
  return { ...readPlain(treeBelow(source, root), options.object), root };
}
