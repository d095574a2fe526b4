import assert from "node:assert/strict";
import {
  promptedModel,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";
import { openFingerprint } from "../../lib/methods/fingerprint.ts";
import { parseFlags } from "../../tasks/cli/flags.ts";
import { DATA_FLAGS, LISTING_FLAGS } from "../../tasks/flags/data_flags.ts";
import { FRAME_FLAGS } from "../../tasks/flags/frame_flags.ts";
import { MODEL_FLAGS } from "../../tasks/flags/model_flags.ts";
import { openDetector } from "../../tasks/flags/open_detector.ts";
import {
  detectorSettings,
  runSettings,
} from "../../tasks/flags/run_settings.ts";
import { SCORE_FLAGS } from "../../tasks/flags/score_flags.ts";

const FLAGS = {
  ...MODEL_FLAGS,
  ...FRAME_FLAGS,
  ...DATA_FLAGS,
  ...LISTING_FLAGS,
  ...SCORE_FLAGS,
} as const;

const LINES: readonly (readonly string[])[] = [
  [],
  ["--smooth=2", "--precision=auto", "--object=nut", "--bit-depth=12"],
  ["--tile=2x3", "--overlap=0.1", "--heat-range=0,2", "--ignore-orientation"],
];

Deno.test("detectorSettings() are those that runSettings() reads from the files", async () => {
  await using winclip = await promptedModel(WINCLIP_GOLDENS[0]!);
  const lines = [...LINES, [`--model=${winclip.path}`]];
  for (const line of lines) {
    const { flags } = parseFlags(FLAGS, line);
    await using detector = await openDetector(flags, []);
    const { model, ...others } = await runSettings(flags);
    const found = await detectorSettings(flags, detector);
    assert.deepEqual(found, others, line.join(" "));
    const hash = await openFingerprint(detector.directory, flags.method);
    assert.equal(await hash(), model.fingerprint);
  }
});
