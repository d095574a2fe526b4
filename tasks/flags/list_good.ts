/**
 * From the flags that name good images to those of the categories.
 *
 * @module
 */
import type { Source } from "../../lib/data/source.ts";
import type { DecodeOptions } from "../../lib/image/decode.ts";
import {
  type GoodSetOptions,
  listGoodImages,
  type MatchedGoodSet,
  matchGoodSet,
} from "../../lib/references/good_set.ts";
import { NO_FOLDER, warn } from "./good_flags.ts";

/**
 * Lists the good images of the categories that will be scored. Warnings go to
 * stderr.
 *
 * @param source Where good images lie.
 * @param options The categories, how many images to take, and how to decode.
 * @returns Category -> its good images.
 * @throws {DataSetError} If no category has good images.
 */
export async function goodImagesOf(
  source: Source,
  { categories, ...listing }:
    & Pick<GoodSetOptions, "shots" | "trainOnly">
    & DecodeOptions
    & { readonly categories: readonly string[] },
): Promise<MatchedGoodSet["categories"]> {
  const options = { ...listing, object: NO_FOLDER };
  const good = await listGoodImages(source, options);
  const matched = matchGoodSet(good, categories, NO_FOLDER);
  matched.warnings.forEach(warn);
  return matched.categories;
}
