import {
  type Json,
  manifestPaths,
  parseManifest,
  readManifest,
  substitute,
  valuesOf,
} from "./_files.ts";

/** A command line for main.ts, and the file that has it. */
export interface CommandLine {
  readonly path: string;
  readonly args: readonly string[];
}

const KEYS = ["args", "command"];

/** Lists that start main.ts, through the image's entry point. */
function listedCommands(document: Json): string[][] {
  const lists = KEYS.flatMap((key) => [...valuesOf(document, key)])
    .filter((value) => Array.isArray(value));
  return lists.flatMap((list: string[]) => {
    const [shell, , script = ""] = list;
    return shell === "sh" ? writtenCommands(script) : [list];
  });
}

/** What a script of Bash starts: only quotes and variables are understood. */
function writtenCommands(script: string): string[][] {
  const lines = script.replaceAll(/\\\n/g, " ").split("\n");
  return lines.flatMap((line) => {
    const [, words] = /^[^#]*main\.ts (.*?)(?: &)?$/.exec(line) ?? [];
    return words === undefined ? [] : [
      substitute(words)
        .replaceAll(/\$\{\w+:-(\w+)\}/g, "$1")
        .replaceAll(/"|\$/g, "").split(/\s+/),
    ];
  });
}

/** All command lines of the manifests. */
export async function commandLines(): Promise<CommandLine[]> {
  const all: CommandLine[] = [];
  for (const path of await manifestPaths(/\.(ya?ml|json)$/)) {
    for (const document of await parseManifest(path)) {
      for (const args of listedCommands(document)) {
        // Expressions of Workflows.
        all.push({
          path,
          args: args.map((arg) => arg.replace(/^\$\{"(--\w+=).*/, "$1x")),
        });
      }
    }
  }
  for (const path of await manifestPaths(/\.(sbatch|sh)$/)) {
    for (const args of writtenCommands(await readManifest(path))) {
      all.push({ path, args });
    }
  }
  return all;
}
