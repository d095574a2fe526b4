/**
 * Pixels of defective images by the kind of their defect.
 *
 * @module
 */
import type { DefectMask } from "../metrics/connected_components.ts";
import { PixelCounts } from "../metrics/pixel_counts.ts";
import type { KindSummary } from "../results/summary.ts";

/** More kinds are numbers or texts, and their counts would fill the memory. */
const MOST_KINDS = 64;

/** The metrics of pixels of one kind. */
export type KindPixelMetrics = Required<
  Pick<KindSummary, "p_auroc" | "p_ap" | "p_f1max" | "aupro" | "aupro_200">
>;

function metricsOf(counts: PixelCounts): KindPixelMetrics {
  return {
    p_auroc: counts.auroc().value,
    p_ap: counts.averagePrecision().value,
    p_f1max: counts.f1Max().value,
    aupro: counts.aupro().value,
    aupro_200: counts.aupro200().value,
  };
}

/**
 * Counts of pixels by kind. Those of one kind at a time take 3 MB, as images
 * come kind by kind; the others are packed.
 */
export class KindPixels {
  readonly #packed = new Map<string, Uint8Array>();
  #open: { readonly kind: string; readonly counts: PixelCounts } | null = null;
  #isWhole = true;

  /**
   * Adds a defective image.
   *
   * @param kind The kind of its defect, empty where that is not known.
   * @param logits Its logit map, without NaN.
   * @param mask Where it is defective.
   */
  add(kind: string, logits: Float16Array, mask: DefectMask): void {
    this.#countsOf(kind)?.add(logits, mask);
  }

  /** The bytes of each kind, ordered by name; null where there are too many. */
  state(): Readonly<Record<string, Uint8Array>> | null {
    this.#pack();
    return this.#isWhole
      ? Object.fromEntries([...this.#packed].sort(([a], [b]) => a < b ? -1 : 1))
      : null;
  }

  /**
   * Adds the counts of another part of the same category.
   *
   * @param other What {@linkcode KindPixels.state} made; null leaves none.
   * @throws {RangeError} If counts are incomplete.
   */
  merge(other: Readonly<Record<string, Uint8Array>> | null): void {
    if (other === null) this.#leave();
    for (const [kind, bytes] of Object.entries(other ?? {})) {
      this.#countsOf(kind)?.merge(PixelCounts.fromBytes(bytes));
    }
  }

  /**
   * The metrics of each kind beside all good images.
   *
   * @param all The pixels of the whole category.
   */
  metrics(all: PixelCounts): ReadonlyMap<string, KindPixelMetrics> {
    const kinds = Object.entries(this.state() ?? {}).map(([kind, bytes]) =>
      [kind, PixelCounts.fromBytes(bytes)] as const
    );
    let good = all;
    for (const [, counts] of kinds) good = good.without(counts);
    return new Map(
      kinds.filter(([kind]) => kind !== "").map(([kind, counts]) => {
        counts.merge(good);
        return [kind, metricsOf(counts)];
      }),
    );
  }

  #countsOf(kind: string): PixelCounts | null {
    if (!this.#isWhole) return null;
    if (this.#open?.kind === kind) return this.#open.counts;
    this.#pack();
    const bytes = this.#packed.get(kind);
    if (bytes === undefined && this.#packed.size === MOST_KINDS) {
      this.#leave();
      return null;
    }
    const counts = bytes === undefined
      ? new PixelCounts()
      : PixelCounts.fromBytes(bytes);
    this.#open = { kind, counts };
    return counts;
  }

  #pack(): void {
    if (this.#open === null) return;
    this.#packed.set(this.#open.kind, this.#open.counts.toBytes());
    this.#open = null;
  }

  #leave(): void {
    this.#isWhole = false;
    this.#packed.clear();
    this.#open = null;
  }
}
