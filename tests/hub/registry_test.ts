import assert from "node:assert/strict";
import { parseClipConfig } from "../../lib/clip/config.ts";
import {
  DEFAULT_CONFIG as ADA_CLIP_DEFAULTS,
  parseAdaClipConfig,
} from "../../lib/methods/ada_clip/config.ts";
import {
  DEFAULT_CONFIG as ANOMALY_CLIP_DEFAULTS,
  parseAnomalyClipConfig,
} from "../../lib/methods/anomaly_clip/config.ts";
import { parseAprilGanConfig } from "../../lib/methods/april_gan/config.ts";
import {
  DEFAULT_CONFIG,
  parseMfpClipConfig,
} from "../../lib/methods/mfp_clip/config.ts";
import { parseRegistry, readRegistry } from "../../lib/hub/registry.ts";

const PATH = new URL("../../models/registry.json", import.meta.url).pathname;

Deno.test("readRegistry() reads the models of this project", async () => {
  const models = await readRegistry(PATH);
  assert.deepEqual([...models.keys()], [
    "nano",
    "vit-l-14-336",
    "vit-l-14",
    "vit-b-16",
    "tinyclip-8m-16",
    "winclip",
    "april-gan",
    "april-gan-visa",
    "anomaly-clip",
    "anomaly-clip-visa",
    "ada-clip",
    "ada-clip-visa",
    "ada-clip-all",
  ]);
  assert.deepEqual(models.get("nano")!.files, []);
  const large = models.get("vit-l-14-336")!;
  const config = parseMfpClipConfig(large.choices, PATH);
  assert.deepEqual(config, DEFAULT_CONFIG);
});

Deno.test("registry.json pins every file that is not in the project", async () => {
  for (const model of (await readRegistry(PATH)).values()) {
    const { name, files, method, choices } = model;
    if (name === "nano" || method.name !== "mfp-clip") continue;
    const { taps } = parseMfpClipConfig(choices, PATH);
    assert.equal(taps.length, 4);
    const paths = files.map(({ path }) => path);
    for (
      const path of [
        "clip/config.json",
        "clip/tokenizer.json",
        "resnet50.safetensors",
      ]
    ) {
      assert.ok(paths.includes(path), `${name} ${path}`);
    }
    for (const { url, expected } of files) {
      assert.match(
        url,
        /^https:\/\/huggingface\.co\/[\w-]+\/[\w.-]+\/resolve\/[0-9a-f]{40}\/[\w.]+$/,
      );
      assert.match(expected.sha256!, /^[0-9a-f]{64}$/);
    }
  }
});

Deno.test("registry.json has what methods with published weights need", async () => {
  const models = await readRegistry(PATH);
  const filesOf = (name: string) =>
    models.get(name)!.files.map(({ path }) => path).sort();
  const winclip = models.get("winclip")!;
  assert.deepEqual(filesOf("winclip"), [
    "clip/open_clip_pytorch_model.bin",
    "clip/tokenizer.json",
  ]);
  const { vision, text } = parseClipConfig(winclip.clipConfig!, PATH);
  assert.deepEqual([vision.hiddenAct, text.hiddenAct], ["gelu", "gelu"]);
  for (const name of ["april-gan", "april-gan-visa"]) {
    const { method, choices, activation } = models.get(name)!;
    assert.equal(method.name, "april-gan");
    assert.ok(filesOf(name).includes(method.publishedHead!.file));
    const { activation: own } = parseAprilGanConfig(choices, PATH);
    assert.deepEqual([own, activation], ["gelu", "gelu"]);
  }
  for (
    const [name, folder, gitBlob] of [
      // The authors name folders after the set that they test on.
      ["anomaly-clip", "9_12_4_multiscale_visa", "72adc786"],
      ["anomaly-clip-visa", "9_12_4_multiscale", "c90f1d9d"],
    ] as const
  ) {
    const { method, choices, activation, files } = models.get(name)!;
    const head = files.find(({ path }) => path === method.publishedHead!.file);
    assert.ok(head!.url.endsWith(`/checkpoints/${folder}/epoch_15.pth`));
    assert.equal(head!.gitBlob, gitBlob);
    const config = parseAnomalyClipConfig(choices, PATH);
    assert.deepEqual(config, ANOMALY_CLIP_DEFAULTS);
    assert.equal(activation, "quick_gelu");
  }
  for (const name of ["ada-clip", "ada-clip-visa", "ada-clip-all"]) {
    const { method, choices, activation, files } = models.get(name)!;
    const head = files.find(({ path }) => path === method.publishedHead!.file);
    assert.match(head!.expected.sha256!, /^[0-9a-f]{64}$/);
    const config = parseAdaClipConfig(choices, PATH);
    assert.deepEqual(config, ADA_CLIP_DEFAULTS);
    assert.equal(activation, "gelu");
  }
});

const FILE = { url: "https://a.invalid/b" };

function entry(change: Record<string, unknown> = {}) {
  return {
    description: "Mini",
    licence: "MIT",
    mfp_clip: {},
    files: { "clip/config.json": FILE },
    ...change,
  };
}

Deno.test("parseRegistry() keeps what is published and leaves out what is not", () => {
  const sha256 = "0676ba61";
  const files = {
    "a.pth": { ...FILE, sha256 },
    "b.json": { ...FILE, size: 7 },
  };
  const model = parseRegistry({ mini: entry({ files }) }, "r.json").get(
    "mini",
  )!;
  assert.deepEqual(model.files, [
    { path: "a.pth", url: FILE.url, expected: { sha256 } },
    { path: "b.json", url: FILE.url, expected: { size: 7 } },
  ]);
  assert.equal(model.activation, undefined);
});

Deno.test("parseRegistry() says all that is wrong at once", () => {
  const file = (change: unknown, path = "a.bin") =>
    entry({ files: { [path]: change } });
  const cases: [unknown, string][] = [
    [7, "mini must be an object: current value is 7"],
    [
      entry({ licence: "" }),
      'mini.licence must be a text: current value is ""',
    ],
    [entry({ files: [] }), "mini.files must be an object: current value is []"],
    [
      entry({ mfp_clip: 1 }),
      "mini.mfp_clip must be an object: current value is 1",
    ],
    [
      file({}),
      'mini.files["a.bin"].url must be a text: current value is nothing',
    ],
    [
      file({ url: "http://a.invalid" }),
      'mini.files["a.bin"].url must be an address with https: current value is "http://a.invalid"',
    ],
    [
      file({ ...FILE, size: -1 }),
      'mini.files["a.bin"].size must be a number of bytes: current value is -1',
    ],
    [
      file({ ...FILE, sha256: "XY" }),
      'mini.files["a.bin"].sha256 must be 8 to 64 hexadecimal digits: current value is "XY"',
    ],
  ];
  for (const path of ["../a", "/a", "a//b", ".hidden", "a/../b", "a\\b"]) {
    cases.push([
      file(FILE, path),
      `mini.files["${path}"] must be at a path below the model: current value is ${
        JSON.stringify(path)
      }`,
    ]);
  }
  for (const [mini, message] of cases) {
    assert.throws(() => parseRegistry({ mini }, "r.json"), (error: Error) => {
      assert.equal(error.name, "ModelError");
      assert.ok(error.message.startsWith("Cannot load r.json as "));
      assert.ok(error.message.includes(message), error.message);
      return true;
    });
  }
  const both = { one: entry({ licence: 1 }), two: entry({ description: 2 }) };
  assert.throws(() => parseRegistry(both, "r.json"), {
    message:
      "Cannot load r.json as one.licence must be a text: current value is 1, two.description must be a text: current value is 2",
  });
});
