/**
 * A sketch of a folder of millions of files: all its folders, and of each the
 * first images. A layout that goes by folders alone reads it as it would read
 * the folder itself.
 *
 * @module
 */
import { folderOf } from "../../data/layouts/folder_roles.ts";
import { imageStem } from "../../data/layouts/masks_beside.ts";
import { stemOf } from "../../data/layouts/place.ts";
import { isImageName, parentsOf, type Source } from "../../data/source.ts";

/** Images of one ending that stand for all of their folder. */
const SHOWN = 3;

/** Masks that lie beside their images may have these endings. */
const MASK_ENDINGS: ReadonlySet<string> = new Set([
  "png",
  "bmp",
  "tif",
  "tiff",
]);

/** A quick test for names that may be those of masks. */
const MASK_WORD = /ground|gt|mask|label|seg|anno|masque|scara|maschera|маска/i;

/** Names by which DeepPCB tells good images from others. */
const PCB_NAME = /_(test|temp)\.jpg$/i;

/** Files from which annotations of single images may be read. */
const ANNOTATION = /\.(json|xml|txt)$/i;

/** Tables that may list images. */
const TABLE = /\.(csv|tsv|jsonl|ndjson)$/i;

/** Images of one folder with one ending. */
interface Group {
  count: number;
  readonly first: string[];
}

/** The images of one folder. */
interface Folder {
  readonly endings: Map<string, Group>;
  /** Whether names matter, as those of masks do. */
  isNamed: boolean;
}

function endingOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1).toLowerCase();
}

/** What the images of one folder with one ending have in common. */
function groupOf(path: string): string {
  return `${folderOf(path)}/.${endingOf(path)}`;
}

/** Whether the name of an image says more than its folder. */
function isTelling(path: string): boolean {
  return PCB_NAME.test(path) ||
    MASK_WORD.test(path) && imageStem(stemOf(path)) !== null;
}

/** Several endings in one folder may be those of images and of masks. */
function mayHaveMasks({ endings, isNamed }: Folder): boolean {
  return isNamed ||
    endings.size > 1 && endings.keys().some((name) => MASK_ENDINGS.has(name));
}

/** Files of a folder, sketched while they pass by in the order of their keys. */
export class FolderSketch {
  readonly #most: number;
  readonly #folders = new Map<string, Folder>();
  readonly #others: string[] = [];
  readonly #named: string[] = [];
  readonly #stems = new Set<string>();
  #shown = 0;
  #last: { readonly path: string; readonly folder: Folder } | undefined;
  /** Whether a file was read that may speak of any image. */
  #hasLists = false;

  /**
   * Starts with an empty folder.
   *
   * @param most Paths that a sketch may have.
   */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether it has more paths than it may. */
  get isTooLarge(): boolean {
    return this.#shown > this.#most;
  }

  /** Whether a file was read, by a layout, that may speak of any image. */
  get hasLists(): boolean {
    return this.#hasLists;
  }

  /** Whether images must be looked at once more, for their names. */
  get isNamed(): boolean {
    return this.#stems.size > 0 || this.#folders.values().some(mayHaveMasks);
  }

  #folderAt(path: string): Folder {
    if (this.#last?.path === path) return this.#last.folder;
    const folder = this.#folders.get(path) ??
      { endings: new Map(), isNamed: false };
    this.#folders.set(path, folder);
    this.#last = { path, folder };
    return folder;
  }

  /** Adds a file. */
  add(path: string): void {
    if (this.isTooLarge) return;
    if (!isImageName(path)) {
      this.#shown++;
      this.#others.push(path);
      if (ANNOTATION.test(path)) this.#stems.add(stemOf(path));
      return;
    }
    const folder = this.#folderAt(folderOf(path));
    folder.isNamed ||= isTelling(path);
    const ending = endingOf(path);
    const group = folder.endings.get(ending) ?? { count: 0, first: [] };
    folder.endings.set(ending, group);
    group.count++;
    if (group.first.length === SHOWN) return;
    group.first.push(path);
    this.#shown++;
  }

  /** Looks at an image once more, where {@linkcode FolderSketch.isNamed}. */
  addNamed(path: string): void {
    if (this.isTooLarge || !isImageName(path)) return;
    const isShown = mayHaveMasks(this.#folderAt(folderOf(path))) ||
      this.#stems.has(stemOf(path));
    if (!isShown) return;
    this.#named.push(path);
    this.#shown++;
  }

  /** How many images a path of the sketch stands for, where not for itself. */
  #weights(): Map<string, number> {
    const shown = Map.groupBy(this.#files().filter(isImageName), groupOf);
    const weights = new Map<string, number>();
    for (const { endings } of this.#folders.values()) {
      for (const { count, first: [path = ""] } of endings.values()) {
        weights.set(path, count - shown.get(groupOf(path))!.length + 1);
      }
    }
    return weights;
  }

  #files(): string[] {
    const images = this.#folders.values().flatMap(({ endings }) =>
      endings.values().flatMap(({ first }) => first)
    );
    return [...new Set([...this.#others, ...images, ...this.#named])].sort();
  }

  /**
   * The sketch as a source.
   *
   * @param source The folder, without its files.
   */
  source(source: Omit<Source, "files" | "folders" | "weigh">): Source {
    const files = this.#files();
    const weights = this.#weights();
    return {
      ...source,
      files,
      folders: [...parentsOf(files)].sort(),
      weigh: (path) => weights.get(path) ?? 1,
      read: async (path) => {
        const bytes = await source.read(path);
        const isList = TABLE.test(path) || isOfMany(path, bytes);
        this.#hasLists ||= isList;
        return bytes;
      },
    };
  }
}

/** COCO and `meta.json` speak of images by their names. */
function isOfMany(path: string, bytes: Uint8Array): boolean {
  if (!/\.json$/i.test(path)) return false;
  const text = new TextDecoder().decode(bytes);
  return /(^|\/)meta\.json$/i.test(path) || text.includes('"annotations"');
}
