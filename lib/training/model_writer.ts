/**
 * The model directory that training leaves behind.
 *
 * @module
 */
import { relative } from "node:path";
import { isThere, readTextIfThere } from "../files/is_there.ts";
import { writeJson, writeWhole } from "../files/whole_file.ts";
import {
  type TensorData,
  writeSafetensors,
} from "../checkpoint/write_safetensors.ts";
import { clipConfigToJson } from "../clip/config.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { locateModelFiles } from "../methods/model_files.ts";
import type { NamedArrays } from "./optimiser.ts";
import {
  MODEL_PARTS,
  type ModelPart,
  partShapes,
  readParameter,
} from "./trainable.ts";

/** Options of {@linkcode ModelWriter}. */
export interface ModelWriterOptions {
  /** The model that training starts from. */
  readonly model: ModelDirectory;
  /** The parts that are trained; others but the head stay where they are. */
  readonly parts: ReadonlySet<ModelPart>;
  /**
   * Tensors that replace those of the model without being trained, as a new
   * head may have.
   */
  readonly initial: NamedArrays;
  /** Longest end of text that the head has seen, as a position from 0. */
  readonly longestEndOfText: number;
}

const FILES: Record<Exclude<ModelPart, "head">, string> = {
  clip: "clip/model.safetensors",
  resnet: "resnet50.safetensors",
};

/** What lies beside CLIP's tensors, as far as it is there. */
const CLIP_FILES = [
  "config.json",
  "tokenizer.json",
  "vocab.json",
  "merges.txt",
];

/** Writes trained tensors as a model directory that leans on another one. */
export class ModelWriter {
  readonly #out: string;
  readonly #options: ModelWriterOptions;
  #begun = false;

  constructor(out: string, options: ModelWriterOptions) {
    this.#out = out;
    this.#options = options;
  }

  /**
   * Writes the method's choices, which name the directory where the parts that
   * are not trained lie, and what belongs to the parts that are.
   */
  async #begin(): Promise<void> {
    const { model, parts, longestEndOfText } = this.#options;
    const { method, training } = model.architecture;
    const [from, to] = await Promise.all(
      [this.#out, model.path].map((path) => Deno.realPath(path)),
    );
    const json = {
      backbone: relative(from!, to!),
      ...training!.trainedChoices(longestEndOfText),
    };
    await writeJson(`${this.#out}/${method.configFile}`, json);
    if (parts.has("clip")) await this.#copyClipFiles();
  }

  async #copyClipFiles(): Promise<void> {
    const { path } = this.#options.model;
    const { clip } = await locateModelFiles(path, { head: false });
    await Deno.mkdir(`${this.#out}/clip`, { recursive: true });
    for (const name of CLIP_FILES) {
      const text = await readTextIfThere(`${clip}/${name}`);
      if (text === undefined) continue;
      await writeWhole(`${this.#out}/clip/${name}`, text);
    }
    const config = `${this.#out}/clip/config.json`;
    if (await isThere(config)) return;
    const json = clipConfigToJson(this.#options.model.architecture.clip);
    await writeJson(config, json);
  }

  /** Writes the head and all parts that are trained, each file whole. */
  async write(parameters: NamedArrays): Promise<void> {
    const { parts } = this.#options;
    if (!this.#begun) await this.#begin();
    this.#begun = true;
    for (const part of MODEL_PARTS) {
      if (part !== "head" && !parts.has(part)) continue;
      const path = `${this.#out}/${this.#fileOf(part)}`;
      const tensors = await this.#tensorsOf(part, parameters);
      await writeSafetensors(path, tensors);
    }
  }

  #fileOf(part: ModelPart): string {
    const { headFile } = this.#options.model.architecture.method;
    return part === "head" ? headFile! : FILES[part];
  }

  async #tensorsOf(
    part: ModelPart,
    parameters: NamedArrays,
  ): Promise<Record<string, TensorData>> {
    const { model: { architecture, weights }, initial } = this.#options;
    const tensors: Record<string, TensorData> = {};
    for (const [name, shape] of partShapes(architecture, part)) {
      const data = parameters.get(name) ?? initial.get(name) ??
        await readParameter(weights.get(name)!);
      tensors[name] = { dtype: "F32", shape, data };
    }
    return tensors;
  }
}
