/**
 * The instructions of the pickle language that checkpoints are written in:
 * those of protocols 2 to 4 that build plain values.
 *
 * @module
 */
import type { PickleMachine } from "./pytorch_pickle.ts";
import {
  PickleClass,
  PickleFunction,
  PickleRecord,
  type PickleValue,
} from "./pytorch_values.ts";

type Instruction = (machine: PickleMachine) => void;

const HIGHEST_PROTOCOL = 5;

function protocol({ reader }: PickleMachine): void {
  const version = reader.uint8();
  if (version > HIGHEST_PROTOCOL) reader.fail(`has protocol ${version}`);
}

/** Pushes what is read. */
function literal(
  read: (reader: PickleMachine["reader"]) => PickleValue,
): Instruction {
  return (machine) => machine.push(read(machine.reader));
}

function tuple(count: number): Instruction {
  return (machine) => machine.push(machine.popMany(count));
}

function append(machine: PickleMachine, items: readonly PickleValue[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) machine.reader.fail("appends to what is no list");
  for (const item of items) list.push(item);
}

function setItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const dict = machine.top();
  if (!(dict instanceof Map) || items.length % 2 !== 0) {
    machine.reader.fail("sets items of what is no dict");
  }
  for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
}

function store(index: (machine: PickleMachine) => number): Instruction {
  return (machine) => machine.memo.set(index(machine), machine.top());
}

function recall(index: (machine: PickleMachine) => number): Instruction {
  return (machine: PickleMachine) => {
    const value = machine.memo.get(index(machine));
    if (value === undefined) {
      return machine.reader.fail("recalls what it never stored");
    }
    machine.push(value);
  };
}

function nameOfLines({ reader, names }: PickleMachine): PickleValue {
  const module = reader.line();
  return names.find(module, reader.line());
}

function nameOfStack(machine: PickleMachine): void {
  const [module, name] = machine.popMany(2);
  if (typeof module !== "string" || typeof name !== "string") {
    machine.reader.fail("asks for what has no name");
  }
  machine.push(machine.names.find(module, name));
}

function call(machine: PickleMachine): void {
  const [callee, args] = machine.popMany(2);
  if (!(callee instanceof PickleFunction) || !Array.isArray(args)) {
    machine.reader.fail("calls what is no function");
  }
  machine.push(callee.call(args));
}

function instantiate(machine: PickleMachine): void {
  const [type] = machine.popMany(2);
  if (!(type instanceof PickleClass)) {
    machine.reader.fail("makes an instance of what is no class");
  }
  machine.push(new PickleRecord());
}

/** Sets fields; what an OrderedDict has beside its items is not kept. */
function build(machine: PickleMachine): void {
  const state = machine.pop();
  const object = machine.top();
  if (object instanceof Map && state instanceof Map) return;
  if (!(object instanceof PickleRecord) || !(state instanceof Map)) {
    machine.reader.fail("sets fields of what has none");
  }
  object.fields = state;
}

/** Instruction by the name that pickletools gives it. */
const INSTRUCTIONS: Readonly<Record<string, readonly [number, Instruction]>> = {
  PROTO: [0x80, protocol],
  FRAME: [0x95, ({ reader }) => void reader.uint64()],
  MARK: [0x28, (machine) => machine.mark()],
  NONE: [0x4e, literal(() => null)],
  NEWTRUE: [0x88, literal(() => true)],
  NEWFALSE: [0x89, literal(() => false)],
  BININT: [0x4a, literal((reader) => reader.int32())],
  BININT1: [0x4b, literal((reader) => reader.uint8())],
  BININT2: [0x4d, literal((reader) => reader.uint16())],
  LONG1: [0x8a, literal((reader) => reader.integer(reader.uint8()))],
  BINFLOAT: [0x47, literal((reader) => reader.float64())],
  BINSTRING: [0x54, literal((reader) => reader.text(reader.uint32()))],
  SHORT_BINSTRING: [0x55, literal((reader) => reader.text(reader.uint8()))],
  BINUNICODE: [0x58, literal((reader) => reader.text(reader.uint32()))],
  SHORT_BINUNICODE: [0x8c, literal((reader) => reader.text(reader.uint8()))],
  BINUNICODE8: [0x8d, literal((reader) => reader.text(reader.uint64()))],
  BINBYTES: [0x42, literal((reader) => reader.bytes(reader.uint32()))],
  SHORT_BINBYTES: [0x43, literal((reader) => reader.bytes(reader.uint8()))],
  BINBYTES8: [0x8e, literal((reader) => reader.bytes(reader.uint64()))],
  EMPTY_LIST: [0x5d, literal(() => [])],
  EMPTY_TUPLE: [0x29, literal(() => [])],
  EMPTY_DICT: [0x7d, literal(() => new Map())],
  TUPLE: [0x74, (machine) => machine.push(machine.popToMark())],
  TUPLE1: [0x85, tuple(1)],
  TUPLE2: [0x86, tuple(2)],
  TUPLE3: [0x87, tuple(3)],
  APPEND: [0x61, (machine) => append(machine, machine.popMany(1))],
  APPENDS: [0x65, (machine) => append(machine, machine.popToMark())],
  SETITEM: [0x73, (machine) => setItems(machine, machine.popMany(2))],
  SETITEMS: [0x75, (machine) => setItems(machine, machine.popToMark())],
  BINPUT: [0x71, store(({ reader }) => reader.uint8())],
  LONG_BINPUT: [0x72, store(({ reader }) => reader.uint32())],
  MEMOIZE: [0x94, store(({ memo }) => memo.size)],
  BINGET: [0x68, recall(({ reader }) => reader.uint8())],
  LONG_BINGET: [0x6a, recall(({ reader }) => reader.uint32())],
  GLOBAL: [0x63, (machine) => machine.push(nameOfLines(machine))],
  STACK_GLOBAL: [0x93, nameOfStack],
  INST: [0x69, (machine) => {
    nameOfLines(machine);
    machine.reader.fail("makes an instance in a way that no checkpoint does");
  }],
  REDUCE: [0x52, call],
  NEWOBJ: [0x81, instantiate],
  BUILD: [0x62, build],
  BINPERSID: [0x51, (machine) => {
    machine.push(machine.names.load(machine.pop()));
  }],
};

/** What each instruction does, by its code. */
export const OPCODES: ReadonlyMap<number, Instruction> = new Map(
  Object.values(INSTRUCTIONS),
);
