import { ROOT } from "./_files.ts";

/** One instruction of a Dockerfile. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** One `FROM` and what follows it. */
export interface Stage {
  readonly base: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile's instructions, each in one line, `ARG`s not filled in. */
export async function readInstructions(): Promise<Instruction[]> {
  const text = await Deno.readTextFile(`${ROOT}Dockerfile`);
  return text.replaceAll(/^#.*\n/gm, "").replaceAll(/\s*\\\n\s*/g, " ")
    .split("\n").filter((line) => line.trim() !== "").map((line) => {
      const [, name = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
      return { name, text: rest };
    });
}

/** The values of `ARG`s before the first stage. */
export async function readArguments(): Promise<Record<string, string>> {
  const given = (await readInstructions()).filter(({ name }) => name === "ARG");
  return Object.fromEntries(given.map(({ text }) => text.split("=")));
}

/** The stages in order, their bases with `ARG`s filled in. */
export async function readStages(): Promise<Stage[]> {
  const values = await readArguments();
  const stages: { base: string; name: string; instructions: Instruction[] }[] =
    [];
  for (const instruction of await readInstructions()) {
    if (instruction.name === "FROM") {
      const filled = instruction.text.replaceAll(
        /\$\{(\w+)\}/g,
        (_, name: string) => values[name] ?? `no ${name}`,
      );
      const [base = "", as, name = ""] = filled.split(" ");
      if (as !== "AS") throw new Error(`A stage has no name: ${filled}`);
      stages.push({ base, name, instructions: [] });
    } else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** The last instruction of a name, as the program and arguments it lists. */
export function execForm({ instructions }: Stage, name: string): string[] {
  const found = instructions.findLast((one) => one.name === name);
  return JSON.parse(found?.text.replace(/^.*?CMD /, "") ?? "[]");
}

/** The variables that a stage sets. */
export function variablesOf({ instructions }: Stage): Record<string, string> {
  const texts = instructions.filter(({ name }) => name === "ENV")
    .flatMap(({ text }) => text.split(" "));
  return Object.fromEntries(texts.map((text) => text.split("=")));
}

/**
 * Copies what `COPY . .` would: .dockerignore excludes all but names at the
 * top level.
 */
export async function copyContext(to: string): Promise<void> {
  const text = await Deno.readTextFile(`${ROOT}.dockerignore`);
  const [first, ...rest] = text.trim().split("\n");
  const kept = rest.map((line) => /^!([\w.]+)$/.exec(line)?.[1]);
  if (first !== "*" || kept.includes(undefined)) {
    throw new Error(".dockerignore is not of the form that is read here");
  }
  for (const name of kept as string[]) {
    await copy(`${ROOT}${name}`, `${to}/${name}`);
  }
}

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copy(`${from}/${name}`, `${to}/${name}`);
  }
}
