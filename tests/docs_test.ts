import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGES = ["README.md", "lib/README.md", "tasks/deploy/README.md"];

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function text(page: string): Promise<string> {
  return await Deno.readTextFile(join(ROOT, page));
}

/** `a/b.ts` in code, and the targets of links; without addresses. */
function linksOf(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !link.includes("://"));
}

Deno.test("pages link to files that exist", async () => {
  for (const page of PAGES) {
    for (const link of linksOf(await text(page))) {
      const path = join(ROOT, dirname(page), link);
      assert.ok(await exists(path), `${page}: ${link}`);
    }
  }
});

Deno.test("lib/README.md names every room, and only files that exist", async () => {
  const tour = await text("lib/README.md");
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, "lib"))) {
    const room = isDirectory ? `\`${name}/\`` : `\`${name}\``;
    if (isDirectory || name.endsWith(".ts")) {
      assert.ok(tour.includes(room), `${room} is missing`);
    }
  }
  for (const line of tour.split("\n")) {
    const codes = [...line.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
    const rooms = codes.filter((code) => code.endsWith("/"));
    for (const file of codes.filter((code) => /\.tsx?$/.test(code))) {
      const places = ["", "lib", ...rooms.map((room) => `lib/${room}`)]
        .concat("lib/server");
      const found = await Promise.all(
        places.map((place) => exists(join(ROOT, place, file))),
      );
      assert.ok(found.includes(true), file);
    }
  }
});

Deno.test("README.md describes every verb of main.ts", async () => {
  const readme = await text("README.md");
  const main = await text("main.ts");
  const verbs = [...main.matchAll(/^ {2}(\w+): \{$/gm)].map(([, verb]) =>
    verb!
  );
  assert.ok(verbs.length > 8);
  for (const verb of verbs) {
    assert.ok(readme.includes(`\`deno task ${verb}\``), verb);
  }
});
