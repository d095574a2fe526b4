/**
 * Exact masks: the pixels a defect changed.
 *
 * @module
 */

/** Least change of a component, in 1/255, that counts as changed. */
export const NOTICEABLE = 10;

/** Largest change of a component of each pixel, in 1/255. */
export function changes(
  good: Float32Array,
  bad: Float32Array,
): Float32Array {
  const change = new Float32Array(good.length / 3);
  for (let i = 0; i < change.length; i++) {
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      change[i] = Math.max(change[i]!, Math.abs(good[c]! - bad[c]!));
    }
  }
  return change;
}

/** How far from its core a defect may show, in pixels. */
export function influence(side: number): number {
  return Math.round(3 * side / 112);
}

/** Sets each pixel that has a set one within `radius` rows and columns. */
function dilate(mask: Uint8Array, radius: number): Uint8Array {
  const side = Math.sqrt(mask.length);
  let from = mask;
  for (const [step, stride] of [[1, side], [side, 1]] as const) {
    const to = new Uint8Array(mask.length);
    for (let line = 0; line < side; line++) {
      let until = -1;
      for (let i = 0; i < side + radius; i++) {
        if (i < side && from[line * stride + i * step] === 1) {
          until = i + 2 * radius;
        }
        const at = i - radius;
        if (at >= 0 && i <= until) to[line * stride + at * step] = 1;
      }
    }
    from = to;
  }
  return from;
}

function inverted(mask: Uint8Array): Uint8Array {
  const other = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) other[i] = 1 - mask[i]!;
  return other;
}

/** Closes gaps of up to 2 `radius` pixels. */
function close(mask: Uint8Array, radius: number): Uint8Array {
  return inverted(dilate(inverted(dilate(mask, radius)), radius));
}

/** Removes 8-connected regions of fewer than `least` pixels. */
function withoutSpecks(mask: Uint8Array, least: number): Uint8Array {
  const side = Math.sqrt(mask.length);
  const kept = new Uint8Array(mask.length);
  const seen = new Uint8Array(mask.length);
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    const region = [start];
    seen[start] = 1;
    for (let head = 0; head < region.length; head++) {
      const row = Math.floor(region[head]! / side);
      const column = region[head]! % side;
      for (let r = Math.max(0, row - 1); r <= row + 1 && r < side; r++) {
        for (let c = Math.max(0, column - 1); c <= column + 1; c++) {
          const i = r * side + c;
          if (c >= side || mask[i] === 0 || seen[i] === 1) continue;
          seen[i] = 1;
          region.push(i);
        }
      }
    }
    if (region.length >= least) { for (const i of region) kept[i] = 1; }
  }
  return kept;
}

/**
 * The defect's own pixels and those near it that changed noticeably, with
 * gaps and small holes closed and specks removed.
 */
export function maskOf(change: Float32Array, core: Float32Array): Uint8Array {
  const side = Math.sqrt(core.length);
  const unit = side / 112;
  const touched = new Uint8Array(core.length);
  for (let i = 0; i < core.length; i++) touched[i] = core[i]! > 0.1 ? 1 : 0;
  const changed = dilate(touched, influence(side));
  for (let i = 0; i < core.length; i++) {
    if (core[i]! <= 0.5 && change[i]! <= NOTICEABLE) changed[i] = 0;
  }
  const closed = close(changed, Math.max(1, Math.round(unit)));
  const whole = withoutSpecks(closed, 5 * unit * unit);
  return inverted(withoutSpecks(inverted(whole), 25 * unit * unit));
}
