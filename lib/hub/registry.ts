/**
 * The models that have a name, from models/registry.json.
 *
 * @module
 */
import { z } from "zod";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import {
  isJsonObject,
  type JsonObject,
  readJsonObject,
} from "../checkpoint/json_file.ts";
import { checkSchema } from "../checkpoint/schema_problems.ts";
import type { Expectation } from "./transfer/expectation.ts";

/** A file that can be downloaded. */
export interface RemoteFile {
  /** Its path below the folder it belongs to. */
  readonly path: string;
  /** Its address. */
  readonly url: string;
  /** Its size and hash, as far as they are published. */
  readonly expected: Expectation;
}

/** A model that can be downloaded. */
export interface RegistryModel {
  /** Its name on the command line. */
  readonly name: string;
  /** What it is, in a line. */
  readonly description: string;
  /** Under which licences its files are. */
  readonly licence: string;
  /** The activation that its weights need, where that is known. */
  readonly activation: string | undefined;
  /** What its mfp_clip.json says besides the defaults. */
  readonly mfpClip: JsonObject;
  /** Its files; none where it comes with the program. */
  readonly files: readonly RemoteFile[];
}

const object = { error: "an object" };

const text = z.string({ error: "a text" }).min(1, "a text");

function isSafePath(path: string): boolean {
  return path.split("/").every((part) => /^(?!\.)[\w.-]+$/.test(part));
}

function isAddress(url: string): boolean {
  return URL.parse(url)?.protocol === "https:";
}

const FILE = z.object({
  url: text.refine(isAddress, "an address with https"),
  size: z.int("a number of bytes").positive("a number of bytes").optional(),
  sha256: z.string("8 to 64 hexadecimal digits")
    .regex(/^[0-9a-f]{8,64}$/, "8 to 64 hexadecimal digits").optional(),
}, object);

const MODEL = z.object({
  description: text,
  licence: text,
  activation: text.optional(),
}, object);

/** It comes with the program: its files are recorded, not downloaded. */
const EMBEDDED = MODEL.extend({
  path: text,
  files: z.record(z.string(), z.unknown(), object)
    .transform((): Record<string, z.infer<typeof FILE>> => ({})),
  mfp_clip: z.unknown().optional().transform((): JsonObject => ({})),
});

const DOWNLOADED = MODEL.extend({
  files: z.record(
    z.string().refine(isSafePath, "at a path below the model"),
    FILE,
    object,
  ),
  mfp_clip: z.record(z.string(), z.unknown(), object),
});

function schemaOf(value: unknown): typeof EMBEDDED | typeof DOWNLOADED {
  return isJsonObject(value) && "path" in value ? EMBEDDED : DOWNLOADED;
}

type Entry = z.infer<typeof EMBEDDED> | z.infer<typeof DOWNLOADED>;

function toModel(name: string, entry: Entry): RegistryModel {
  const { description, licence, activation, mfp_clip: mfpClip } = entry;
  const files = Object.entries(entry.files).map(([path, { url, ...known }]) => (
    { path, url, expected: known as Expectation }
  ));
  return { name, description, licence, activation, mfpClip, files };
}

/**
 * Reads the models from a parsed registry.json. A model with a `path` comes
 * with the program.
 *
 * @param path What errors call the file.
 * @returns The models by name, in the order of the file.
 * @throws {ModelError} If any entry is not valid; the one message says all.
 */
export function parseRegistry(
  json: JsonObject,
  path: string,
): ReadonlyMap<string, RegistryModel> {
  const entries = Object.entries(json).map(([name, value]) => ({
    name,
    ...checkSchema<Entry>(schemaOf(value), value, name),
  }));
  const problems = entries.flatMap((entry) => entry.problems);
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
  return new Map(
    entries.map(({ name, data }) => [name, toModel(name, data!)]),
  );
}

/**
 * Reads registry.json.
 *
 * @returns The models by name, in the order of the file.
 * @throws {ModelError} If the file is missing or not valid.
 */
export async function readRegistry(
  path: string,
): Promise<ReadonlyMap<string, RegistryModel>> {
  return parseRegistry(await readJsonObject(path), path);
}
