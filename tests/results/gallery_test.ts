import { deepEqual, equal, throws } from "node:assert/strict";
import { Gallery, type GalleryItem } from "../../lib/results/gallery.ts";

function itemOf(
  key: string,
  label: 0 | 1 | null,
  score_logit: number,
): GalleryItem {
  const image = new TextEncoder().encode(key);
  const pictures = { image, mask: null, heatmap: image };
  return {
    key,
    category: "bottle",
    label,
    score: 0.5,
    score_logit,
    ...pictures,
  };
}

function keysOf(gallery: Gallery, threshold: number | null = null): string[] {
  return gallery.items("bottle", threshold).map(({ key }) => key);
}

/** Good images score 0 to 19, defective ones 10 to 29. */
const MANY = Array.from({ length: 20 }, (_, i) => [
  itemOf(`good${i}`, 0, i),
  itemOf(`bad${i}`, 1, i + 10),
]).flat();

Deno.test("Gallery keeps both ends of the ranking of each label", () => {
  const gallery = new Gallery({ perEnd: 2 });
  MANY.forEach((item) => gallery.offer(item));
  deepEqual(keysOf(gallery), [
    "bad19",
    "bad18",
    "good19",
    "good18",
    "bad1",
    "bad0",
    "good1",
    "good0",
  ]);
  equal(gallery.perLabel, 4);
});

Deno.test("Gallery.items() puts wrong decisions first, then the highest scores", () => {
  const gallery = new Gallery({ perEnd: 2 });
  MANY.forEach((item) => gallery.offer(item));
  deepEqual(
    gallery.items("bottle", 10.5).map(({ key, decision }) => [key, decision]),
    [
      ["good19", "false alarm"],
      ["good18", "false alarm"],
      ["bad0", "missed"],
      ["bad19", "correct"],
      ["bad18", "correct"],
      ["bad1", "correct"],
      ["good1", "correct"],
      ["good0", "correct"],
    ],
  );
});

Deno.test("Gallery chooses the same images whatever order they arrive in", () => {
  const tied = ["b", "a", "d", "c", "e"].map((key) => itemOf(key, 0, 1));
  const [forth, back] = [
    new Gallery({ perEnd: 1 }),
    new Gallery({ perEnd: 1 }),
  ];
  for (const item of [...MANY, ...tied]) forth.offer(item);
  for (const item of [...MANY, ...tied].toReversed()) back.offer(item);
  deepEqual(keysOf(forth), keysOf(back));
  const ties = new Gallery({ perEnd: 2 });
  tied.forEach((item) => ties.offer(item));
  deepEqual(keysOf(ties), ["a", "b"]);
});

Deno.test("Gallery.wants() tells before thumbnails are made whether they are kept", () => {
  const gallery = new Gallery({ perEnd: 2 });
  [3, 4, 5, 6].forEach((score) => gallery.offer(itemOf(`${score}`, 0, score)));
  equal(gallery.wants(itemOf("new", 0, 4.5)), false);
  equal(gallery.wants(itemOf("new", 0, 5.5)), true);
  equal(gallery.wants(itemOf("new", 0, 3.5)), true);
  equal(gallery.wants(itemOf("new", 1, 4.5)), true);
  equal(gallery.wants(itemOf("new", null, 4.5)), true);
  equal(gallery.wants(itemOf("new", 1, NaN)), false);
});

Deno.test("Gallery shows an image at both ends once", () => {
  const gallery = new Gallery();
  [1, 2, 3].forEach((score) => gallery.offer(itemOf(`${score}`, null, score)));
  deepEqual(keysOf(gallery, 2), ["3", "2", "1"]);
  equal(gallery.items("bottle", 2)[0]!.decision, null);
});

Deno.test("Gallery keeps categories apart", () => {
  const gallery = new Gallery({ perEnd: 1 });
  gallery.offer(itemOf("a", 0, 1));
  gallery.offer({ ...itemOf("b", 0, 2), category: "cable" });
  deepEqual(keysOf(gallery), ["a"]);
  deepEqual(gallery.items("grid", null), []);
});

Deno.test("Gallery rejects a bound that is not a positive integer", () => {
  for (const perEnd of [0, -1, 1.5, NaN]) {
    throws(() => new Gallery({ perEnd }), {
      name: "RangeError",
      message:
        `Cannot make a gallery as perEnd must be a positive integer: current value is ${perEnd}`,
    });
  }
});
