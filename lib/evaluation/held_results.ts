/**
 * The folders that one evaluation, or one comparison of models, writes to and
 * clears, while no other run does.
 *
 * @module
 */
import { HeldFolder } from "../files/held_folder.ts";
import { isThere } from "../files/is_there.ts";
import { type ComparedFolder, readComparison } from "./compared_folders.ts";

/** A folder for results, with those of the models that are compared in it. */
export class HeldResults implements AsyncDisposable {
  /** The folder. */
  readonly folder: HeldFolder;
  readonly #models: ReadonlyMap<string, HeldFolder>;
  readonly #all: AsyncDisposableStack;

  private constructor(
    folder: HeldFolder,
    models: ReadonlyMap<string, HeldFolder>,
    all: AsyncDisposableStack,
  ) {
    this.folder = folder;
    this.#models = models;
    this.#all = all;
  }

  /**
   * Takes a folder, those of the models, and those of an earlier comparison,
   * whose results a run removes. Nothing in them changes.
   *
   * @param models The models to compare; none for results of one model.
   * @throws {FolderInUseError} If another run writes to one of them.
   */
  static async hold(
    path: string,
    models: readonly ComparedFolder[] = [],
  ): Promise<HeldResults> {
    await using all = new AsyncDisposableStack();
    const folder = all.use(await HeldFolder.hold(path));
    const held = new Map<string, HeldFolder>();
    const hold = async (name: string) =>
      void held.set(name, all.use(await HeldFolder.hold(`${path}/${name}`)));
    for (const { folder: name } of models) await hold(name);
    for (const { folder: name } of await readComparison(path)) {
      if (held.has(name) || !await isThere(`${path}/${name}`)) continue;
      await hold(name);
    }
    return new HeldResults(folder, held, all.move());
  }

  /** The folder of a model. */
  of(name: string): HeldFolder {
    return this.#models.get(name)!;
  }

  /** Lets all of them go. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#all.disposeAsync();
  }
}
