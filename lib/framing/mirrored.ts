/**
 * The pixel of a line that stands at a place, which may lie beyond its ends:
 * there the line goes on as its mirror image.
 *
 * @param place The place, from 0.
 * @param length Pixels of the line.
 */
export function mirrored(place: number, length: number): number {
  const period = 2 * length;
  const at = ((place % period) + period) % period;
  return at < length ? at : period - 1 - at;
}
