/**
 * Which numbers of a detection the colours of a heatmap show.
 *
 * @module
 */
/** The numbers that the first and the last colour stand for. */
export interface HeatColours {
  /** What is coloured: M, or its logit, which does not saturate. */
  readonly scale: "map" | "logit";
  /** The first and the last colour. */
  readonly range: readonly [number, number];
}

/** The maps of an image. */
export interface ColouredMaps {
  /** M. */
  readonly anomalyMap: Float32Array;
  /** Its logit. */
  readonly logitMap: Float32Array;
}

/** Keeps the range of colours from being empty. */
const LEAST_REACH = 0.5;

/** Share of the pixels of an image below its highest ones. */
const HIGHEST = 0.999;

/** The map that is coloured. */
export function colouredMap(
  { anomalyMap, logitMap }: ColouredMaps,
  { scale }: HeatColours,
): Float32Array {
  return scale === "map" ? anomalyMap : logitMap;
}

function quantile(sorted: Float32Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))]!;
}

/**
 * Colours that suit images of which half or more are good. The first colour is
 * the usual pixel, the middle one the highest pixels of the usual image.
 *
 * @param logitMaps One map an image.
 */
export function usualColours(logitMaps: readonly Float32Array[]): HeatColours {
  const sorted = logitMaps.map((map) => map.toSorted());
  const over = (share: number) => {
    const values = Float32Array.from(sorted, (map) => quantile(map, share));
    return quantile(values.sort(), 0.5);
  };
  const usual = over(0.5);
  const reach = Math.max(over(HIGHEST) - usual, LEAST_REACH);
  return { scale: "logit", range: [usual, usual + 2 * reach] };
}
