import assert from "node:assert/strict";
import { DEFAULT_CONFIG } from "../../lib/methods/mfp_clip/config.ts";
import { parseFlags } from "../../tasks/cli/flags.ts";
import {
  CONFIG_FLAGS,
  configOf,
} from "../../tasks/flags/train_config_flags.ts";

function read(...args: string[]) {
  return configOf(parseFlags(CONFIG_FLAGS, args).flags);
}

Deno.test("configOf() overrides nothing unless it is told to", () => {
  assert.deepEqual(read(), {});
});

Deno.test("configOf() reads a flag for every choice", () => {
  const config = read(
    ...["--image-size", "224", "--taps", "3,6", "--no-i2tp", "--sp"],
    ...["--i2tp-fusion", "token", "--sp-prompts", "2", "--sp-stages", "2"],
    ...["--sp-after", "drop", "--mpfa", "5", "--no-mp", "--dice", "abnormal"],
    ...["--supervise", "refined", "--logit-scale", "50"],
    ...["--leaky-slope", "0.2"],
  );
  assert.deepEqual(config, {
    imageSize: 224,
    taps: [3, 6],
    i2tp: false,
    i2tpFusion: "token",
    sp: true,
    spPrompts: 2,
    spStages: 2,
    spAfter: "drop",
    mpfa: 5,
    mp: false,
    supervise: "refined",
    dice: "abnormal",
    logitScale: 50,
    leakySlope: 0.2,
  });
  // What a head was trained with is recorded, not chosen.
  const { longestEndOfText: _, ...choices } = DEFAULT_CONFIG;
  assert.deepEqual(Object.keys(config).sort(), Object.keys(choices).sort());
});

Deno.test("configOf() takes the checkpoint's own scale", () => {
  assert.deepEqual(read("--logit-scale", "own"), { logitScale: null });
});

Deno.test("configOf() refuses contradictions", () => {
  assert.throws(() => read("--sp", "--no-sp"), {
    name: "UsageError",
    message: "Cannot read --sp as it must not stand beside --no-sp",
  });
  assert.throws(() => read("--logit-scale", "-1"), {
    name: "UsageError",
    message: "Cannot read --logit-scale as it must be own or a number of at " +
      'least 0: current value is "-1"',
  });
});
