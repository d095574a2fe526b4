import { temporaryFolder } from "../checkpoint/temporary.ts";
import {
  copyContext,
  execForm,
  readStages,
  type Stage,
  variablesOf,
} from "./_dockerfile.ts";

/** A container that stands in the place of one of the image's. */
export interface Container extends AsyncDisposable {
  /** A folder that is mounted. */
  readonly folder: string;
  /** Starts the entry point with arguments, none for the default. */
  start(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Deno.ChildProcess;
  /** Runs what `HEALTHCHECK` runs. */
  isHealthy(env: Readonly<Record<string, string>>): Promise<boolean>;
}

async function packagesFolder(): Promise<string> {
  const command = new Deno.Command("deno", { args: ["info", "--json"] });
  const { stdout } = await command.output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** Where every request to a registry ends. */
const OFFLINE = { HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1" };

async function environment(
  target: Stage,
  folder: string,
): Promise<Record<string, string>> {
  const HTTPS_PROXY = OFFLINE.HTTP_PROXY;
  const variables = { ...variablesOf(target), ...OFFLINE, HTTPS_PROXY };
  const DENO_DIR = await packagesFolder();
  return { ...variables, DENO_DIR, MFP_HOME: `${folder}/cache` };
}

/**
 * Puts together what the image of the CPU has: the files that .dockerignore
 * leaves, the entry point, its variables and no others. Packages come from the
 * cache that this process has, and nothing from a network.
 */
export async function makeContainer(): Promise<Container> {
  const folder = await temporaryFolder();
  const target = (await readStages()).find(({ name }) => name === "cpu")!;
  const cwd = `${folder.path}/app`;
  await Deno.mkdir(cwd);
  await copyContext(cwd);
  const variables = await environment(target, folder.path);
  const spawn = (
    [program = "", ...args]: readonly string[],
    env: Readonly<Record<string, string>>,
  ) =>
    new Deno.Command(program, {
      args,
      cwd,
      clearEnv: true,
      env: { ...variables, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  const start: Container["start"] = (args, env = {}) => {
    const given = args.length > 0 ? args : execForm(target, "CMD");
    return spawn([...execForm(target, "ENTRYPOINT"), ...given], env);
  };
  return {
    folder: folder.path,
    start,
    async isHealthy(env) {
      const check = spawn(execForm(target, "HEALTHCHECK"), env);
      return (await check.output()).success;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
