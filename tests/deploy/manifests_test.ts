import assert from "node:assert/strict";
import { resolveShard } from "../../lib/batch/shard.ts";
import type { Command } from "../../tasks/cli/command.ts";
import { EXIT } from "../../tasks/cli/exit.ts";
import { withConsole } from "../tasks/_console.ts";
import { commandLines } from "./_commands.ts";
import {
  at,
  manifestPaths,
  parseManifest,
  readManifest,
  ROOT,
  VALUES,
  valuesOf,
} from "./_files.ts";

const VERBS = ["score", "merge", "serve", "eval"];

/** An unknown flag is refused after all before it were read. */
const UNKNOWN = "--no-such-flag-at-all";

Deno.test("manifests start verbs with flags that main.ts has", async () => {
  const started = new Set<string>();
  for (const { path, args } of await commandLines()) {
    const [verb = "", ...flags] = args;
    assert.ok(VERBS.includes(verb), `${path}: ${verb}`);
    started.add(path.split("/")[0]!);
    const { command }: { command: Command } = await import(
      `../../tasks/${verb}.ts`
    );
    const { code, stderr } = await withConsole(() =>
      command.main(verb, [...flags, UNKNOWN])
    );
    assert.equal(code, EXIT.usage);
    assert.match(stderr, new RegExp(`^Cannot use ${UNKNOWN}`), path);
  }
  assert.deepEqual([...started].sort(), [
    "aws_batch",
    "cloud_run",
    "kubernetes",
    "slurm",
    "vertex_ai",
  ]);
});

Deno.test("manifests have no placeholder that README.md does not explain", async () => {
  const text = await Deno.readTextFile(`${ROOT}tasks/deploy/README.md`);
  const explained = new Set(
    [...text.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
  );
  const used = new Set<string>();
  for (const path of await manifestPaths(/\.(ya?ml|json)$/)) {
    const manifest = await readManifest(path);
    for (const [, name] of manifest.matchAll(/\$\{([A-Z_]+)\}/g)) {
      used.add(name!);
    }
  }
  assert.deepEqual([...used].sort(), Object.keys(VALUES).sort());
  for (const name of used) assert.ok(explained.has(name), name);
});

Deno.test("manifests for a GPU ask for the provider", async () => {
  for (const path of await manifestPaths(/\.(ya?ml|json)$/)) {
    const manifest = await readManifest(path);
    if (!manifest.includes("${IMAGE}")) continue;
    assert.match(manifest, /--provider=cuda|"--provider",\s+"cuda"|PROVIDER/);
  }
});

Deno.test("Cloud Run gets what an L4 needs, and probes that are routes", async () => {
  const paths = ["service", "score_job"].map((name) =>
    `cloud_run/${name}.yaml`
  );
  for (const path of paths) {
    const [document] = await parseManifest(path);
    const [limits] = [...valuesOf(document, "limits")];
    assert.deepEqual(limits, {
      cpu: "4",
      memory: "16Gi",
      "nvidia.com/gpu": "1",
    });
    assert.deepEqual([...valuesOf(document, "nodeSelector")], [
      { "run.googleapis.com/accelerator": "nvidia-l4" },
    ]);
  }
  const [service] = await parseManifest(paths[0]!);
  const probes = [...valuesOf(service, "httpGet")].map((probe) =>
    at(probe, "path")
  );
  assert.deepEqual(probes, ["/readyz", "/healthz"]);
});

Deno.test("Cloud Run starts as many tasks as there are shards, then merges", async () => {
  const [job] = await parseManifest("cloud_run/score_job.yaml");
  const spec = at(job, "spec", "template", "spec");
  assert.equal(at(spec, "taskCount"), Number(VALUES["SHARDS"]));
  // Attempts with a GPU may take an hour.
  assert.equal(at(spec, "template", "spec", "timeoutSeconds"), 3600);
  const [workflow] = await parseManifest("cloud_run/workflow.yaml");
  const steps = at(workflow, "main", "steps") as Record<string, unknown>[];
  assert.deepEqual(steps.flatMap((step) => Object.keys(step)), [
    "score",
    "merge",
    "done",
  ]);
  const jobs = [...valuesOf(workflow, "name")].map((name) =>
    `${name}`.split("/").at(-1)
  );
  const [merge] = await parseManifest("cloud_run/merge_job.yaml");
  assert.deepEqual(
    jobs,
    [job, merge].map((one) => at(one, "metadata", "name")),
  );
});

/** What Workflows makes of the one expression that workflow.yaml has. */
function evaluateSplit(expression: string, name: string): string {
  const [, prefix = "", index = ""] =
    /^\$\{"(--\w+=)" \+ text\.split\(execution\.name, "\/"\)\[(\d)\]\}$/
      .exec(expression) ?? [];
  return `${prefix}${name.split("/")[Number(index)]}`;
}

Deno.test("Cloud Run merges what the execution is called in its tasks", async () => {
  const [workflow] = await parseManifest("cloud_run/workflow.yaml");
  const [args] = [...valuesOf(workflow, "args")].filter(Array.isArray);
  // Execution.name of the API's version 2; tasks have its last part.
  const execution = "mfp-clip-score-x7k2p";
  const name = "projects/example/locations/europe-west4/jobs/mfp-clip-score/" +
    `executions/${execution}`;
  const { job } = resolveShard({
    CLOUD_RUN_TASK_INDEX: "0",
    CLOUD_RUN_TASK_COUNT: "8",
    CLOUD_RUN_EXECUTION: execution,
  });
  assert.equal(evaluateSplit(args?.[2], name), `--job=${job}`);
});

Deno.test("Cloud Run keeps an instance for batches", async () => {
  const [service] = await parseManifest("cloud_run/service.yaml");
  const annotations = at(service, ...["spec", "template", "metadata"]);
  const scale = (which: string) =>
    at(annotations, "annotations", `autoscaling.knative.dev/${which}Scale`);
  assert.deepEqual(["min", "max"].map(scale), ["1", "4"]);
  assert.deepEqual([
    ...valuesOf(annotations, "run.googleapis.com/cpu-throttling"),
  ], ["false"]);
});

Deno.test("AWS Batch tries again unless that is no use", async () => {
  for (const name of ["score", "merge"]) {
    const [definition] = await parseManifest(
      `aws_batch/${name}_definition.json`,
    );
    const strategy = at(definition, "retryStrategy");
    assert.ok(Number(at(strategy, "attempts")) <= 10);
    assert.deepEqual(at(strategy, "evaluateOnExit"), [
      { onExitCode: `${EXIT.doNotRetry}`, action: "EXIT" },
      { onExitCode: `${EXIT.usage}`, action: "EXIT" },
      { onReason: "*", action: "RETRY" },
    ]);
    assert.deepEqual(at(definition, "containerProperties", "environment"), [
      { name: "AWS_REGION", value: VALUES["AWS_REGION"] },
    ]);
    const submit = await readManifest("aws_batch/submit.sh");
    const references = JSON.stringify(definition).matchAll(/Ref::(\w+)/g);
    for (const [, parameter] of references) {
      assert.match(submit, new RegExp(`[",]${parameter}=`));
    }
    assert.ok(submit.includes(`--job-definition mfp-clip-${name}`));
  }
});

Deno.test("SageMaker's and Vertex AI's definitions fit one another", async () => {
  const [model, config, endpoint, transform] = (await Promise.all(
    ["model", "endpoint_config", "endpoint", "transform_job"].map((name) =>
      parseManifest(`sagemaker/${name}.json`)
    ),
  )).map(([document]) => document);
  const names = [config, transform].flatMap((one) => [
    ...valuesOf(one, "ModelName"),
  ]);
  assert.deepEqual(names, Array(2).fill(at(model, "ModelName")));
  assert.equal(
    at(endpoint, "EndpointConfigName"),
    at(config, "EndpointConfigName"),
  );
  const payload = Number(at(transform, "MaxPayloadInMB"));
  assert.ok(payload * 2 ** 20 <= 32e6);
  // AWS refuses a job whose product of the two is more than 100.
  assert.ok(payload * Number(at(transform, "MaxConcurrentTransforms")) <= 100);
  const [vertex] = await parseManifest("vertex_ai/model.json");
  const spec = at(vertex, "model", "containerSpec");
  assert.equal(at(spec, "ports", 0, "containerPort"), 8080);
  assert.equal(at(spec, "healthRoute"), "/readyz");
});
