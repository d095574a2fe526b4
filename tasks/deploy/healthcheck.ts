/**
 * Asks the server in this container whether it is up, for `HEALTHCHECK`.
 *
 * @module
 */

const port = Deno.env.get("AIP_HTTP_PORT") ?? Deno.env.get("PORT") ?? "8080";
const { ok } = await fetch(`http://127.0.0.1:${port}/healthz`);
Deno.exit(ok ? 0 : 1);
