/**
 * Parts of the language that Node.js 22 and 24 lack. Entries and workers import
 * this module first.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Adds a property where there is none. */
function provide(target: object, name: string, value: unknown): void {
  if (name in target) return;
  Object.defineProperty(target, name, {
    value,
    writable: true,
    configurable: true,
  });
}

function encode(bytes: Uint8Array, encoding: "hex" | "base64"): string {
  const { buffer, byteOffset, length } = bytes;
  return Buffer.from(buffer, byteOffset, length).toString(encoding);
}

provide(Uint8Array.prototype, "toHex", function (this: Uint8Array): string {
  return encode(this, "hex");
});

provide(Uint8Array.prototype, "toBase64", function (this: Uint8Array): string {
  return encode(this, "base64");
});

provide(Uint8Array, "fromBase64", (text: string): Uint8Array => {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch (error) {
    throw new SyntaxError("Cannot decode what is not base64", { cause: error });
  }
});

/** Closes what was opened, unless it was moved out of reach. */
class Stack {
  #resources: Disposable[] = [];

  use<T extends Disposable>(resource: T): T {
    this.#resources.push(resource);
    return resource;
  }

  move(): Stack {
    const stack = new Stack();
    stack.#resources = this.#resources;
    this.#resources = [];
    return stack;
  }

  [Symbol.dispose](): void {
    for (const resource of this.#resources.splice(0).reverse()) {
      resource[Symbol.dispose]();
    }
  }
}

provide(globalThis, "DisposableStack", Stack);

/** The same where closing takes time. */
class AsyncStack {
  #resources: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.#resources.push(resource);
    return resource;
  }

  move(): AsyncStack {
    const stack = new AsyncStack();
    stack.#resources = this.#resources;
    this.#resources = [];
    return stack;
  }

  async disposeAsync(): Promise<void> {
    for (const resource of this.#resources.splice(0).reverse()) {
      await resource[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disposeAsync();
  }
}

provide(globalThis, "AsyncDisposableStack", AsyncStack);
