/**
 * Where the files of a data set come from: a folder or an archive.
 *
 * @module
 */

/** A file met while a source is read through. */
export interface SourceFile {
  /** Path below the source's root. */
  readonly path: string;
  /** Reads the file; in a stream only until the next file is asked for. */
  readonly read: () => Promise<Uint8Array>;
}

/** Files below one root, listed once. Paths use `/` and never leave the root. */
export interface Source {
  /** Name for messages: the path or address it was opened with. */
  readonly location: string;
  /** Archives mostly wrap what they hold in one folder. */
  readonly kind: "folder" | "archive";
  /** Last part of the location, without an archive's extension. */
  readonly name: string;
  /** What the user should know of how it was listed, one sentence each. */
  readonly notes?: readonly string[];
  /** What its layout is called, where that was found out before. */
  readonly layout?: string;
  /** All files but hidden ones, sorted by code units. */
  readonly files: readonly string[];
  /** All folders that are not hidden, sorted by code units. */
  readonly folders: readonly string[];
  /**
   * How many images a path stands for, where only some images of each folder are
   * listed; 1 where absent.
   */
  readonly weigh?: (path: string) => number;
  /**
   * Reads a file, in any order. A stream can do so for lists and for what
   * {@linkcode Source.keep} was called with.
   */
  read(path: string): Promise<Uint8Array>;
  /** Makes these files readable in any order. */
  keep(paths: ReadonlySet<string>): Promise<void>;
  /**
   * Goes through these files once: a stream in its own order, any other source
   * in the order given.
   */
  each(paths: ReadonlySet<string>): AsyncIterable<SourceFile>;
}

/** Formats that are decoded, then such as cameras and medical devices write. */
const IMAGE_NAME = new RegExp(
  "\\.(png|apng|jpe?g|jpe|jfif|tiff?|webp|bmp|dib|p[bgpn]m|pam|" +
    "gif|svg|avif|hei[cf]|jp2|j2[ck]|jp[cfx]|jxl|tga|dcm|dicom|ico|psd|qoi|" +
    "hdr|exr|pfm|cr2|nef|arw|dng|orf|rw2)$",
  "i",
);

/**
 * Whether a file is an image by its name. Formats that cannot be decoded are
 * images too, so that they are reported and not passed over.
 *
 * @param path The file's path.
 * @returns Whether its extension is that of an image.
 */
export function isImageName(path: string): boolean {
  return IMAGE_NAME.test(path);
}

/** Folders and files that systems leave behind, in lower case. */
const LITTER: ReadonlySet<string> = new Set([
  "__macosx",
  "@eadir",
  "@tmp",
  "#recycle",
  "@recycle",
  "@recently-snapshot",
  "#snapshot",
  "$recycle.bin",
  "recycler",
  "lost+found",
  "system volume information",
  "thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "icon\r",
]);

/**
 * Whether a path is hidden: a part of it starts with a dot, or is what macOS,
 * Windows or a NAS leaves behind.
 *
 * @param path The path.
 * @returns Whether to pass over it.
 */
export function isHidden(path: string): boolean {
  return path.split("/").some((part) =>
    part.startsWith(".") || LITTER.has(part.toLowerCase())
  );
}

/**
 * Folders below so many others say nothing: no data set is so deep, and the
 * paths of all folders on the way to one file grow with the square of its depth.
 */
export const MOST_FOLDERS = 32;

/** The end of the folders of a path that count. */
function endOfFolders(path: string): number {
  let end = -1;
  for (let depth = 0; depth < MOST_FOLDERS; depth++) {
    const next = path.indexOf("/", end + 1);
    if (next === -1) return end;
    end = next;
  }
  return end;
}

/**
 * The folders that contain these paths, down to {@linkcode MOST_FOLDERS}.
 *
 * @param paths Paths of files.
 * @returns Each folder above one of them, once.
 */
export function parentsOf(paths: Iterable<string>): Set<string> {
  const parents = new Set<string>();
  for (const path of paths) {
    let end = endOfFolders(path);
    while (end > 0 && !parents.has(path.slice(0, end))) {
      parents.add(path.slice(0, end));
      end = path.lastIndexOf("/", end - 1);
    }
  }
  return parents;
}

/**
 * Goes through files that can be read at any time.
 *
 * @param paths The paths, in order.
 * @param read Reads one of them.
 * @yields Each file.
 */
export async function* eachOf(
  paths: ReadonlySet<string>,
  read: (path: string) => Promise<Uint8Array>,
): AsyncGenerator<SourceFile> {
  for (const path of paths) yield { path, read: () => read(path) };
}
