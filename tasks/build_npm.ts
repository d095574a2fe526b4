/**
 * Builds the package for npm: the library as JavaScript with types, a layer for
 * what only Deno has, and nano.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import config from "../deno.json" with { type: "json" };
import { buildPackage } from "./npm/build_package.ts";

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { values } = parseArgs({
    args: Deno.args,
    options: { out: { type: "string", default: join(root, "out/npm") } },
  });
  const { modules, dependencies } = await buildPackage(root, {
    config,
    out: values.out,
  });
  console.log(
    `Wrote ${values.out}: ${modules} modules, ${dependencies} dependencies`,
  );
}
