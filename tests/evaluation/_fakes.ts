/** A detector and a data set that need no model and no files. */
import type { Detection, DetectorInput } from "../../lib/detector/detector.ts";
import type { DataSet, GroundTruth, Sample } from "../../lib/data/sample.ts";
import type { ImageDetector } from "../../lib/evaluation/image_detector.ts";
import { ImageDecodeError, type Mask } from "../../lib/image/image.ts";
import type { RgbImage } from "../../lib/image/image.ts";

export const SIDE = 8;

function detection(pixels: Uint8Array): Detection {
  const red = Float32Array.from(
    { length: SIDE * SIDE },
    (_, i) => pixels[3 * i]!,
  );
  const anomalyMap = red.map((value) => (value + 0.5) / 256);
  const logitMap = anomalyMap.map((m) => Math.log(m) - Math.log(1 - m));
  return {
    anomalyMap,
    logitMap,
    imageScore: Math.max(...anomalyMap),
    scoreLogit: Math.max(...logitMap),
    milliseconds: 1,
  };
}

/** Says that whatever is red is anomalous; keeps the calls it was given. */
export class RedDetector implements ImageDetector {
  readonly side: number = SIDE;
  readonly sessions: number = 1;
  readonly calls: DetectorInput[][] = [];

  preprocess(image: RgbImage): Uint8Array {
    return image.data;
  }

  detect(inputs: readonly DetectorInput[]): Promise<Detection[]> {
    this.calls.push([...inputs]);
    return Promise.resolve(inputs.map(({ pixels }) => detection(pixels)));
  }
}

/** A detector whose last bits depend on the size of a batch, as networks' do. */
export class SizedDetector extends RedDetector {
  override async detect(
    inputs: readonly DetectorInput[],
  ): Promise<Detection[]> {
    const found = await super.detect(inputs);
    return found.map((detection) => ({
      ...detection,
      scoreLogit: detection.scoreLogit + inputs.length / 1e6,
    }));
  }
}

/** A black image with a red square of the given strength in its corner. */
export function redImage(red: number): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (const at of [0, 1, SIDE, SIDE + 1]) data[3 * at] = red;
  return { width: SIDE, height: SIDE, data };
}

/** A mask of the square of {@linkcode redImage}. */
export function cornerMask(): Mask {
  const data = new Uint8Array(SIDE * SIDE);
  for (const at of [0, 1, SIDE, SIDE + 1]) data[at] = 1;
  return { width: SIDE, height: SIDE, data };
}

/** How a sample of {@linkcode fakeDataSet} differs from a good image. */
export interface FakeSample {
  key: string;
  label?: 0 | 1 | null;
  red?: number;
  mask?: GroundTruth | null;
  broken?: boolean;
}

function fakeSample(fake: FakeSample): Sample {
  const { key, label = 0, red = 0, mask = null, broken = false } = fake;
  return {
    key,
    category: key.split("/")[0]!,
    label,
    defect: null,
    image: () =>
      broken
        ? Promise.reject(new ImageDecodeError("Cannot decode a truncated PNG"))
        : Promise.resolve(redImage(red)),
    mask: mask && (() => Promise.resolve(mask)),
  };
}

/** A data set of samples whose category is the first part of their key. */
export function fakeDataSet(
  fakes: readonly FakeSample[],
  categories: readonly string[] = [
    ...new Set(fakes.map(({ key }) => key.split("/")[0]!)),
  ].sort(),
): DataSet {
  return {
    name: "fake",
    categories,
    size: fakes.length,
    async *samples() {
      for (const fake of fakes) yield await Promise.resolve(fakeSample(fake));
    },
  };
}
