/**
 * A method of anomaly detection: what it is called, where its files lie, and how
 * it is opened. Other rooms know a method by this and `architecture.ts` only.
 *
 * @module
 */
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { WeightEntry, Weights } from "../checkpoint/weights.ts";
import type { ClipConfig } from "../clip/config.ts";
import type { ResnetConfig } from "../resnet/config.ts";
import type { Architecture } from "./architecture.ts";

/** Sizes of the frozen networks that a method builds on. */
export interface Backbones {
  /** Sizes of both CLIP towers, as CLIP's configuration states them. */
  readonly clip: ClipConfig;
  /** Sizes of the CNN; null for a method without one. */
  readonly resnet: ResnetConfig | null;
}

/** A method: one entry of the table in `methods.ts`. */
export interface Method<Name extends string = string> {
  /** Its name on the command line. */
  readonly name: Name;
  /** Its name in texts. */
  readonly title: string;
  /** The file that marks a model directory of this method: its choices. */
  readonly configFile: string;
  /** The file of its trained tensors; null if it has none. */
  readonly headFile: string | null;
  /**
   * The checkpoint of PyTorch in which its authors publish heads. It is read
   * where {@linkcode Method.headFile} is missing, and no code in it is run.
   *
   * @default {its authors publish none}
   */
  readonly publishedHead?: PublishedHead;
  /**
   * How its authors train the head, where that depends on the data set.
   *
   * @default {as `TrainingRules.defaults` says, on whole images}
   */
  readonly authorsTraining?: AuthorsTraining;
  /** Whether it reads the features of a ResNet too. */
  readonly usesResnet: boolean;
  /** Whether it reads CLIP's own image feature, made of the class token. */
  readonly usesImageFeature: boolean;
  /**
   * Reads the choices. Absent keys have their defaults, and keys of other
   * readers are ignored.
   *
   * @param json The parsed configuration file.
   * @param path What errors call the file.
   * @returns Every choice, as it stands in the file.
   * @throws {ModelError} If a value is not usable; one message states all.
   */
  choices(json: JsonObject, path: string): JsonObject;
  /**
   * The choices for a plain CLIP, where no file holds any.
   *
   * @default {Every choice has its default}
   */
  readonly plainChoices?: (clip: ClipConfig) => JsonObject;
  /**
   * Loads the code of its models, so that no program reads that of methods which
   * it does not run.
   */
  load(): Promise<MethodCode>;
}

/** The code of a method's models. */
export interface MethodCode {
  /**
   * Reads the choices and fits them to backbones.
   *
   * @param backbones The sizes of the frozen networks.
   * @param choices The parsed configuration file.
   * @throws {ModelError} If a value is not usable or does not fit.
   */
  fit(backbones: Backbones, choices: ChoicesFile): Architecture;
}

/** A parsed configuration file. */
export interface ChoicesFile {
  /** What it holds. */
  readonly json: JsonObject;
  /** What errors call it. */
  readonly path: string;
}

/** The two data sets of which heads are published, each for the other one. */
export type TrainingSet = "mvtec" | "visa";

/** How the authors of a method train its head. */
export interface AuthorsTraining {
  /** Share of images replaced by a mosaic of four of their category. */
  readonly mosaic: Readonly<Partial<Record<TrainingSet, number>>>;
  /**
   * How many times training sees each image.
   *
   * @default {as `TrainingRules.defaults` says}
   */
  readonly epochs?: Readonly<Partial<Record<TrainingSet, number>>>;
  /**
   * What a head that is trained here has not seen, in a sentence.
   *
   * @default {nothing is missing}
   */
  readonly lacks?: string;
}

/** A head as its authors publish it. */
export interface PublishedHead {
  /** The file beside the choices. */
  readonly file: string;
  /**
   * Loads how it is read.
   *
   * @default {as the project's own head, with any CLIP of the same sizes}
   */
  readonly rules?: () => Promise<PublishedRules>;
}

/** How a head is read that authors published. */
export interface PublishedRules {
  /** Gives its tensors the names of {@linkcode Architecture.headShapes}. */
  readonly renamePublished: (published: Weights) => Weights;
  /**
   * Checks that it was trained on this CLIP, where the file tells.
   *
   * @param clip CLIP's tensors.
   * @throws {ModelError} If it was trained on another one.
   * @default {any CLIP of the same sizes is taken}
   */
  readonly checkPublished?: (
    published: Weights,
    clip: ReadonlyMap<string, WeightEntry>,
  ) => Promise<void>;
}
