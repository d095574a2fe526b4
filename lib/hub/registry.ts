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
import type { Method } from "../methods/method.ts";
import { METHODS } from "../methods/methods.ts";
import type { Expectation } from "./transfer/expectation.ts";

/** A file that can be downloaded. */
export interface RemoteFile {
  /** Its path below the folder it belongs to. */
  readonly path: string;
  /** Its address. */
  readonly url: string;
  /** Its size and hash, as far as they are published. */
  readonly expected: Expectation;
  /**
   * The page from which people get it by hand, where that is another way.
   *
   * @default {there is none}
   */
  readonly page?: string | undefined;
  /**
   * The first digits of its id in git, where no other hash is published.
   *
   * @default {not known}
   */
  readonly gitBlob?: string | undefined;
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
  /** Its method. */
  readonly method: Method;
  /** Choices of the method besides the defaults. */
  readonly choices: JsonObject;
  /** CLIP's config.json, where none is published. */
  readonly clipConfig: JsonObject | undefined;
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
  page: text.refine(isAddress, "an address with https").optional(),
  size: z.int("a number of bytes").positive("a number of bytes").optional(),
  sha256: z.string("8 to 64 hexadecimal digits")
    .regex(/^[0-9a-f]{8,64}$/, "8 to 64 hexadecimal digits").optional(),
  git_blob: z.string("7 to 40 hexadecimal digits")
    .regex(/^[0-9a-f]{7,40}$/, "7 to 40 hexadecimal digits").optional(),
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
});

const JSON_OBJECT = z.record(z.string(), z.unknown(), object);

const DOWNLOADED = MODEL.extend({
  clip_config: JSON_OBJECT.optional(),
  files: z.record(
    z.string().refine(isSafePath, "at a path below the model"),
    FILE,
    object,
  ),
});

/** `mfp_clip` for `mfp_clip.json`: what an entry calls a method's choices. */
export function choicesKey({ configFile }: Method): string {
  return configFile.replace(/\.json$/, "");
}

/** The choices of one method stand in an entry, under the name of its file. */
function methodOf(value: unknown): Method {
  const isNamed = (method: Method) =>
    isJsonObject(value) && choicesKey(method) in value;
  return METHODS.find(isNamed) ?? METHODS[0];
}

type Entry = z.infer<typeof EMBEDDED> | z.infer<typeof DOWNLOADED>;

function isEmbedded(value: unknown): boolean {
  return isJsonObject(value) && "path" in value;
}

interface Parsed {
  readonly model: RegistryModel | undefined;
  readonly problems: readonly string[];
}

/** The choices of an entry's method; those of what is embedded lie with it. */
function choicesOf(name: string, value: unknown) {
  if (isEmbedded(value) || !isJsonObject(value)) {
    return { data: {}, problems: [] };
  }
  const key = choicesKey(methodOf(value));
  const { data, problems } = checkSchema(
    z.object({ [key]: JSON_OBJECT }),
    value,
    name,
  );
  return { data: data?.[key], problems };
}

function toFile(
  path: string,
  { url, page, git_blob: gitBlob, ...known }: z.infer<typeof FILE>,
): RemoteFile {
  return {
    path,
    url,
    expected: known as Expectation,
    ...page !== undefined && { page },
    ...gitBlob !== undefined && { gitBlob },
  };
}

function parseEntry(name: string, value: unknown): Parsed {
  const schema = isEmbedded(value) ? EMBEDDED : DOWNLOADED;
  const entry = checkSchema<Entry>(schema, value, name);
  const choices = choicesOf(name, value);
  const problems = [...entry.problems, ...choices.problems];
  if (problems.length > 0) return { model: undefined, problems };
  const { description, licence, activation, files } = entry.data!;
  const model = {
    name,
    description,
    licence,
    activation,
    method: methodOf(value),
    choices: choices.data!,
    clipConfig: "clip_config" in entry.data!
      ? entry.data.clip_config
      : undefined,
    files: Object.entries(files).map(([path, file]) => toFile(path, file)),
  };
  return { model, problems };
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
  const entries = Object.entries(json).map(([name, value]) =>
    parseEntry(name, value)
  );
  const problems = entries.flatMap((entry) => entry.problems);
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
  return new Map(entries.map(({ model }) => [model!.name, model!]));
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
