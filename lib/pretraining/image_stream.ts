/**
 * Batches of images, drawn in a worker during training.
 *
 * @module
 */
import type { DrawRequest, DrawResponse } from "./image_worker.ts";
import {
  type DrawOptions,
  imageAt,
  numberAt,
  viewAt,
} from "./stream_images.ts";
import type { Example } from "../training/images/training_set.ts";

/** How many images are drawn in advance. */
const AHEAD = 128;

interface Drawing {
  readonly promise: Promise<Example>;
  readonly resolve: (example: Example) => void;
  readonly reject: (error: Error) => void;
}

/**
 * An endless stream of images. The image at a place depends on the options
 * alone, so a resumed run continues with the right images.
 */
export class ImageStream implements Disposable {
  readonly #options: DrawOptions;
  readonly #worker: Worker;
  readonly #drawn = new Map<number, Drawing>();
  #requested = 0;

  /** Starts the worker. */
  constructor(options: DrawOptions) {
    this.#options = options;
    const url = new URL("./image_worker.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<DrawResponse>) => {
      const { number, pixels, mask, label } = data;
      const { category } = imageAt(number, this.#options);
      this.#drawn.get(number)?.resolve({ pixels, mask, label, category });
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const error = new Error(event.message);
      for (const { reject } of this.#drawn.values()) reject(error);
    };
  }

  /** The images at places `first` to `first + size - 1`. */
  async batch(first: number, size: number): Promise<Example[]> {
    this.#drop(first);
    this.#requested = Math.max(this.#requested, first);
    while (this.#requested < first + size + AHEAD) {
      this.#request(this.#requested++);
    }
    const { seed } = this.#options;
    const places = Array.from({ length: size }, (_, i) => first + i);
    return await Promise.all(places.map(async (place) => {
      const example = await this.#request(place);
      return viewAt(place, { example, seed });
    }));
  }

  /** Requests the image at a place once. */
  #request(place: number): Promise<Example> {
    const number = numberAt(place, this.#options);
    const drawn = this.#drawn.get(number);
    if (drawn !== undefined) return drawn.promise;
    const drawing = Promise.withResolvers<Example>();
    drawing.promise.catch(() => {});
    this.#drawn.set(number, drawing);
    const options = imageAt(number, this.#options);
    const request: DrawRequest = { number, options };
    this.#worker.postMessage(request);
    return drawing.promise;
  }

  /** Drops the images of chunks before the chunk of `place`. */
  #drop(place: number): void {
    const { chunk, views } = this.#options;
    const least = Math.floor(place / (chunk * views)) * chunk;
    for (const number of this.#drawn.keys()) {
      if (number < least) this.#drawn.delete(number);
    }
  }

  /** Ends the worker. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
