import assert from "node:assert/strict";
import { EXIT } from "../../tasks/cli/exit.ts";
import { at, type Json, parseManifest, VALUES, valuesOf } from "./_files.ts";

const COUNT = Number(VALUES["SHARDS"]);

/** Fields of the API that the manifests use: others would be misspelt. */
const FIELDS: ReadonlySet<string> = new Set([
  ..."apiVersion kind metadata name labels spec schedule timeZone".split(" "),
  ..."concurrencyPolicy startingDeadlineSeconds jobTemplate".split(" "),
  ..."completionMode completions parallelism backoffLimitPerIndex".split(" "),
  ..."backoffLimit activeDeadlineSeconds ttlSecondsAfterFinished".split(" "),
  ..."podFailurePolicy rules action onExitCodes containerName".split(" "),
  ..."operator values onPodConditions type template restartPolicy".split(" "),
  ..."terminationGracePeriodSeconds securityContext runAsNonRoot".split(" "),
  ..."seccompProfile containers image args command env value".split(" "),
  ..."valueFrom fieldRef fieldPath envFrom secretRef resources".split(" "),
  ..."requests limits cpu memory allowPrivilegeEscalation".split(" "),
  ..."readOnlyRootFilesystem capabilities drop volumeMounts".split(" "),
  ..."mountPath volumes emptyDir".split(" "),
]);

const FREE = ["nvidia.com/gpu", "app.kubernetes.io/name"];

/** The Jobs of a file: as they are, and as their CronJobs make them. */
async function jobsOf(path: string): Promise<Json[]> {
  const documents = await parseManifest(path);
  return documents.map((document) =>
    (at(document, "spec", "jobTemplate") ?? document) as Json
  );
}

async function allJobs(): Promise<Json[]> {
  const paths = ["kubernetes/job.yaml", "kubernetes/cron_job.yaml"];
  return (await Promise.all(paths.map(jobsOf))).flat();
}

function pod(job: Json): unknown {
  return at(job, "spec", "template", "spec");
}

function* keysOf(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) yield key;
    yield* keysOf(inner);
  }
}

Deno.test("Kubernetes' manifests have fields of the API", async () => {
  for (const path of ["job", "cron_job"]) {
    for (const document of await parseManifest(`kubernetes/${path}.yaml`)) {
      assert.equal(at(document, "apiVersion"), "batch/v1");
      const odd = [...keysOf(document)].filter((key) =>
        !FIELDS.has(key) && !FREE.includes(key)
      );
      assert.deepEqual(odd, []);
    }
  }
});

Deno.test("Kubernetes starts as many pods as there are shards", async () => {
  const [one, , nightly] = await allJobs();
  for (const job of [one, nightly]) {
    const spec = at(job, "spec");
    assert.equal(at(spec, "completionMode"), "Indexed");
    assert.equal(at(spec, "completions"), COUNT);
    const env = at(pod(job!), "containers", 0, "env") as Json[];
    const count = env.find(({ name }) => name === "SHARD_COUNT");
    assert.equal(count?.["value"], `${COUNT}`);
    assert.ok(env.some(({ name }) => name === "SHARD_JOB"));
  }
});

Deno.test("Kubernetes fails an index where trying again is no use", async () => {
  const [one, , nightly] = await allJobs();
  for (const job of [one, nightly]) {
    const [fail, ignore] = at(
      job,
      ...["spec", "podFailurePolicy", "rules"],
    ) as Json[];
    assert.equal(fail?.["action"], "FailIndex");
    const codes = fail?.["onExitCodes"];
    assert.deepEqual(at(codes, "values"), [EXIT.usage, EXIT.doNotRetry]);
    const name = at(pod(job!), "containers", 0, "name");
    assert.equal(at(codes, "containerName"), name);
    assert.equal(ignore?.["action"], "Ignore");
    assert.ok(Number(at(job, "spec", "backoffLimitPerIndex")) > 0);
    // The policy is allowed with no other.
    assert.equal(at(pod(job!), "restartPolicy"), "Never");
  }
});

Deno.test("Kubernetes gives pods time to end, and few rights", async () => {
  for (const job of await allJobs()) {
    const spec = pod(job);
    assert.ok(Number(at(spec, "terminationGracePeriodSeconds")) >= 10);
    assert.equal(at(spec, "securityContext", "runAsNonRoot"), true);
    const container = at(spec, "containers", 0);
    assert.deepEqual(at(container, "securityContext"), {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const [mounts, volumes] = [
      at(container, "volumeMounts"),
      at(spec, "volumes"),
    ].map((list) => (list as Json[]).map(({ name }) => name));
    assert.deepEqual(mounts, volumes);
  }
});

Deno.test("Kubernetes' two schedules are one, so that names fit", async () => {
  const [score, merge] = await parseManifest("kubernetes/cron_job.yaml");
  for (const key of ["schedule", "timeZone"]) {
    assert.equal(at(score, "spec", key), at(merge, "spec", key));
  }
  assert.equal(`${at(score, "spec", "schedule")}`.split(" ").length, 5);
  const [[, , script] = []] = [...valuesOf(merge, "command")] as string[][];
  const prefix = `${at(score, "metadata", "name")}-`;
  assert.ok(script?.includes(`--job "${prefix}\${JOB##*-}"`));
});
