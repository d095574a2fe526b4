/**
 * The flags that size the synthetic set.
 *
 * @module
 */

/** Flags of every verb that draws the synthetic set. */
export const SYNTHETIC_FLAGS = {
  seed: {
    kind: "integer",
    needs: ["data=synthetic", "eval=synthetic", "sample"],
    min: 0,
    default: 0,
    help: "Seed of the synthetic set and of --sample: another one gives others",
  },
  count: {
    kind: "integer",
    needs: ["data=synthetic", "eval=synthetic"],
    min: 1,
    default: 20,
    help: "Images of each synthetic category, every second one defective",
  },
  side: {
    kind: "integer",
    needs: ["data=synthetic", "eval=synthetic"],
    min: 32,
    max: 4096,
    default: 256,
    help: "Pixels per row and column of synthetic images",
  },
} as const;
