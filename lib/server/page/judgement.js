/**
 * How images are judged: by which good images, and from which score on.
 *
 * @module
 */

/** What holds for the images that are looked at. */
export const judgement = {
  /** A profile as the server tells of it; undefined for none. */
  profile: undefined,
  /** The logit that a person chose; undefined for the calibrated one. */
  moved: undefined,
};

/** What a request asks with. */
export function queryOf(category) {
  const { profile, moved } = judgement;
  const query = new URLSearchParams({ heatmap: "layer" });
  if (profile?.id === undefined) query.set("category", category);
  else query.set("profile", profile.id);
  if (moved !== undefined) query.set("threshold", moved);
  return query;
}

function percent(share) {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** Says what a threshold makes of the good images. */
export function effectOf(threshold) {
  const scores = judgement.profile?.calibration.good_scores;
  if (scores === undefined) return "";
  const count = scores.filter((score) => score >= threshold).length;
  return `At this threshold ${count} of ${scores.length} good images ` +
    `(${percent(count / scores.length)}) would be called defective.`;
}

/** Says what a profile knows, in one or two sentences. */
export function describe({ category, calibration, wanted_false_alarms }) {
  const { good_scores, false_alarms, images_needed } = calibration;
  const [low, high] = false_alarms.interval.map(percent);
  const images = `${good_scores.length} good images of “${category}”.`;
  if (images_needed !== null) {
    const wanted = percent(wanted_false_alarms ?? 0.05);
    return `${images} They are too few to see ${wanted} false alarms, which ` +
      `takes ${images_needed}: the threshold lies beyond all of them. More ` +
      "good images bring it down, and find more defects.";
  }
  return `${images} Of them ${false_alarms.count} would be called defective: ` +
    `expect ${low} to ${high} of good parts.`;
}
