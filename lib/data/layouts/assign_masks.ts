/**
 * The masks of images that are told by the names of folders and files.
 *
 * @module
 */
import { folderOf } from "./folder_roles.ts";
import { masksByEnding, masksByWord } from "./masks_beside.ts";
import { type Named, type Pairing, pairMasks } from "./pair_masks.ts";
import type { Place } from "./place.ts";

/** What {@linkcode assignMasks} found. */
export interface AssignedMasks {
  /** Path of an image -> paths of its masks. */
  readonly masks: ReadonlyMap<string, readonly string[]>;
  /** Masks of no image. */
  readonly orphans: readonly string[];
  /** Masks of good images, in no folder of good ones. */
  readonly ofGood: readonly string[];
}

/** What {@linkcode findMasksBeside} found. */
export interface MasksBeside {
  /** The same places, more of them masks. */
  readonly places: readonly Place[];
  /** Masks of good images that are told by their endings alone. */
  readonly ofGood: readonly string[];
}

/** Images of one folder, and those of them that are masks. */
interface Neighbours {
  readonly group: readonly Place[];
  readonly masks: ReadonlySet<string>;
}

/**
 * Takes images that are the masks of their neighbours for masks.
 *
 * @param places Images and masks.
 * @param isDefective Whether images of a place are defective by their folder.
 */
export function findMasksBeside(
  places: readonly Place[],
  isDefective: (place: Place) => boolean,
): MasksBeside {
  const images = places.filter(({ isMask }) => !isMask);
  const withFolder = new Set(
    places.filter(({ isMask }) => isMask).map(({ category }) => category),
  );
  const found: Neighbours[] = [];
  const others: Neighbours[] = [];
  for (const group of Map.groupBy(images, (p) => folderOf(p.path)).values()) {
    const byWord = masksByWord(group);
    if (byWord.size > 0) found.push({ group, masks: byWord });
    // Where masks have a folder, the same photograph may lie here twice.
    const isApart = withFolder.has(group[0]!.category);
    if (byWord.size > 0 || isApart) continue;
    const byEnding = masksByEnding(group);
    if (byEnding.size === 0) continue;
    const isFound = group.every(isDefective);
    (isFound ? found : others).push({ group, masks: byEnding });
  }
  // Masks of good images are black, where those of others lie beside them, too.
  const withMasks = new Set(found.map(({ group }) => group[0]!.category));
  const ofGood = others.filter(({ group }) =>
    group[0]!.kind !== null && withMasks.has(group[0]!.category)
  );
  const all = [...found, ...ofGood];
  const masks = new Set(all.flatMap((one) => [...one.masks]));
  const beside = new Set(all.flatMap(({ group }) => group.map((p) => p.path)));
  return {
    places: places.map((place) => ({
      ...place,
      isMask: place.isMask || masks.has(place.path),
      isPlaced: place.isPlaced || beside.has(place.path),
    })),
    ofGood: ofGood.flatMap((one) => [...one.masks]),
  };
}

function lower(kind: string | null): string {
  return kind?.toLowerCase() ?? "";
}

/** A mask with the folders below its kind, and the images it may be of. */
interface Pool {
  readonly images: readonly Place[];
  readonly masks: readonly Place[];
}

/** Masks whose folder is named like one of images belong to those alone. */
function* poolsOf(
  images: readonly Place[],
  masks: readonly Place[],
): Generator<Pool> {
  const byKind = Map.groupBy(images, ({ kind }) => lower(kind));
  const groups = Map.groupBy(
    masks,
    ({ kind }) => kind !== null && byKind.has(lower(kind)) ? lower(kind) : "",
  );
  for (const [kind, some] of groups) {
    const pool = kind === "" ? images : byKind.get(kind)!;
    const parts = Map.groupBy(some, ({ part }) => part);
    for (const [part, group] of parts) {
      const fitting = part === null
        ? pool
        : pool.filter((image) => image.part === part);
      yield { images: fitting, masks: group };
    }
  }
}

/** The name of an image with those of its folders, such as `crack_cam1_000`. */
function inFolders({ path, kind, sub, stem }: Place): Named {
  const names = [kind ?? "", ...sub, stem].filter((name) => name !== "");
  return { path, stem: names.join("_") };
}

/** The same without the folder of its kind. */
function belowKind({ path, sub, stem }: Place): Named {
  return { path, stem: [...sub, stem].join("_") };
}

/** Where names are not unique, those of folders may be: `cam1_000_mask`. */
function pairNames(
  images: readonly Place[],
  masks: readonly Place[],
): Pairing {
  const found = new Map<string, readonly string[]>();
  const unclear = new Set<string>();
  let left = masks;
  for (const named of [images, images.map(inFolders), images.map(belowKind)]) {
    const pairing = pairMasks(named, left);
    for (const [image, paths] of pairing.masks) {
      found.set(image, [...found.get(image) ?? [], ...paths]);
    }
    for (const path of pairing.unclear) unclear.add(path);
    const orphans = new Set(pairing.orphans);
    left = left.filter(({ path }) => orphans.has(path));
    if (left.length === 0) break;
  }
  const orphans = left.map(({ path }) => path);
  return {
    masks: found,
    orphans,
    unclear: orphans.filter((path) => unclear.has(path)),
  };
}

/** Folders of a mask that its images have too count; so do their names. */
function pairPool({ images, masks }: Pool): Pairing {
  const found = new Map<string, string[]>();
  const orphans: string[] = [];
  const unclear: string[] = [];
  const bySub = Map.groupBy(images, ({ sub }) => sub.join("/"));
  const byStem = Map.groupBy(images, ({ stem }) => stem);
  const merge = (pairs: ReadonlyMap<string, readonly string[]>) => {
    for (const [image, paths] of pairs) {
      found.set(image, [...found.get(image) ?? [], ...paths]);
    }
  };
  for (const [sub, group] of Map.groupBy(masks, (m) => m.sub.join("/"))) {
    const mirrored = bySub.get(sub);
    // MVTec LOCO has a folder of masks for each image.
    const own = mirrored === undefined ? byStem.get(lastOf(sub)) : undefined;
    if (own?.length === 1) {
      merge(new Map([[own[0]!.path, group.map(({ path }) => path)]]));
      continue;
    }
    const pairing = pairNames(mirrored ?? images, group);
    merge(pairing.masks);
    orphans.push(...pairing.orphans);
    unclear.push(...pairing.unclear);
  }
  return { masks: found, orphans, unclear };
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Pairs the masks of one category with its images. Defective images and those
 * without a label come first; a mask that fits only a good one is no orphan,
 * unless it may as well be that of several defective ones.
 *
 * @param images The images.
 * @param masks The masks.
 * @param isGood Whether an image is good by its folder.
 * @returns The masks of each image, those of none, and those of good images.
 */
export function assignMasks(
  images: readonly Place[],
  masks: readonly Place[],
  isGood: (place: Place) => boolean,
): AssignedMasks {
  const found = new Map<string, readonly string[]>();
  const orphans: string[] = [];
  const ofGood: string[] = [];
  for (const pool of poolsOf(images, masks)) {
    const [good, others] = [
      pool.images.filter(isGood),
      pool.images.filter((image) => !isGood(image)),
    ];
    const pairing = pairPool({ ...pool, images: others });
    for (const [image, paths] of pairing.masks) {
      found.set(image, [...found.get(image) ?? [], ...paths].sort());
    }
    const left = new Set(pairing.orphans).difference(new Set(pairing.unclear));
    const rest = pool.masks.filter(({ path }) => left.has(path));
    const whole = pairPool({ images: good, masks: rest });
    const strangers = new Set(whole.orphans);
    orphans.push(...pairing.unclear, ...whole.orphans);
    ofGood.push(
      ...rest.filter((mask) => !strangers.has(mask.path) && !isGood(mask))
        .map(({ path }) => path),
    );
  }
  return { masks: found, orphans, ofGood };
}
