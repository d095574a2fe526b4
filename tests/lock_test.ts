import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

async function read(name: string): Promise<Lock> {
  const url = new URL(`../${name}`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(url));
}

const lean = await read("deno.lock");
const all = await read("deno.all.lock");
const imports = Object.values(config.imports).sort();
const scopes = Object.values(config.scopes["./"]).sort();

Deno.test("deno.lock names the imports of deno.json and nothing else", () => {
  assert.deepEqual(Object.keys(lean.specifiers).sort(), imports);
});

Deno.test("deno.all.lock names all packages of deno.json", () => {
  const named = Object.keys(all.specifiers).sort();
  assert.deepEqual(named, [...imports, ...scopes].sort());
});

Deno.test("deno.lock pins each package as deno.all.lock does", () => {
  for (const [name, { integrity }] of Object.entries(lean.npm)) {
    assert.equal(all.npm[name]?.integrity, integrity, name);
  }
});
