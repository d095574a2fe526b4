/**
 * From images to scores: read, resize, detect.
 *
 * @module
 */
import { ahead, batches } from "../async/ahead.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import { type Detection, detectionError } from "../methods/detection.ts";
import type { FramedInput } from "./detect_tiles.ts";
import { type ImageSource, type Layer, readLaid } from "./image_source.ts";
import type { ScoreAllOptions, ScoreOptions } from "./options.ts";
import { ScoredImage, type ScoredImageInit } from "./scored_image.ts";

/** The part of a detector that scores preprocessed images. */
interface Network extends Layer {
  readonly side: number;
  readonly sessions: number;
  detect(inputs: readonly FramedInput[]): Promise<Detection[]>;
}

/** Options whose category is known. */
type Named<T extends ScoreOptions> = T & { readonly category: string };

type Prepared =
  & FramedInput
  & Omit<ScoredImageInit, "detection">;

async function prepare(
  network: Network,
  source: ImageSource,
  options: Named<ScoreOptions>,
): Promise<Prepared> {
  const laid = await readLaid(source, network, options);
  const { width, height, category, pixels, frame, damage = null } = laid;
  const { side } = network;
  const { map: mapSize = { width: side, height: side } } = frame ?? {};
  const input = { pixels, category, ...frame && { frame } };
  return { ...input, source, width, height, mapSize, damage };
}

function scored(image: Prepared, detection: Detection): ScoredImage {
  const error = detectionError(detection);
  if (error !== null) throw new ModelError(error);
  return new ScoredImage({ ...image, detection });
}

/** Does something with an image; an error goes to `onError`, if it is given. */
async function orReport<T>(
  image: ImageSource,
  work: () => T | Promise<T>,
  onError: ScoreAllOptions["onError"],
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (onError === undefined) throw error;
    onError(error, image);
  }
}

/** Images that can be read, while the ones before them are being scored. */
async function* prepareAll(
  network: Network,
  images: Iterable<ImageSource> | AsyncIterable<ImageSource>,
  { batchSize = 1, onError, ...options }: Named<ScoreAllOptions>,
): AsyncGenerator<Prepared> {
  const each = async function* () {
    yield* images;
  };
  const read = (image: ImageSource) =>
    orReport(image, () => prepare(network, image, options), onError);
  for await (const image of ahead(each(), read, batchSize)) {
    if (image !== undefined) yield image;
  }
}

/** Scores one image. */
export async function scoreImage(
  network: Network,
  source: ImageSource,
  options: Named<ScoreOptions>,
): Promise<ScoredImage> {
  const image = await prepare(network, source, options);
  const [detection] = await network.detect([image]);
  return scored(image, detection!);
}

/**
 * Scores images in batches, in order.
 *
 * @throws {RangeError} If the batch size is not a positive integer.
 */
export async function* scoreImages(
  network: Network,
  images: Iterable<ImageSource> | AsyncIterable<ImageSource>,
  options: Named<ScoreAllOptions>,
): AsyncGenerator<ScoredImage> {
  const { batchSize = 1, onError } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `Cannot score images as the batch size must be a positive integer: ` +
        `current value is ${batchSize}`,
    );
  }
  const detected = ahead(
    batches(prepareAll(network, images, options), batchSize),
    async (batch) => ({ batch, detections: await network.detect(batch) }),
    network.sessions, // one batch for each session, and one that waits
  );
  for await (const { batch, detections } of detected) {
    for (const [i, image] of batch.entries()) {
      const score = () => scored(image, detections[i]!);
      const found = await orReport(image.source, score, onError);
      if (found !== undefined) yield found;
    }
  }
}
