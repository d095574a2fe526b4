/**
 * A store that fails as it is told.
 *
 * @module
 */
import {
  type ObjectInfo,
  type ObjectStore,
  StorageError,
  type StorageFailure,
} from "../../lib/storage/object_store.ts";

/** Where it claims to be, which nobody should be told. */
export const SECRET = "s3://secret-bucket/deep/";

/** Fails in everything but, where it is told so, in telling what is there. */
export class FailingStore implements ObjectStore {
  readonly uri: string = SECRET;
  readonly #failure: StorageFailure;
  readonly #isEmpty: boolean;

  constructor(
    failure: StorageFailure,
    { isEmpty = false }: { isEmpty?: boolean } = {},
  ) {
    this.#failure = failure;
    this.#isEmpty = isEmpty;
  }

  #fail(): Promise<never> {
    const message = `Cannot use ${SECRET}key as it fails`;
    return Promise.reject(new StorageError(message, this.#failure));
  }

  read(): Promise<never> {
    return this.#fail();
  }

  stream(): Promise<never> {
    return this.#fail();
  }

  head(): Promise<null> {
    return this.#isEmpty ? Promise.resolve(null) : this.#fail();
  }

  async *list(): AsyncGenerator<ObjectInfo> {
    if (!this.#isEmpty) yield await this.#fail();
  }

  create(): Promise<never> {
    return this.#fail();
  }

  put(): Promise<never> {
    return this.#fail();
  }

  delete(): Promise<never> {
    return this.#fail();
  }
}
