/**
 * From what a user calls a model to its directory.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { importLate } from "../async/import_late.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import { statIfThere } from "../files/is_there.ts";
import { nearest } from "../nearest.ts";

/** Options of {@linkcode findModel}. */
export interface FindModelOptions {
  /**
   * The cache, in which `download` keeps models. Without it, only models that
   * come with the package are found by name.
   */
  readonly cacheFolder?: string | undefined;
  /**
   * The folder of the models that come with the package, and of registry.json.
   *
   * @default {models/ of this package}
   */
  readonly models?: URL | undefined;
}

/** The folder models/ beside lib/, wherever this package lies. */
const MODELS = new URL("../../models/", import.meta.url);

/** What may be the name of a model; everything else is a path. */
const NAME = /^\w[\w.-]*$/;

/** What is a URL; a drive of Windows has one letter. */
const ADDRESS = /^[a-z][a-z0-9+.-]+:\/\//i;

function cannotFind(model: string | URL, reason: string): never {
  throw new ModelError(`Cannot find the model ${model} as ${reason}`);
}

async function isFolder(path: string): Promise<boolean> {
  return (await statIfThere(path))?.isDirectory ?? false;
}

/** Names of the folders in a folder; none where it may not be read. */
async function foldersIn(path: string): Promise<string[]> {
  const { state } = await Deno.permissions.query({ name: "read", path });
  if (state !== "granted" || !await isFolder(path)) return [];
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.flatMap(({ name, isFile }) => isFile ? [] : [name]);
}

/** Refuses a model that is nowhere, and suggests one with a similar name. */
function refuse(model: string, guess: string | undefined): never {
  cannotFind(
    model,
    "it must be nano, a downloaded model, or a model directory" +
      (guess === undefined ? "" : `: did you mean ${guess}`),
  );
}

async function folderAt(path: string): Promise<string> {
  if (await isFolder(path)) return path;
  const parent = dirname(path);
  const guess = nearest(basename(path), await foldersIn(parent));
  refuse(path, guess === undefined ? undefined : join(parent, guess));
}

function pathOf(model: URL): string {
  if (model.protocol !== "file:") {
    cannotFind(model, "its files must lie on the local disk");
  }
  return fileURLToPath(model).replace(/[\\/]$/, "");
}

/** Where the models of this package lie on the local disk. */
function localModels(name: string, models: URL): string {
  if (models.protocol === "file:") return fileURLToPath(models);
  cannotFind(
    name,
    `this package was loaded from ${models.origin} and its models must lie ` +
      `on the local disk: give the path of a model directory, or name a ` +
      `local copy of the package under "links" in deno.json`,
  );
}

/** Explains where the files of a registered model are missing. */
function refuseDownload(name: string, folder: string | undefined): never {
  cannotFind(
    name,
    (folder === undefined
      ? "no cache folder is given in which it could lie"
      : `it is not, or not wholly, in ${folder}`) +
      `: deno task download ${name} downloads it`,
  );
}

async function modelNamed(
  name: string,
  { cacheFolder, models = MODELS }: FindModelOptions,
): Promise<string> {
  const embedded = join(localModels(name, models), name);
  if (await isFolder(embedded)) return embedded;
  const address = new URL("./registered_model.ts", import.meta.url);
  const { registeredModel } = await importLate<
    typeof import("./registered_model.ts")
  >(address);
  const registry = join(dirname(embedded), "registry.json");
  const { isRegistered, folder, isInstalled, names } = await registeredModel(
    name,
    registry,
    cacheFolder,
  );
  if (isInstalled) return folder!;
  if (await isFolder(name)) return name;
  if (isRegistered) refuseDownload(name, folder);
  refuse(name, nearest(name, [...names, ...await foldersIn(".")]));
}

/**
 * Finds the directory of a model.
 *
 * A name is looked for among the models that come with the package, among those
 * that are downloaded, and then as a folder of the working directory. Anything
 * that is no plain word, such as `./nano`, is a path.
 *
 * @param model A name, the path of a model directory, or its file: URL.
 * @throws {ModelError} If there is no such directory; the message says what to
 * do.
 */
export async function findModel(
  model: string | URL,
  options: FindModelOptions = {},
): Promise<string> {
  if (model instanceof URL) return await folderAt(pathOf(model));
  if (ADDRESS.test(model)) return await folderAt(pathOf(new URL(model)));
  if (!NAME.test(model)) return await folderAt(model);
  return await modelNamed(model, options);
}
