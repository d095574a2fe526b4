import assert from "node:assert/strict";
import {
  DEFAULT_CONFIG,
  mfpClipConfigToJson,
} from "../../lib/methods/mfp_clip/config.ts";
import {
  settingsOf,
  type SettingsSource,
} from "../../lib/training/settings.ts";
import { FAKE_OPTIONS, fakeSet } from "./fake_run.ts";

const CHOICES = mfpClipConfigToJson(DEFAULT_CONFIG);
const SET = await fakeSet();

function settings(changes: Partial<SettingsSource> = {}) {
  const idsOf = () => new BigInt64Array(4);
  const model = { engine: "onnx", choices: CHOICES, textLength: 9 };
  const fixed = { ...model, idsOf, set: SET };
  return settingsOf({ ...FAKE_OPTIONS, ...fixed, ...changes });
}

/** Names of the settings that a change of the run changes. */
function changed(changes: Partial<SettingsSource>): string[] {
  const [before, after] = [settings(), settings(changes)];
  return Object.keys(before).filter((key) => before[key] !== after[key]);
}

Deno.test("settingsOf() tells runs apart by what decides on their numbers", async () => {
  const { augmentation, schedule } = FAKE_OPTIONS;
  const cases: [Partial<SettingsSource>, string][] = [
    [{ engine: "tfjs on wasm" }, "engine"],
    [{ set: await fakeSet(1) }, "images"],
    [{ idsOf: () => BigInt64Array.of(1n) }, "prompts"],
    [{ textLength: 10 }, "length of texts"],
    [{ batchSize: 3 }, "batch size"],
    [{ seed: 2 }, "seed"],
    [{ shuffle: false }, "shuffling"],
    [{ augmentation: { ...augmentation, flip: false } }, "flipping"],
    [{ augmentation: { ...augmentation, rotate: false } }, "rotation"],
    [{ augmentation: { ...augmentation, mosaic: 0 } }, "part of mosaics"],
    [{ schedule: { ...schedule, base: 1 } }, "learning rate"],
    [{ schedule: { ...schedule, warmup: 1 } }, "warm-up"],
    [{ weightDecay: 1 }, "weight decay"],
    [{ clipNorm: 1 }, "limit of gradients"],
    [{ choices: { ...CHOICES, mpfa: 5 } }, "choice of mpfa"],
  ];
  for (const [changes, name] of cases) {
    assert.deepEqual(changed(changes), [name]);
  }
});

Deno.test("settingsOf() lets a run go on longer, unless its rate depends on the end", () => {
  assert.deepEqual(changed({ epochs: 9 }), []);
  assert.deepEqual(changed({ maxSteps: 9 }), []);
  const schedule = { ...FAKE_OPTIONS.schedule, kind: "cosine" } as const;
  const short = settings({ schedule });
  assert.equal(short["number of steps"], 9);
  const long = settings({ schedule, epochs: 9 });
  assert.equal(long["number of steps"], 27);
});
