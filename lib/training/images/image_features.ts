/**
 * Features of images that no trained tensor changes, computed once.
 *
 * @module
 */
import { cannotRun } from "../../detector/cannot_run.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { ModelDirectory } from "../../methods/model_directory.ts";
import type { ImageFeatures } from "../../methods/training_rules.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { OnnxSession, type Provider } from "../../onnx/session.ts";
import { float32 } from "../../onnx/tensor.ts";
import { weightsFolder } from "../../onnx/weights_folder.ts";
import type { NamedArrays } from "../optimiser.ts";

/** Options of {@linkcode KeptFeatures.open}. */
export interface KeptFeaturesOptions {
  /** Where to run. */
  readonly provider: Provider;
  /** Threads within one operator. */
  readonly threads: number;
  /** Bytes of features to keep; those of other images are computed again. */
  readonly cacheBytes: number;
}

/** The features of each image, computed once as far as memory allows. */
export class KeptFeatures implements AsyncDisposable {
  readonly #model: ModelDirectory;
  readonly #names: readonly string[];
  readonly #session: OnnxSession;
  readonly #kept = new Map<number, NamedArrays>();
  #room: number;

  private constructor(
    model: ModelDirectory,
    { names, session, room }: {
      readonly names: readonly string[];
      readonly session: OnnxSession;
      readonly room: number;
    },
  ) {
    this.#model = model;
    this.#names = names;
    this.#session = session;
    this.#room = room;
  }

  /**
   * Loads what computes the features.
   *
   * @throws {ModelError} If the model or the provider cannot be used.
   */
  static async open(
    model: ModelDirectory,
    image: ImageFeatures,
    { provider, threads, cacheBytes: room }: KeptFeaturesOptions,
  ): Promise<KeptFeatures> {
    const { path, weights } = model;
    const folder = await weightsFolder(
      [...weights.values()].map(({ file }) => file),
    );
    const g = new GraphBuilder();
    const outputs = Object.entries(image.record(g)).map(([name, value]) =>
      [name, g.cast(value, "wide")] as const
    );
    const bytes = encodeOnnx(g.build(Object.fromEntries(outputs)), {
      precision: "f32",
      weight: (name) => weights.get(name)!,
      locate: folder.locate,
      batch: 1,
    });
    const options = { weightsFolder: folder.path, provider, threads };
    const session = await OnnxSession.create(bytes, options)
      .catch((error) => cannotRun(path, provider, error));
    const names = [...image.shapes.keys()];
    return new KeptFeatures(model, { names, session, room });
  }

  /**
   * The features of an image.
   *
   * @param index Its number in the training set.
   * @param pixels RGB bytes [H, H, 3].
   * @throws {SessionError} If onnxruntime fails.
   */
  async of(index: number, pixels: Uint8Array): Promise<NamedArrays> {
    const earlier = this.#kept.get(index);
    if (earlier !== undefined) return earlier;
    const { imageSize } = this.#model.architecture;
    const shape = [1, imageSize, imageSize, 3];
    const rgb = { type: "uint8", shape, data: pixels } as const;
    const { outputs } = await this.#session.run({ rgb });
    const found = new Map(
      this.#names.map((name) => [name, float32(outputs, name)]),
    );
    const bytes = [...found.values()].reduce((n, x) => n + x.byteLength, 0);
    if (bytes <= this.#room) {
      this.#room -= bytes;
      this.#kept.set(index, found);
    }
    return found;
  }

  /** Frees the session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#session.close();
  }
}
