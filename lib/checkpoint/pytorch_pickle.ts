/**
 * Interprets the part of the pickle language that checkpoints are written in.
 *
 * A pickle is a program for a stack machine. Only the instructions that build
 * numbers, strings, lists and dicts are known here. A name is looked up in a
 * table of the caller, never in a module, so no code of a file is ever run.
 *
 * @see {@link https://github.com/python/cpython/blob/main/Lib/pickletools.py}
 *
 * @module
 */
import { PickleReader } from "./pytorch_reader.ts";
import { OPCODES } from "./pytorch_opcodes.ts";
import type { PickleValue } from "./pytorch_values.ts";

/** More values than the pickle of any checkpoint puts on its stack. */
const MAX_OBJECTS = 1_000_000;

/** The instruction that ends a pickle. */
const STOP = 0x2e;

/** What names and persistent ids of a pickle stand for. */
export interface PickleNames {
  /** Finds what is called `module.name`, or throws if it is not allowed. */
  find(module: string, name: string): PickleValue;
  /** Finds what a persistent id stands for. */
  load(id: PickleValue): PickleValue;
}

/** The stack machine. */
export class PickleMachine {
  /** The program. */
  readonly reader: PickleReader;
  /** What names stand for. */
  readonly names: PickleNames;
  /** Values that the program stored to use again. */
  readonly memo: Map<number, PickleValue> = new Map();
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  #objects = 0;

  constructor(reader: PickleReader, names: PickleNames) {
    this.reader = reader;
    this.names = names;
  }

  /** Puts a value on top. */
  push(value: PickleValue): void {
    if (typeof value === "object") this.#objects++;
    if (this.#objects > MAX_OBJECTS) {
      this.reader.fail(`has more than ${MAX_OBJECTS} objects`);
    }
    this.#stack.push(value);
  }

  /** Takes the top. */
  pop(): PickleValue {
    const value = this.top();
    this.#stack.length--;
    return value;
  }

  /** The top. */
  top(): PickleValue {
    const value = this.#stack.at(-1);
    if (
      value === undefined || this.#stack.length <= (this.#marks.at(-1) ?? 0)
    ) {
      this.reader.fail("takes from an empty stack");
    }
    return value;
  }

  /** Takes so many values, in the order they were put. */
  popMany(count: number): PickleValue[] {
    const values = Array.from({ length: count }, () => this.pop());
    return values.reverse();
  }

  /** Remembers this height of the stack. */
  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Takes all that was put since the last mark. */
  popToMark(): PickleValue[] {
    const height = this.#marks.pop();
    if (height === undefined) this.reader.fail("has no mark to go back to");
    return this.#stack.splice(height);
  }
}

/**
 * Interprets a pickle.
 *
 * @param options.path What errors call the file.
 * @param options.names What its names stand for.
 * @throws {ModelError} If it is malformed, or asks for what it may not have.
 */
export function unpickle(
  bytes: Uint8Array,
  { path, names }: { readonly path: string; readonly names: PickleNames },
): PickleValue {
  const reader: PickleReader = new PickleReader(bytes, path);
  const machine = new PickleMachine(reader, names);
  for (;;) {
    if (reader.left === 0) reader.fail("ends before its end");
    const opcode = reader.uint8();
    if (opcode === STOP) return machine.pop();
    const run = OPCODES.get(opcode);
    if (run === undefined) {
      const code = opcode.toString(16).padStart(2, "0");
      reader.fail(`has the instruction 0x${code}, which no checkpoint has`);
    }
    run(machine);
  }
}
