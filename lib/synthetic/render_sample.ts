/**
 * Renders one image of the synthetic set.
 *
 * @module
 */
import type { Mask, RgbImage } from "../image/image.ts";
import { SYNTHETIC_CATEGORIES, type SyntheticCategory } from "./catalog.ts";
import { DEFECT_KINDS, type DefectName } from "./defects.ts";
import { makeFlaw, type Specimen } from "./flaw.ts";
import { expose, lampOf, lit } from "./picture/light.ts";
import { Random } from "../random.ts";
import { type PartFault, Scene } from "./scene.ts";

/** Options of {@linkcode renderSample}. */
export interface SampleOptions {
  /** Name of a category. */
  readonly category: string;
  /** Number of the image in its category, from 0; odd ones are defective. */
  readonly index: number;
  /** Whole number; another seed gives other products and other images. */
  readonly seed: number;
  /** Width and height in pixels, at least 32. */
  readonly side: number;
  /**
   * Whether all images of a category show one product, as in MVTec AD, or each
   * image shows another product of the family, for training.
   *
   * @default {"one"}
   */
  readonly products?: "one" | "many";
}

/** A rendered image with its ground truth. */
export interface SyntheticSample {
  /** The image. */
  readonly image: RgbImage;
  /** The pixels that differ from the flawless product; none where good. */
  readonly mask: Mask;
  /** 1 defective, 0 good. */
  readonly label: 0 | 1;
  /** Name of the defect kind, null where good. */
  readonly defect: DefectName | null;
}

/**
 * Finds a category by its name.
 *
 * @throws {RangeError} If there is no such category.
 */
function syntheticCategory(name: string): SyntheticCategory {
  const found = SYNTHETIC_CATEGORIES.find((category) => category.name === name);
  if (found === undefined) {
    const names = SYNTHETIC_CATEGORIES.map((category) => category.name);
    throw new RangeError(
      `Cannot render a synthetic category as its name must be one of ${
        names.join(", ")
      }: current value is ${name}`,
    );
  }
  return found;
}

/**
 * The defect kind of an image; null for a good one. Odd images are defective;
 * they take the kinds of their category in turn.
 *
 * @throws {RangeError} If the category is unknown.
 */
export function defectOf(
  { category, index, seed }: Pick<SampleOptions, "category" | "index" | "seed">,
): DefectName | null {
  const { defects } = syntheticCategory(category);
  if (index % 2 === 0) return null;
  const first = new Random(`${seed}/${category}/defects`).integer(0, 99);
  return defects[(first + (index - 1) / 2) % defects.length]!;
}

/**
 * Renders one image. The same options give the same bytes, on every machine and
 * in any order of calls.
 *
 * @throws {RangeError} If the category is unknown or a number is out of range.
 *
 * @example Usage
 * ```ts
 * import { renderSample } from "@mfp-clip/mfp-clip/synthetic";
 *
 * const options = { category: "gear", index: 7, seed: 1, side: 112 };
 * const { image, label, defect } = renderSample(options);
 * console.log(image.width, label, defect);
 * ```
 */
export function renderSample(options: SampleOptions): SyntheticSample {
  const { side, index, seed } = options;
  assertWhole("index", index, { least: 0 });
  assertWhole("seed", seed, { least: 0 });
  assertWhole("side", side, { least: 32 });
  const specimen = drawSpecimen(options);
  const image = imageStream(options);
  const defect = defectOf(options);
  const kind = DEFECT_KINDS.find(({ name }) => name === defect);
  const { picture, mask } = kind === undefined
    ? { picture: specimen.picture, mask: new Uint8Array(side * side) }
    : makeFlaw(specimen, { kind, random: image.fork(kind.name) });
  return {
    image: expose(picture, {
      light: specimen.light,
      random: image.fork("sensor"),
    }),
    mask: { width: side, height: side, data: mask },
    label: kind === undefined ? 0 : 1,
    defect,
  };
}

/** The flawless product of an image, before the sensor's noise. */
export function drawSpecimen(options: SampleOptions): Specimen {
  const { category, side, seed, products = "one" } = options;
  const { kind, draw } = syntheticCategory(category);
  const image = imageStream(options);
  const design = () =>
    products === "many"
      ? image.fork("product")
      : new Random(`${seed}/${category}/product`);
  const drawn = (faults: { fault?: PartFault }) => {
    const scene = new Scene({
      kind,
      side,
      design: design(),
      image: imageStream(options),
      ...faults,
    });
    draw(scene);
    return scene;
  };
  const scene = drawn({});
  const light = lampOf(design().fork("light"), image.fork("light"));
  return {
    scene,
    light,
    picture: lit(scene.relief, light),
    redraw: (fault) => drawn({ fault }),
  };
}

function imageStream({ seed, category, index }: SampleOptions): Random {
  return new Random(`${seed}/${category}/${index}`);
}

/**
 * Checks a number.
 *
 * @throws {RangeError} If it is not a whole number of at least `least`.
 */
export function assertWhole(
  name: string,
  value: number,
  { least }: { least: number },
): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot draw a synthetic image as its ${name} must be a whole number of at least ${least}: current value is ${value}`,
  );
}
