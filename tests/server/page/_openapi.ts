/**
 * What tests of the OpenAPI document share.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { allStores } from "../../../lib/batch/stores.ts";
import { readyServer, temporaryFolder } from "../_server.ts";

const TYPES = fileURLToPath(new URL("./_types.ts", import.meta.url));

/** Runs `deno` to its end, and returns what it printed. */
export async function runDeno(args: string[], cwd?: string): Promise<string> {
  const options = cwd === undefined ? { args } : { args, cwd };
  const command = new Deno.Command("deno", options);
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

/** An operation as tests look at it. */
export interface Operation {
  operationId?: string;
  summary?: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean }[];
  responses: Record<string, { headers?: object; content?: object }>;
}

/** A document as tests look at it. */
export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, { example?: unknown }>;
    securitySchemes: Record<string, { description?: string }>;
  };
}

/** The document of a server, and its operations. */
export async function documentOf(tokens: string[]): Promise<{
  document: Document;
  operations: { route: string; path: string; operation: Operation }[];
}> {
  await using folder = await temporaryFolder();
  const { server } = readyServer({
    predictRoute: "/predict",
    healthRoute: "/health",
    tokens,
    state: allStores().folder(folder.path),
  });
  const document: Document = await (await server.app.request("/openapi.json"))
    .json();
  await server.drain();
  server.close();
  const operations = Object.entries(document.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        route: `${method} ${path}`,
        path,
        operation,
      }))
    );
  return { document, operations };
}

/** Makes the types of a document. */
export async function typesOf(document: unknown): Promise<string> {
  const flags = ["run", "-A", "--no-check", "--lock=deno.all.lock"];
  return await runDeno([...flags, TYPES, JSON.stringify(document)]);
}
