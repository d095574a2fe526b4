/**
 * Good images compared with the other ones, in the way of the method.
 *
 * @module
 */
import type { Graph } from "../graph/graph.ts";
import type { GoodImageRules } from "../methods/good_image_rules.ts";
import { bankGraph, learnBanks } from "./banks.ts";
import { concatenated, type CountedPatches } from "./counted_patches.ts";
import type { GoodImage, GraphRunner } from "./learn_memory.ts";

/** How a good image looks beside the other ones. */
export interface LeftOutImage {
  /** Its `score_logit`, the highest of its tiles. */
  readonly score: number;
  /** Its logit map, or those of its tiles, without what does not count. */
  readonly logits: Float32Array;
}

/** Options of {@linkcode leaveBanksOut}. */
export interface LeaveBanksOutOptions {
  /** Standard deviation in pixels of the Gaussian that smooths the maps. */
  readonly smooth: number;
  /** Loads a graph. */
  readonly open: (graph: Graph) => Promise<GraphRunner>;
}

/** The pixels of a map that lie in patches that count. */
function countedPixels(
  map: Float32Array,
  counted: CountedPatches,
): Float32Array {
  if (counted === null) return map;
  const [side, grid] = [Math.sqrt(map.length), Math.sqrt(counted.length)];
  return map.filter((_, at) => {
    const row = Math.floor(Math.floor(at / side) * grid / side);
    return counted[row * grid + Math.floor(at % side * grid / side)] === 1;
  });
}

/**
 * Compares each good image with banks of all other ones, each of which is loaded
 * and run in turn.
 *
 * @param images What the network computed of two images or more, with all that
 * the method joins.
 * @param rules Those of the method.
 * @param options How to run.
 */
export async function leaveBanksOut(
  images: readonly GoodImage[],
  rules: GoodImageRules,
  { smooth, open }: LeaveBanksOutOptions,
): Promise<LeftOutImage[]> {
  const found: LeftOutImage[] = [];
  for (const [k, image] of images.entries()) {
    const others = learnBanks(images.toSpliced(k, 1), rules);
    await using runner = await open(bankGraph(others, rules, { smooth }));
    let score = -Infinity;
    const maps: Float32Array[] = [];
    for (const { taps, counted = null } of image.tiles) {
      const { score_logit, logit_map } = await runner.run(taps);
      score = Math.max(score, score_logit![0]!);
      maps.push(countedPixels(logit_map!, counted));
    }
    found.push({ score, logits: concatenated(maps) });
  }
  return found;
}
