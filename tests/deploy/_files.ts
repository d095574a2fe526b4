import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";

/** The folder of the project. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** What stands for the placeholders in tests. */
export const VALUES: Readonly<Record<string, string>> = {
  AWS_REGION: "eu-central-1",
  DATA: "s3://archive/images/",
  IMAGE: "registry.example.com/mfp-clip:gpu",
  IMAGE_CPU: "registry.example.com/mfp-clip:cpu",
  MODEL_ID: "1234",
  OUT: "s3://results/",
  PROJECT: "example",
  REGION: "europe-west4",
  ROLE_ARN: "arn:aws:iam::123456789012:role/mfp-clip",
  RUN: "20261124",
  SERVICE_ACCOUNT: "mfp-clip@example.iam.gserviceaccount.com",
  SHARDS: "8",
};

/** What `envsubst` makes of a text. */
export function substitute(text: string): string {
  return text.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = VALUES[name];
    if (value === undefined) throw new Error(`There is no value for ${name}`);
    return value;
  });
}

/** Paths below tasks/deploy of all files there with an ending. */
export async function manifestPaths(ending: RegExp): Promise<string[]> {
  const paths: string[] = [];
  const folder = `${ROOT}tasks/deploy`;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    for await (const file of Deno.readDir(`${folder}/${name}`)) {
      if (ending.test(file.name)) paths.push(`${name}/${file.name}`);
    }
  }
  return paths.sort();
}

/** A file below tasks/deploy as it is. */
export function readManifest(path: string): Promise<string> {
  return Deno.readTextFile(`${ROOT}tasks/deploy/${path}`);
}

/** The documents of a file below tasks/deploy, placeholders filled in. */
export async function parseManifest(path: string): Promise<Json[]> {
  const text = substitute(await readManifest(path));
  if (path.endsWith(".json")) return [JSON.parse(text)];
  return loadAll(text) as Json[];
}

/** What lies at a path of keys. */
export function at(
  value: unknown,
  ...path: readonly (string | number)[]
): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown>)?.[key],
    value,
  );
}

/** All values that a key has, however deep. */
export function* valuesOf(value: unknown, key: string): Generator<unknown> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === key) yield inner;
    yield* valuesOf(inner, key);
  }
}
