/**
 * `calibrate`: thresholds from good images, kept as a profile.
 *
 * @module
 */
import { join } from "node:path";
import {
  calibrateProducts,
  profileFiles,
} from "../lib/evaluation/calibrate_products.ts";
import { FALSE_ALARMS } from "../lib/evaluation/learned_products.ts";
import { type GivenState, openOfState } from "../lib/data/open_of_state.ts";
import { countOf } from "../lib/data/layouts/folder_notes.ts";
import type { DataSet } from "../lib/data/sample.ts";
import { HeldFolder } from "../lib/files/held_folder.ts";
import { removeIfThere } from "../lib/files/is_there.ts";
import { writeWhole } from "../lib/files/whole_file.ts";
import type { BitDepth } from "../lib/image/decode.ts";
import { fingerprint } from "../lib/methods/fingerprint.ts";
import type { RateTarget } from "../lib/references/product_profile.ts";
import {
  encodeProfile,
  type Profile,
  PROFILE_FILE,
  PROFILE_FORMAT,
} from "../lib/references/profile.ts";
import { printable } from "../lib/report/format.ts";
import { calibrationLines } from "../lib/references/calibration_lines.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import type { FlagValues } from "./cli/flags.ts";
import { EXIT } from "./cli/exit.ts";
import { showProgress } from "./cli/progress.ts";
import { UsageError } from "./cli/usage_error.ts";
import { dataLocation } from "./data_location.ts";
import {
  DATA_FLAGS,
  DEFAULT_OBJECT,
  LISTING_FLAGS,
} from "./flags/data_flags.ts";
import { FRAME_FLAGS } from "./flags/frame_flags.ts";
import { warn } from "./flags/good_flags.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import { openDetector } from "./flags/open_detector.ts";
import { assertOutFolder } from "./places.ts";
import { printReading } from "./print_reading.ts";

const FLAGS = {
  good: {
    kind: "text",
    value: "DIR|FILE",
    help:
      "Good images: DIR/CATEGORY/ for each product, or images of one product directly; a folder or an archive",
  },
  bad: {
    kind: "text",
    value: "DIR|FILE",
    help: "Defective images of the same products, to measure recall",
  },
  out: {
    kind: "text",
    value: "DIR",
    default: "profile",
    help: "Folder for the profile; an earlier profile there is replaced",
  },
  "false-alarms": {
    kind: "number",
    min: 0.0001,
    max: 0.5,
    help:
      "Share of good images that may be called defective (default 0.05, one in twenty)",
  },
  recall: {
    kind: "number",
    min: 0.5,
    max: 0.9999,
    help:
      "Share of defective images that must be called so, in place of --false-alarms; needs --bad",
  },
  "zero-shot": {
    kind: "switch",
    help: "Set thresholds only, without comparing images with the good ones",
  },
  ...MODEL_FLAGS,
  ...FRAME_FLAGS,
  object: LISTING_FLAGS.object,
  "bit-depth": DATA_FLAGS["bit-depth"],
  "ignore-orientation": DATA_FLAGS["ignore-orientation"],
  json: {
    kind: "switch",
    help: "Print profile.json on stdout instead of the table",
  },
} as const;

type Flags = FlagValues<typeof FLAGS>;

function targetOf(flags: Flags): RateTarget {
  const { recall, "false-alarms": falseAlarms, bad } = flags;
  if (recall === undefined) {
    return { false_alarms: falseAlarms ?? FALSE_ALARMS };
  }
  if (falseAlarms !== undefined) {
    throw new UsageError(
      "Cannot calibrate as --recall must not stand beside --false-alarms",
    );
  }
  if (bad !== undefined) return { recall };
  throw new UsageError("Cannot calibrate as --recall must stand beside --bad");
}

/** Opens images, and says how they were read where that is not plain. */
async function openImages(
  path: string,
  state: GivenState,
  flags: Flags,
): Promise<DataSet> {
  const dataSet = await openOfState(await dataLocation(path), state, {
    object: flags.object ?? DEFAULT_OBJECT,
    bitDepth: Number(flags["bit-depth"]) as BitDepth,
    ignoreOrientation: flags["ignore-orientation"],
  });
  printReading(dataSet);
  return dataSet;
}

/** A copy is as near to its twin as can be, so that thresholds come out low. */
function warnOfCopies(category: string, copies: number): void {
  if (copies === 0) return;
  warn(
    `${countOf(copies, "good image")} of "${category}" ${
      copies === 1 ? "is a copy of another one" : "are copies of others"
    }, so the threshold is too low and the rates say nothing: remove them`,
  );
}

async function writeProfile(
  out: string,
  profile: Profile,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  // A reader finds either a whole profile or none.
  await removeIfThere(join(out, PROFILE_FILE));
  for (const [name, bytes] of files) await writeWhole(join(out, name), bytes);
  await writeWhole(join(out, PROFILE_FILE), encodeProfile(profile));
}

async function calibrate(
  flags: Flags & { readonly good: string },
  { target, signal }: {
    readonly target: RateTarget;
    readonly signal: AbortSignal;
  },
): Promise<{ profile: Profile; files: ReadonlyMap<string, Uint8Array> }> {
  const good = await openImages(flags.good, "good", flags);
  const bad = flags.bad === undefined
    ? undefined
    : await openImages(flags.bad, "defective", flags);
  await using detector = await openDetector(flags, good.categories);
  const progress = showProgress("calibrate", good.size + (bad?.size ?? 0));
  const bitDepth = Number(flags["bit-depth"]);
  const products = await calibrateProducts({ detector, good, bad }, {
    target,
    usesMemory: !flags["zero-shot"],
    bitDepth,
    signal,
    onImage: () => progress.advance(),
  }).finally(() => progress.finish());
  for (const [category, { copies }] of products) warnOfCopies(category, copies);
  const { categories, files } = profileFiles(products);
  const profile = {
    format: PROFILE_FORMAT,
    model: {
      name: flags.model,
      fingerprint: await fingerprint(detector.directory, flags.method),
    },
    smooth: detector.smooth,
    precision: detector.precision,
    bit_depth: bitDepth,
    ...flags["ignore-orientation"] && { ignore_orientation: true as const },
    ...detector.framing && { frame: detector.framing.settings },
    target,
    categories,
  } as const;
  return { profile, files };
}

async function run(
  { flags, signal }: Invocation<typeof FLAGS>,
): Promise<number> {
  const { good, out } = flags;
  if (good === undefined) {
    throw new UsageError("Cannot calibrate as --good must name good images");
  }
  const target = targetOf(flags);
  await assertOutFolder(out);
  await using _held = await HeldFolder.hold(out);
  const options = { target, signal };
  const { profile, files } = await calibrate({ ...flags, good }, options);
  await writeProfile(out, profile, files);
  console.log(
    flags.json
      ? JSON.stringify(profile)
      : calibrationLines(profile.categories, target).map(printable)
        .join("\n"),
  );
  const say = flags.json ? console.error : console.log;
  say(`\nProfile: ${out}`);
  return EXIT.done;
}

/** The verb. */
export const command: Command = defineCommand({ flags: FLAGS, run });
