import assert from "node:assert/strict";
import { assertOutFolder, complaintAboutOut } from "../../tasks/places.ts";

Deno.test("complaintAboutOut() keeps results out of the data", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/photos/bottle`, { recursive: true });
  await Deno.mkdir(`${root}/out/heatmaps`, { recursive: true });
  await Deno.writeTextFile(`${root}/file`, "");
  await Deno.symlink(`${root}/photos`, `${root}/link`);
  await Deno.symlink(`${root}/circle`, `${root}/circle`);
  const cases: [string, string, RegExp | undefined][] = [
    ["photos", "photos", /as it must lie outside the data/],
    ["photos/new/out", "photos", /as it must lie outside the data/],
    ["link/out", "photos", /as it must lie outside the data/],
    ["out", "out/heatmaps", /as that would remove the data/],
    ["file", "photos", /as it must be a folder/],
    ["photos-out", "photos", undefined],
    ["out", "photos", undefined],
    [".", "photos", undefined],
    ["new", "archive.zip", undefined],
    // The folder cannot be made there, which is told when it is made.
    ["file/new", "photos", undefined],
    ["circle", "photos", undefined],
  ];
  for (const [out, data, expected] of cases) {
    const complaint = await complaintAboutOut(
      `${root}/${out}`,
      `${root}/${data}`,
    );
    if (expected === undefined) assert.equal(complaint, undefined);
    else assert.match(complaint ?? "", expected);
  }
  await Deno.remove(root, { recursive: true });
});

Deno.test("assertOutFolder() refuses a file", async () => {
  const file = await Deno.makeTempFile();
  await assert.rejects(assertOutFolder(file), {
    name: "UsageError",
    message: `Cannot write results to ${file} as it must be a folder`,
  });
  await Deno.remove(file);
  await assertOutFolder(file);
});
