/**
 * The annotations that lie in a data set, whatever their format.
 *
 * @module
 */
import { countOf, someOf } from "../layouts/folder_notes.ts";
import { folderOf, nameOf } from "../layouts/folder_roles.ts";
import { tidyPath } from "../layouts/listed.ts";
import type { Tree } from "../layouts/layout.ts";
import { stemOf } from "../layouts/place.ts";
import { roleOf } from "../layouts/words.ts";
import type { Annotation } from "./annotation.ts";
import { readCoco } from "./coco.ts";
import { readLabelme } from "./labelme.ts";
import { readVoc } from "./voc.ts";
import { isClassesName, readClasses, readYolo } from "./yolo.ts";

/** Annotations, and what their formats are called. */
export interface FoundAnnotations {
  /** Path of an image -> its shapes. */
  readonly byImage: ReadonlyMap<string, Annotation>;
  /** COCO, labelme, Pascal VOC, YOLO. */
  readonly formats: readonly string[];
  /** What was not read of files of annotations, as sentences. */
  readonly notes: readonly string[];
}

/** Files of this form, in the folder of an image or in one for annotations. */
const FILE_REGEXP = /\.(json|xml|txt)$/i;

const FOLDER_REGEXP = /^(xmls?|jsons?|txts?|bboxes|boxes|labelme|yolo|voc)$/i;

function isForAnnotations(folder: string): boolean {
  return folder.split("/").some((name) =>
    roleOf(name) === "truth" || FOLDER_REGEXP.test(name)
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Files of annotations in other forms, such as those of CVAT and VIA. */
const FOREIGN_REGEXP =
  /<annotations[\s>]|"(annotations|_via_img_metadata|annotation_results)"/;

/** Finds the annotations of a tree. */
class Finder {
  readonly byImage = new Map<string, Annotation>();
  readonly formats = new Set<string>();
  readonly #foreign: string[] = [];
  /** Names in files of COCO that fit several images. */
  readonly #unclear = new Set<string>();
  readonly #tree: Tree;
  readonly #byStem: ReadonlyMap<string, readonly string[]>;
  readonly #byName: ReadonlyMap<string, readonly string[]>;
  #classes: readonly string[] = [];

  constructor(tree: Tree, images: readonly string[]) {
    this.#tree = tree;
    this.#byStem = Map.groupBy(images, stemOf);
    this.#byName = Map.groupBy(images, nameOf);
  }

  async find(): Promise<void> {
    const files = this.#tree.files.filter((path) => FILE_REGEXP.test(path));
    const classes = this.#tree.files.find(isClassesName);
    if (classes !== undefined) {
      const text = await this.#tree.readText(classes);
      this.#classes = readClasses(classes, text);
    }
    for (const path of files) {
      const image = this.#imageOf(path);
      if (image !== undefined) await this.#readOne(path, image);
      else if (/\.(json|xml)$/i.test(path)) await this.#readMany(path);
    }
  }

  get notes(): string[] {
    const [foreign, unclear] = [this.#foreign, [...this.#unclear]];
    return [
      ...foreign.length === 0 ? [] : [
        `${
          countOf(foreign.length, "file")
        } of annotations in a form that is not read (COCO, labelme, Pascal VOC and YOLO are): ${
          someOf(foreign)
        }`,
      ],
      ...unclear.length === 0 ? [] : [
        `${
          countOf(unclear.length, "name")
        } in annotations that several images have, not read (names may have folders): ${
          someOf(unclear)
        }`,
      ],
    ];
  }

  /** An image of that name in the folder, else the only one of that name. */
  #imageOf(path: string): string | undefined {
    const images = this.#byStem.get(stemOf(path)) ?? [];
    const folder = folderOf(path);
    const beside = images.filter((image) => folderOf(image) === folder);
    if (beside.length > 0) return beside[0];
    if (!isForAnnotations(folder)) return undefined;
    if (images.length < 2) return images[0];
    const end = folder.split("/").slice(1).join("/");
    const mirrored = images.filter((image) =>
      folderOf(image).split("/").slice(1).join("/") === end
    );
    return mirrored.length === 1 ? mirrored[0] : undefined;
  }

  async #readOne(path: string, image: string): Promise<void> {
    const text = await this.#tree.readText(path);
    const [format, annotation] = /\.xml$/i.test(path)
      ? ["Pascal VOC", readVoc(text)]
      : /\.txt$/i.test(path)
      ? ["YOLO", readYolo(text, this.#classes)]
      : ["labelme", readLabelme(parseJson(text))];
    if (annotation !== null) this.#add(image, annotation, format);
  }

  async #readMany(path: string): Promise<void> {
    const text = await this.#tree.readText(path);
    if (!FOREIGN_REGEXP.test(text)) return;
    const found = /\.json$/i.test(path) ? readCoco(parseJson(text)) : null;
    if (found === null) this.#foreign.push(path);
    for (const [name, annotation] of found ?? []) {
      const image = this.#named(name);
      if (image !== undefined) this.#add(image, annotation, "COCO");
    }
  }

  #named(name: string): string | undefined {
    const tidy = tidyPath(name);
    const images = this.#byName.get(nameOf(tidy)) ?? [];
    const exact = images.filter((image) =>
      image === tidy || image.endsWith(`/${tidy}`)
    );
    if (exact.length > 1) this.#unclear.add(name);
    return exact.length === 1 ? exact[0] : undefined;
  }

  #add(image: string, annotation: Annotation, format: string): void {
    this.formats.add(format);
    const before = this.byImage.get(image) ?? [];
    this.byImage.set(image, [...before, ...annotation]);
  }
}

/**
 * Finds the annotations of images.
 *
 * @param tree The data set.
 * @param images Paths of the images.
 * @returns The shapes of each image that has a file, or is in one.
 */
export async function findAnnotations(
  tree: Tree,
  images: readonly string[],
): Promise<FoundAnnotations> {
  const finder = new Finder(tree, images);
  await finder.find();
  const { byImage, formats, notes } = finder;
  return { byImage, formats: [...formats].sort(), notes };
}
