/**
 * A real Slurm for tests: one controller and one node on loopback, from
 * Debian's packages.
 *
 * @module
 */
import { whyNoPrograms } from "./debian_packages.ts";

const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol"];
const PACKAGES = ["munge", "slurmctld", "slurmd", "slurm-client"];
const READY_SECONDS = 60;

/** A running cluster. */
export interface Slurm extends AsyncDisposable {
  /** A folder of the test's own, gone with the cluster. */
  readonly folder: string;
  /**
   * Runs one of Slurm's commands, or a script of them.
   *
   * @param program Its name or path
   * @param args Its arguments
   * @param env More variables for it
   * @returns What it printed
   * @throws If it fails
   */
  run(
    program: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<string>;
}

/**
 * Whether Slurm can be started here. Where its packages are absent they are
 * installed, if that is possible.
 *
 * @returns Why not; undefined where it can
 */
export async function whyNoSlurm(): Promise<string | undefined> {
  const reason = await whyNoPrograms(PROGRAMS, PACKAGES);
  if (reason !== undefined) return reason;
  return Deno.uid() === 0 ? undefined : "slurmd is run by root only";
}

function freePorts(): readonly [number, number] {
  using one = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return [one.addr.port, other.addr.port];
}

/**
 * Two shards at a time, whatever the machine has. What is queued again starts
 * once its first credential has expired: in 10 seconds, and not in 2 minutes.
 */
function configuration(folder: string, host: string): string {
  const [controller, node] = freePorts();
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket,cred_expire=10
SlurmctldPort=${controller}
SlurmdPort=${node}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

function serve(program: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

async function startMunge(folder: string): Promise<Deno.ChildProcess> {
  const key = crypto.getRandomValues(new Uint8Array(128));
  await Deno.writeFile(`${folder}/munge.key`, key, { mode: 0o400 });
  const files = ["key-file=munge.key", "socket=munge.socket"].concat(
    ["pid-file=munge.pid", "log-file=munge.log", "seed-file=munge.seed"],
  );
  const places = files.map((text) => `--${text.replace("=", `=${folder}/`)}`);
  return serve("munged", ["--foreground", "--force", ...places]);
}

async function stop(servers: readonly Deno.ChildProcess[]): Promise<void> {
  for (const server of servers.toReversed()) {
    try {
      server.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await server.status;
  }
}

async function untilIdle(run: Slurm["run"]): Promise<void> {
  const end = Date.now() + 1000 * READY_SECONDS;
  while (Date.now() < end) {
    const state = await run("sinfo", ["--noheader", "--format=%T"])
      .catch(() => "");
    if (state.trim() === "idle") return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(
    `Cannot go on as Slurm's node must be idle within ${READY_SECONDS} seconds`,
  );
}

/**
 * Starts a cluster of one node with two processors, on free ports of loopback.
 *
 * @returns The cluster; to be disposed of
 */
export async function startSlurm(): Promise<Slurm> {
  const folder = await Deno.makeTempDir({ prefix: "slurm-" });
  await Deno.chmod(folder, 0o755);
  for (const name of ["state", "spool"]) await Deno.mkdir(`${folder}/${name}`);
  const host = Deno.hostname().replace(/\..*/, "");
  const file = `${folder}/slurm.conf`;
  await Deno.writeTextFile(file, configuration(folder, host));
  const run: Slurm["run"] = async (program, args, env = {}) => {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      env: { ...env, SLURM_CONF: file },
      stdin: "null",
    }).output();
    const [said, complaint] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    if (success) return said!;
    throw new Error(`Cannot go on as ${program} must succeed: ${complaint}`);
  };
  const servers = [
    await startMunge(folder),
    serve("slurmctld", ["-D", "-i", "-f", file]),
    serve("slurmd", ["-D", "-N", host, "-f", file]),
  ];
  const dispose = async () => {
    await stop(servers);
    await Deno.remove(folder, { recursive: true });
  };
  try {
    await untilIdle(run);
    return { folder, run, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
