/**
 * CLIP's normalisation of images, written once more for tests.
 *
 * @module
 */
import { type Numbers, numbers } from "../../contract/numbers.ts";

const MEAN = [0.48145466, 0.4578275, 0.40821073];
const STD = [0.26862954, 0.26130258, 0.27577711];

/** Images [B, 3, H, H] in [0, 1] as the vision tower wants them. */
export function normaliseImage({ shape, data }: Numbers): Numbers {
  const pixels = shape[2]! * shape[3]!;
  return numbers(
    shape,
    Array.from(data, (value, i) => {
      const channel = Math.floor(i / pixels) % 3;
      return (value - MEAN[channel]!) / STD[channel]!;
    }),
  );
}
