/**
 * The worker that draws images during training.
 *
 * @module
 */
import {
  renderSample,
  type SampleOptions,
} from "../synthetic/render_sample.ts";

/** A request to the worker. */
export interface DrawRequest {
  /** Number of the image. */
  readonly number: number;
  /** The image to draw. */
  readonly options: SampleOptions;
}

/** The answer of the worker. */
export interface DrawResponse {
  /** Number of the image. */
  readonly number: number;
  /** RGB bytes. */
  readonly pixels: Uint8Array<ArrayBuffer>; // [side, side, 3]
  /** 1 where defective. */
  readonly mask: Uint8Array<ArrayBuffer>; // [side, side]
  /** 1 for a defective image. */
  readonly label: 0 | 1;
}

/** The part of the global scope of a worker that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<DrawRequest>) => void) | null;
  postMessage(message: DrawResponse, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { number, options } }) => {
  const { image, mask, label } = renderSample(options);
  const pixels = new Uint8Array(image.data);
  const plane = new Uint8Array(mask.data);
  scope.postMessage(
    { number, pixels, mask: plane, label },
    [pixels.buffer, plane.buffer],
  );
};
