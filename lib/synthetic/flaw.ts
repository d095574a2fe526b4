/**
 * Makes defects that are visible.
 *
 * @module
 */
import type { DefectKind } from "./defects.ts";
import { changes, influence, maskOf, NOTICEABLE } from "./defect_mask.ts";
import { type Light, relight, type Window } from "./picture/light.ts";
import type { Relief } from "./picture/relief.ts";
import type { Random } from "../random.ts";
import type { PartFault, Scene } from "./scene.ts";
import { Site } from "./site.ts";

/** A flawless product and its picture. */
export interface Specimen {
  /** The product. */
  readonly scene: Scene;
  /** The light of the picture. */
  readonly light: Light;
  /** The picture, 0 to 255. */
  readonly picture: Float32Array; // [side, side, 3]
  /** Draws the same product again with a faulty part. */
  readonly redraw: (fault: PartFault) => Scene;
}

/** A picture of a defective product. */
export interface Flaw {
  /** The picture; outside the mask it is the picture of the specimen. */
  readonly picture: Float32Array; // [side, side, 3]
  /** 1 where the picture differs. */
  readonly mask: Uint8Array; // [side, side]
  /** Visibility: from 1 on a person sees the defect at once. */
  readonly visibility: number;
}

/** Least and greatest share of the picture that a defect takes. */
const LEAST_AREA = 0.0025;
const MOST_AREA = 0.14;
/** Least mean change within a mask, in 1/255. */
const LEAST_CONTRAST = 24;
/** Least share of a mask's pixels that changed noticeably. */
const LEAST_CHANGED = 0.65;
/** Attempts, each more pronounced than the one before. */
const ATTEMPTS = 48;

/**
 * Makes a defect of a kind. It must be well visible and neither tiny nor all
 * over the picture: the first attempt that is so is taken, else the most visible
 * one. The order of attempts depends on `random` alone.
 */
export function makeFlaw(
  specimen: Specimen,
  { kind, random }: { kind: DefectKind; random: Random },
): Flaw {
  let best: Flaw | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const flaw = attemptFlaw(specimen, {
      kind,
      random: random.fork(attempt),
      strength: 1 + 0.2 * attempt,
    });
    if (best === undefined || flaw.visibility > best.visibility) best = flaw;
    if (best.visibility >= 1) break;
  }
  return best!;
}

function attemptFlaw(
  specimen: Specimen,
  options: { kind: DefectKind; random: Random; strength: number },
): Flaw {
  const { relief, core } = damaged(specimen, options);
  const good = specimen.picture;
  const picture = good.slice();
  relight(picture, {
    relief,
    light: specimen.light,
    window: windowAround(core),
  });
  const change = changes(good, picture);
  const mask = maskOf(change, core);
  for (let i = 0; i < picture.length; i++) {
    if (mask[Math.floor(i / 3)] === 0) picture[i] = good[i]!;
  }
  return { picture, mask, visibility: visibility(change, mask) };
}

/** The rows and columns in which a defect with that core can show. */
function windowAround(core: Float32Array): Window {
  const side = Math.sqrt(core.length);
  const margin = influence(side) + 1;
  let [top, bottom, left, right] = [side, 0, side, 0];
  for (let i = 0; i < core.length; i++) {
    if (core[i] === 0) continue;
    const row = Math.floor(i / side);
    const column = i % side;
    top = Math.min(top, row - margin);
    bottom = Math.max(bottom, row + margin + 1);
    left = Math.min(left, column - margin);
    right = Math.max(right, column + margin + 1);
  }
  return {
    top: Math.max(0, top),
    bottom: Math.min(side, bottom),
    left: Math.max(0, left),
    right: Math.min(side, right),
  };
}

function damaged(
  { scene, picture, redraw }: Specimen,
  { kind, random, strength }: {
    kind: DefectKind;
    random: Random;
    strength: number;
  },
): { relief: Relief; core: Float32Array } {
  if ("part" in kind) {
    return redraw({
      part: random.integer(0, scene.parts - 1),
      pose: (reach) => kind.part(random, reach),
    });
  }
  const site = new Site({
    relief: scene.relief.clone(),
    ground: scene.ground,
    picture,
    random,
    strength,
  });
  kind.surface(site);
  return site;
}

/** The weakest property of a defect, relative to its least value. */
function visibility(change: Float32Array, mask: Uint8Array): number {
  let area = 0;
  let contrast = 0;
  let changed = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    area++;
    contrast += change[i]!;
    if (change[i]! > NOTICEABLE) changed++;
  }
  if (area === 0) return 0;
  return Math.min(
    area / mask.length / LEAST_AREA,
    MOST_AREA / (area / mask.length),
    contrast / area / LEAST_CONTRAST,
    changed / area / LEAST_CHANGED,
  );
}
