/**
 * A model of WinCLIP without its weights.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { gridSize } from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { sizeProblems } from "../check_sizes.ts";
import { ClipArchitecture } from "../clip_architecture.ts";
import { byteImages, textInput } from "../inputs.ts";
import type {
  Architecture,
  DetectionOptions,
  DetectionOutputs,
} from "../architecture.ts";
import type { GoodImageRules } from "../good_image_rules.ts";
import type { Backbones, ChoicesFile, Method } from "../method.ts";
import type { PromptRules, TextProgram } from "../text_rules.ts";
import { ensembleFeatures } from "../text_ensemble.ts";
import { parseWinClipConfig, type WinClipConfig } from "./config.ts";
import { comparedFeatures, goodImageRules } from "./good_images.ts";
import { WINCLIP } from "./method.ts";
import { winClip, type WinClipSizes } from "./model.ts";
import { winClipSentences } from "./sentences.ts";

/**
 * WinCLIP with the choices of a file, on a CLIP of given sizes.
 *
 * @throws {ModelError} If a value is not usable or does not fit.
 */
export function fit(
  { clip }: Backbones,
  { json, path }: ChoicesFile,
): Architecture {
  const sizes = { clip, config: parseWinClipConfig(json, path) };
  checkSizes(sizes, path);
  return new WinClip(sizes);
}

function checkSizes({ clip, config }: WinClipSizes, path: string): void {
  const problems = sizeProblems(clip.vision, config);
  const grid = gridSize(clip.vision, config.imageSize);
  if (problems.length === 0 && Math.max(...config.scales) > grid) {
    problems.push(
      `scales must be at most the ${grid} patches of a side: ` +
        `current value is ${JSON.stringify(config.scales)}`,
    );
  }
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
}

/** WinCLIP with its choices, on a CLIP of given sizes. */
class WinClip extends ClipArchitecture<WinClipConfig> {
  readonly method: Method = WINCLIP;
  readonly headShapes: Shapes = new Map();
  readonly training = null;

  get scoreRule(): string {
    return this.sizes.config.score === "image"
      ? "probability of the class token"
      : "maximum of the map";
  }

  override get mapSize(): number {
    return this.sizes.config.mapSize ?? this.imageSize;
  }

  get prompts(): PromptRules {
    const { prompts } = this.sizes.config;
    return {
      sentences: (name) => winClipSentences(name, prompts),
      perState: null,
      longestEndOfText: null,
    };
  }

  get text(): TextProgram {
    const { clip, config: { sentenceNorm: unitSentences } } = this.sizes;
    return {
      features: (g, ids, options) =>
        ensembleFeatures(g, ids, { ...options, clip, unitSentences }),
    };
  }

  get goodImages(): GoodImageRules {
    return goodImageRules(this.sizes);
  }

  detection(
    g: GraphBuilder,
    { smooth, patches = false }: DetectionOptions,
  ): DetectionOutputs {
    const { clip, config } = this.sizes;
    const rgb = byteImages(g, config.imageSize);
    const text = textInput(g, clip);
    const options = { clip, config, smooth };
    const values = winClip(g, { rgb, text }, options);
    const { map, logit_map, score, score_logit } = values;
    const seen = { map, logit_map, score, score_logit };
    if (!patches) return seen;
    const { features, image, language } = values;
    return { ...seen, image, language, ...comparedFeatures(g, features) };
  }
}
