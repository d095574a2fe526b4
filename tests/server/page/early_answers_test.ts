import assert from "node:assert/strict";
import { allStores } from "../../../lib/batch/stores.ts";
import type { ServerOptions } from "../../../lib/server/server.ts";
import { readyServer, temporaryFolder } from "../_server.ts";
import { documentOf } from "./_openapi.ts";

/** A body of which nothing ever comes. */
function silence(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream();
}

/** What is wrong with a request before its route is asked. */
interface Fault {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly limits?: ServerOptions["limits"];
  readonly body?: () => BodyInit;
}

const FAULTS: readonly Fault[] = [
  { query: "?x=%FF" },
  { headers: { "Sec-Fetch-Site": "cross-site" } },
  { headers: { Authorization: "Basic Og==" } },
  { headers: { Authorization: "Bearer other" } },
];

const FAULTS_OF_BODIES: readonly Fault[] = [
  ...FAULTS,
  { headers: { "Content-Encoding": "gzip" }, body: () => "{}" },
  { headers: { "Content-Type": "text/none" }, body: () => "{}" },
  { headers: { "Content-Length": "1000" }, limits: { bodyBytes: 10 } },
  { body: silence, limits: { silenceMilliseconds: 10 } },
  { body: () => "{}", limits: { heldBytes: 1 } },
];

/** The status of the answer to a request with a fault. */
async function statusOf(
  route: string,
  { query = "", headers, limits, body }: Fault,
  options: Partial<ServerOptions>,
): Promise<number> {
  const { server } = readyServer({ ...options, ...limits && { limits } });
  const [method, path] = route.split(" ");
  const sent = body?.();
  const response = await server.app.request(
    path!.replaceAll(/\{\w+\}/g, "x") + query,
    {
      method: method!.toUpperCase(),
      headers: {
        "Content-Type": "application/json",
        Authorization: "Bearer t",
        ...headers,
      },
      ...sent !== undefined && { body: sent },
    },
  );
  await response.body?.cancel();
  server.close();
  return response.status;
}

for (const tokens of [[], ["t"]]) {
  const name = tokens.length > 0 ? "with tokens" : "without tokens";
  Deno.test(`GET /openapi.json names what is answered before routes are asked, ${name}`, async () => {
    await using folder = await temporaryFolder();
    const options = {
      predictRoute: "/predict",
      healthRoute: "/health",
      tokens,
      state: allStores().folder(folder.path),
    };
    const { operations } = await documentOf(tokens);
    const seen = new Set<number>();
    for (const { route, operation } of operations) {
      const hasBody = "requestBody" in operation;
      const takes = hasBody || (operation.parameters ?? []).length > 0;
      for (const fault of hasBody ? FAULTS_OF_BODIES : FAULTS) {
        if (fault.query !== undefined && !takes) continue;
        const status = await statusOf(route, fault, options);
        seen.add(status);
        const what = `${route} ${JSON.stringify(fault)}: ${status}`;
        assert.ok(`${status}` in operation.responses, what);
      }
    }
    const early = [400, 408, 413, 415, 503];
    if (tokens.length === 0) early.push(403);
    for (const status of early) assert.ok(seen.has(status), `${status}`);
  });
}
