/**
 * The package.json of the npm package.
 *
 * @module
 */

/** The part of deno.json that the package repeats. */
export interface ProjectConfig {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Its licence. */
  readonly license: string;
  /** Entry -> module. */
  readonly exports: Readonly<Record<string, string>>;
  /** Name of a package -> `npm:NAME@VERSION`. */
  readonly imports: Readonly<Record<string, string>>;
  /**
   * The same for packages that not all verbs need, below the folder `./`.
   *
   * @default {none}
   */
  readonly scopes?: { readonly "./": Readonly<Record<string, string>> };
}

/** An entry of the package. */
interface PackageEntry {
  readonly types: string;
  readonly default: string;
}

/** What package.json holds. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly type: "module";
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, PackageEntry>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** `@scope/name/sub` -> `@scope/name`, `name/sub` -> `name`. */
function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

/** `npm:NAME@VERSION` -> VERSION. */
function versionOf(
  name: string,
  pins: Readonly<Record<string, string>>,
): string {
  const target = pins[name];
  if (target?.startsWith(`npm:${name}@`)) {
    return target.slice(`npm:${name}@`.length);
  }
  throw new TypeError(
    `Cannot depend on ${name} as deno.json must pin it: current value is ` +
      `${target}`,
  );
}

/**
 * Writes the package.json of a project.
 *
 * @param config The project's deno.json.
 * @param specifiers What its modules import from packages.
 */
export function manifest(
  config: ProjectConfig,
  specifiers: Iterable<string>,
): PackageJson {
  const { name, version, license, exports, imports, scopes } = config;
  const pins = { ...scopes?.["./"], ...imports };
  const used = [...specifiers].filter((path) => !path.startsWith("node:"))
    .map(packageOf);
  // Declarations of packages that have none of their own.
  const typed = used.map((path) => `@types/${path}`)
    .filter((path) => path in pins);
  const names = [...new Set([...used, ...typed])].sort();
  return {
    name,
    version,
    description: "Zero-shot detection of anomalies in industrial images",
    license,
    type: "module",
    engines: { node: ">=22" },
    exports: Object.fromEntries(
      Object.entries(exports).map(([entry, path]) => {
        const stem = path.replace(/\.ts$/, "");
        return [entry, { types: `${stem}.d.ts`, default: `${stem}.js` }];
      }),
    ),
    dependencies: Object.fromEntries(
      names.map((path) => [path, versionOf(path, pins)]),
    ),
  };
}
