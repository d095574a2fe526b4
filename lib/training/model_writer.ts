/**
 * Writes the trained model as a model directory.
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
  /** The parts that are trained. Other parts are not copied, except the head. */
  readonly trainedParts: ReadonlySet<ModelPart>;
  /**
   * Tensors that replace those of the model even where they are not trained:
   * a new head has some that no loss depends on.
   */
  readonly initial: NamedArrays;
  /** Last position of an end of text that the head has seen, from 0. */
  readonly longestEndOfText: number;
}

const FILES: Record<Exclude<ModelPart, "head">, string> = {
  clip: "clip/model.safetensors",
  resnet: "resnet50.safetensors",
};

/** Files beside CLIP's tensors; a model need not have all. */
const CLIP_FILES = [
  "config.json",
  "tokenizer.json",
  "vocab.json",
  "merges.txt",
];

/** Writes a model directory that refers to another one for its other parts. */
export class ModelWriter {
  readonly #out: string;
  readonly #options: ModelWriterOptions;
  #begun = false;

  constructor(out: string, options: ModelWriterOptions) {
    this.#out = out;
    this.#options = options;
  }

  /**
   * Writes the method's choices, which name the directory of the parts that are
   * not trained, and CLIP's small files if CLIP is trained.
   */
  async #begin(): Promise<void> {
    const { model, trainedParts, longestEndOfText } = this.#options;
    const { method, training } = model.architecture;
    const [from, to] = await Promise.all(
      [this.#out, model.path].map((path) => Deno.realPath(path)),
    );
    const json = {
      backbone: relative(from!, to!),
      ...training!.trainedChoices(longestEndOfText),
    };
    await writeJson(`${this.#out}/${method.configFile}`, json);
    if (trainedParts.has("clip")) await this.#copyClipFiles();
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

  /** The files that training changes, below the directory. */
  get files(): string[] {
    return this.#parts.map((part) => this.#fileOf(part));
  }

  get #parts(): ModelPart[] {
    const { trainedParts } = this.#options;
    return MODEL_PARTS.filter((part) =>
      part === "head" || trainedParts.has(part)
    );
  }

  /** Writes the head and the trained parts; each file appears when complete. */
  async write(parameters: NamedArrays): Promise<void> {
    if (!this.#begun) await this.#begin();
    this.#begun = true;
    for (const part of this.#parts) {
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
