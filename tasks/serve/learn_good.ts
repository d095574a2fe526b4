/**
 * What a server learns before it is ready: good images, and thresholds.
 *
 * @module
 */
import { importLate } from "../../lib/async/import_late.ts";
import type { Stores } from "../../lib/batch/stores.ts";
import { storedCriteria } from "../../lib/batch/stored_criteria.ts";
import type { Detector } from "../../lib/detector/detector.ts";
import { cautionOnPhotographs } from "../../lib/evaluation/caution.ts";
import { criteriaOfProducts } from "../../lib/evaluation/learned_products.ts";
import type { ProductProfile } from "../../lib/references/product_profile.ts";
import { readProfile } from "../../lib/references/profile.ts";
import { DEFAULT_OBJECT } from "../flags/data_flags.ts";
import { decodeOptions, type GoodFlags } from "../flags/good_flags.ts";
import { criteriaOf, learnedVerdicts } from "../flags/verdicts.ts";
import type { ServeFlags } from "../flags/serve_flags.ts";
import type { openModel } from "./open_model.ts";

/** What is asked for, good images included. */
export type GoodServeFlags = ServeFlags & GoodFlags;

/** A model whose batches have settings. */
type Loaded = Awaited<ReturnType<typeof openModel>>;

/**
 * Learns the good images, and thresholds, before the server is ready.
 *
 * @param loaded The model.
 * @param flags What is asked for.
 * @param options Opens the good images; ends learning early.
 * @returns The model, and how images are judged.
 * @throws {UsageError} If flags do not fit together.
 * @throws {DataSetError} If there are no good images, or one cannot be read.
 */
export async function learnGoodOf(
  loaded: Loaded,
  flags: GoodServeFlags,
  options: { readonly stores: Stores; readonly signal: AbortSignal },
): Promise<Loaded> {
  const { object = DEFAULT_OBJECT, good, shots } = flags;
  if (good !== undefined || shots !== undefined) {
    const address = new URL("../flags/stored_good.ts", import.meta.url);
    const { learnStoredGood } = await importLate<
      typeof import("../flags/stored_good.ts")
    >(address);
    const decode = decodeOptions(flags);
    const named = { ...flags, object };
    await learnStoredGood(loaded.detector, named, { ...options, decode });
  }
  const { category = [], threshold } = flags;
  const chosen = await criteriaOf(
    loaded.detector,
    flags,
    category,
    async () => await loaded.settings.model.fingerprint,
  );
  const products = await productsOf(loaded.detector, flags);
  const criteria = chosen ?? criteriaOfProducts(products);
  const { directory: model, learned } = loaded.detector;
  const caution = cautionOnPhotographs({
    model,
    learned: learned.map(({ category }) => category),
    categories: category,
  });
  const { settings } = loaded;
  const stored = threshold === undefined
    ? criteria && storedCriteria(products)
    : { threshold };
  return {
    ...loaded,
    settings: { ...settings, criteria: stored },
    criteria,
    products,
    caution,
  };
}

/** The calibrations of a profile, or those that learned good images set. */
async function productsOf(
  detector: Detector,
  { profile, threshold, good }: GoodServeFlags,
): Promise<Readonly<Record<string, ProductProfile>>> {
  if (profile !== undefined) {
    return (await readProfile(profile)).profile.categories;
  }
  const isAsked = good !== undefined && threshold === undefined;
  return isAsked ? learnedVerdicts(detector) : {};
}
