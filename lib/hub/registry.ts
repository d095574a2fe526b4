/**
 * The models that can be had by name, from models/registry.json.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import {
  isJsonObject,
  type JsonObject,
  readJsonObject,
} from "../checkpoint/json_file.ts";
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

/** Notes what is wrong with a registry, all at once. */
class Problems {
  readonly all: string[] = [];

  note(where: string, wanted: string, value: unknown): void {
    this.all.push(
      `${where} must be ${wanted}: current value is ${JSON.stringify(value)}`,
    );
  }

  text(object: JsonObject, key: string, where: string): string {
    const value = object[key];
    if (typeof value === "string" && value !== "") return value;
    this.note(`${where}.${key}`, "a text", value);
    return "";
  }

  object(value: unknown, where: string): JsonObject {
    if (isJsonObject(value)) return value;
    this.note(where, "an object", value);
    return {};
  }
}

function isSafePath(path: string): boolean {
  return path.split("/").every((part) => /^(?!\.)[\w.-]+$/.test(part));
}

function isAddress(url: string): boolean {
  return URL.parse(url)?.protocol === "https:";
}

function expectationOf(
  { size, sha256 }: JsonObject,
  where: string,
  problems: Problems,
): Expectation {
  const isSize = Number.isSafeInteger(size) && (size as number) > 0;
  if (size !== undefined && !isSize) {
    problems.note(`${where}.size`, "a number of bytes", size);
  }
  const isHash = typeof sha256 === "string" &&
    /^[0-9a-f]{8,64}$/.test(sha256);
  if (sha256 !== undefined && !isHash) {
    problems.note(`${where}.sha256`, "8 to 64 hexadecimal digits", sha256);
  }
  return { ...isSize && { size }, ...isHash && { sha256 } } as Expectation;
}

function fileOf(
  path: string,
  value: unknown,
  at: { readonly where: string; readonly problems: Problems },
): RemoteFile {
  const { problems } = at;
  const where = `${at.where}.files["${path}"]`;
  const object = problems.object(value, where);
  const url = problems.text(object, "url", where);
  if (url !== "" && !isAddress(url)) {
    problems.note(`${where}.url`, "an address with https", url);
  }
  if (!isSafePath(path)) {
    problems.note(where, "at a path below the model", path);
  }
  return { path, url, expected: expectationOf(object, where, problems) };
}

function modelOf(
  name: string,
  value: unknown,
  problems: Problems,
): RegistryModel {
  const object = problems.object(value, name);
  const description = problems.text(object, "description", name);
  const licence = problems.text(object, "licence", name);
  const isEmbedded = typeof object.path === "string";
  const files = problems.object(object.files, `${name}.files`);
  const activation = object.activation === undefined
    ? undefined
    : problems.text(object, "activation", name);
  return {
    name,
    description,
    licence,
    activation,
    mfpClip: isEmbedded
      ? {}
      : problems.object(object.mfp_clip, `${name}.mfp_clip`),
    files: isEmbedded
      ? []
      : Object.entries(files).map(([path, file]) =>
        fileOf(path, file, { where: name, problems })
      ),
  };
}

/**
 * Reads the models from a parsed registry.json. A model with a `path` comes
 * with the program.
 *
 * @param json The parsed file.
 * @param path What errors call the file.
 * @returns The models by name, in the order of the file.
 * @throws {ModelError} If any entry is not valid; the one message says all.
 */
export function parseRegistry(
  json: JsonObject,
  path: string,
): ReadonlyMap<string, RegistryModel> {
  const problems = new Problems();
  const models = Object.entries(json).map(([name, value]) =>
    [name, modelOf(name, value, problems)] as const
  );
  if (problems.all.length > 0) cannotLoad(path, problems.all.join(", "));
  return new Map(models);
}

/**
 * Reads registry.json.
 *
 * @param path The file.
 * @returns The models by name, in the order of the file.
 * @throws {ModelError} If the file is missing or not valid.
 */
export async function readRegistry(
  path: string,
): Promise<ReadonlyMap<string, RegistryModel>> {
  return parseRegistry(await readJsonObject(path), path);
}
