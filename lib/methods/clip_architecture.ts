/**
 * What methods that run CLIP alone have in common.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { ClipConfig } from "../clip/config.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type {
  Architecture,
  DetectionOptions,
  DetectionOutputs,
} from "./architecture.ts";
import { configToJson } from "./config_json.ts";
import type { Method } from "./method.ts";
import type { PromptRules, TextProgram } from "./text_rules.ts";
import type { TrainingRules } from "./training_rules.ts";

/** Everything that fixes the shapes of a model. */
export interface ClipSizes<Config> {
  /** Sizes of the CLIP towers, with the activation that the choices say. */
  readonly clip: ClipConfig;
  /** The choices. */
  readonly config: Config;
}

/** A model of a method that runs CLIP and no other network. */
export abstract class ClipArchitecture<
  Config extends { readonly imageSize: number },
> implements Architecture {
  abstract readonly method: Method;
  abstract readonly scoreRule: string;
  abstract readonly headShapes: Shapes;
  abstract readonly prompts: PromptRules;
  abstract readonly text: TextProgram | null;
  abstract readonly training: TrainingRules | null;
  readonly resnet = null;
  readonly smooth: number = 0;
  readonly finish: Architecture["finish"] = null;
  readonly patches: Architecture["patches"] = null;
  /** Sizes of CLIP and choices. */
  readonly sizes: ClipSizes<Config>;

  constructor(sizes: ClipSizes<Config>) {
    this.sizes = sizes;
  }

  get clip(): ClipConfig {
    return this.sizes.clip;
  }

  get choices(): JsonObject {
    return configToJson(this.sizes.config);
  }

  get imageSize(): number {
    return this.sizes.config.imageSize;
  }

  get mapSize(): number {
    return this.imageSize;
  }

  abstract detection(
    g: GraphBuilder,
    options: DetectionOptions,
  ): DetectionOutputs;
}
