import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

/** Addresses of a module and of all that Deno reads together with it. */
async function readTogether(module: URL): Promise<Set<string>> {
  const args = ["info", "--json", fileURLToPath(module)];
  const command = new Deno.Command("deno", { args });
  const { stdout } = await command.output();
  const found: { readonly modules: readonly ModuleInfo[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const modules = new Map(found.modules.map((info) => [info.specifier, info]));
  const reached = new Set([module.href]);
  for (const address of reached) {
    for (
      const { code, isDynamic } of modules.get(address)?.dependencies ?? []
    ) {
      if (code?.specifier && !isDynamic) reached.add(code.specifier);
    }
  }
  return reached;
}

Deno.test("the table of methods is read without the code of any", async () => {
  const table = new URL("../../lib/methods/table.ts", import.meta.url);
  const reached = await readTogether(table);
  const parts = [...reached].map((address) =>
    address.split("/").slice(-2).join("/")
  );
  assert.ok(parts.includes("winclip/method.ts"));
  const late = /^graph\/|\/(architecture|model|published_head)\.ts$/;
  assert.deepEqual(parts.filter((part) => late.test(part)), []);
});
