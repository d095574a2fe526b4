/**
 * What a stranger may do to a server.
 *
 * @module
 */
import { picture } from "../endpoint.ts";
import {
  type Answers,
  type Attack,
  type Body,
  countAll,
  statusOf,
} from "./attack.ts";
import { batched, batches } from "./batches.ts";
import {
  flatBmp,
  flatPng,
  scannedJpeg,
  svgAsWebp,
  textBomb,
} from "./images.ts";
import { deepTar, wideCsv, wideZip } from "./inputs.ts";

/** Sends a body to be scored, some times at once. */
function scored(
  name: string,
  make: () => Body | Promise<Body>,
  count: number,
): Attack {
  return {
    name,
    async prepare({ server: { address } }) {
      const body = await make();
      const url = `${address}/v1/score?category=cup`;
      const headers = { "Content-Type": "image/png" };
      const init = { method: "POST", body, headers };
      return () =>
        countAll(Array.from({ length: count }, () => statusOf(url, init)));
    },
  };
}

async function held(
  port: number,
  count: number,
  sent: (i: number) => string,
): Promise<Answers> {
  const connections: Deno.Conn[] = [];
  const encoder = new TextEncoder();
  let refused = 0;
  for (let i = 0; i < count; i++) {
    try {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      connections.push(connection);
      await connection.write(encoder.encode(sent(i)));
    } catch {
      refused++;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 8000));
  for (const connection of connections) connection.close();
  return { opened: connections.length, "closed at once": refused };
}

const HALVES = [
  "",
  "GET /heal",
  "POST /v1/score?category=a HTTP/1.1\r\nHost: localhost\r\n",
  "POST /v1/score?category=a HTTP/1.1\r\nHost: localhost\r\n" +
  "Content-Type: image/png\r\nContent-Length: 20000000\r\n\r\nabc",
];

const connections: Attack = {
  name: "400 idle and half-open connections",
  prepare: ({ server: { port } }) =>
    Promise.resolve(() => held(port, 400, (i) => HALVES[i % HALVES.length]!)),
};

const flood: Attack = {
  name: "1,500 connections, over the bound of 512",
  prepare: ({ server: { port } }) =>
    Promise.resolve(() => held(port, 1500, () => "GET /")),
};

const stalled: Attack = {
  name: "8 stalled uploads of 16.8 MB, and 20 honest requests",
  async prepare({ server: { port, address } }) {
    const head = "POST /v1/score?category=a HTTP/1.1\r\nHost: localhost\r\n" +
      "Content-Type: image/png\r\nContent-Length: 33000000\r\n\r\n";
    const half = new TextEncoder().encode(head + "x".repeat(16_800_000));
    const body = await picture(1);
    const headers = { "Content-Type": "image/png" };
    return async () => {
      const stalls = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const place = { hostname: "127.0.0.1", port };
          const connection = await Deno.connect(place);
          const writer = connection.writable.getWriter();
          writer.write(half).catch(() => {});
          return connection;
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      const url = `${address}/v1/score?category=cup`;
      const init = { method: "POST", body, headers };
      const answers = await countAll(
        Array.from({ length: 20 }, () => statusOf(url, init)),
      );
      for (const connection of stalls) {
        try {
          connection.close();
        } catch {
          // The writer may have closed it.
        }
      }
      return answers;
    };
  },
};

const RAW = [
  ...["a b", "x/metrics?", "x/v1/score?category=a&z=", "[::1", "evil.example"]
    .map((host) => `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n" +
  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\r\n",
  "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n",
  `GET / HTTP/1.1\r\nHost: localhost\r\n${"A: b\r\n".repeat(20_000)}\r\n`,
  "POST /v1/score HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " +
  `chunked\r\n\r\n0\r\n${"A: b\r\n".repeat(20_000)}\r\n`,
  "POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

async function rawStatus(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text)).catch(() => {});
  const part = new Uint8Array(100);
  const late = new Promise<null>((resolve) =>
    setTimeout(() => resolve(null), 25_000)
  );
  const size = await Promise.race([connection.read(part), late])
    .catch(() => null);
  const answer = new TextDecoder().decode(part.subarray(0, size ?? 0));
  return /^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? "closed";
}

const raw: Attack = {
  name: "raw HTTP: hosts, smuggling, NUL, 20,000 headers and trailers",
  prepare: ({ server: { port } }) =>
    Promise.resolve(() =>
      countAll(
        Array.from({ length: 5 }, () => RAW).flat()
          .map((text) => rawStatus(port, text)),
      )
    ),
};

function largeBodies(name: string, type: string, body: Body): Attack {
  return {
    name,
    prepare: ({ server: { address } }) =>
      Promise.resolve(() => {
        const url = type === "application/json"
          ? `${address}/invocations`
          : `${address}/v1/score?category=cup`;
        const init = {
          method: "POST",
          body,
          headers: { "Content-Type": type },
        };
        return countAll(Array.from({ length: 16 }, () => statusOf(url, init)));
      }),
  };
}

const JSON_IMAGES = JSON.stringify({
  instances: Array.from({ length: 256 }, () => ({ b64: "A".repeat(120_000) })),
});
const PARTS = `--b\r\nContent-Disposition: form-data; name="image"; ` +
  `filename="a"\r\n\r\nx\r\n`;

/** All attacks, those that hurt most last. */
export const ATTACKS: readonly Attack[] = [
  connections,
  flood,
  raw,
  stalled,
  largeBodies(
    "16 bodies of 31 MB of JSON, 256 images each",
    "application/json",
    JSON_IMAGES,
  ),
  largeBodies(
    "16 bodies of 31 MB of nested JSON",
    "application/json",
    "[".repeat(31_000_000),
  ),
  largeBodies(
    "16 forms of 31 MB and 380,000 parts",
    "multipart/form-data; boundary=b",
    `${PARTS.repeat(Math.floor(31_000_000 / PARTS.length))}--b--\r\n`,
  ),
  scored("8 PNG of 1 x 1,000,000", () => flatPng(1, 1_000_000), 8),
  scored("8 PNG of 1 x 100,000", () => flatPng(1, 100_000), 8),
  scored("8 PNG of 100,000 x 500", () => flatPng(100_000, 500), 8),
  scored("4 PNG of 50 megapixels", () => flatPng(7000, 7000), 4),
  scored("6 BMP of 10 megapixels", () => flatBmp(3200, 3200), 6),
  scored("8 PNG with 10 texts of 50 MB", () => textBomb(10), 8),
  scored("8 PNG with 650 texts of 50 MB", () => textBomb(640), 8),
  scored("8 SVG that call themselves WebP", svgAsWebp, 8),
  scored("4 JPEG of 900 scans", () => scannedJpeg(3000, 890), 4),
  scored("4 JPEG of 90 scans", () => scannedJpeg(3000, 80), 4),
  batches,
  batched(
    "a tar 2,000 folders deep",
    "deep.tar",
    async () => deepTar(await picture(1), 2000),
  ),
  batched(
    "a list with 100,000 columns",
    "wide.csv",
    () => Promise.resolve(wideCsv(100_000)),
  ),
  batched(
    "a zip of 60,000 folders",
    "wide.zip",
    () => Promise.resolve(wideZip(flatPng(8, 8), 60_000)),
  ),
];
