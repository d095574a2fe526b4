/**
 * Times the endpoint under load and its session alone, in turns:
 *
 *     deno run -A bench/server_rate.ts [--model DIR] [--images 160]
 *                                      [--rounds 3] [--clients 16]
 *
 * Prints throughput and latencies as one JSON object. With `--memory 2000` it
 * prints the resident memory in 10^6 bytes over 2000 requests instead.
 *
 * @module
 */
import { parseArgs } from "node:util";
import {
  bare,
  BATCH,
  CLIENTS,
  type Endpoint,
  openEndpoint,
  picture,
  requests,
} from "./endpoint.ts";
import { median } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(part * sorted.length), sorted.length - 1)]!;
}

async function residentMegabytes(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024 / 1e6;
}

/** Images in the mean batch of the server, since its start. */
async function meanBatch({ address }: Endpoint): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const valueOf = (name: string) =>
    Number(new RegExp(`^mfp_batch_size_${name} (\\S+)$`, "m").exec(text)?.[1]);
  return valueOf("sum") / valueOf("count");
}

/** Throughput of both, measured in turns, and latencies. */
async function compare(
  endpoint: Endpoint,
  options: { images: number; rounds: number; clients: number },
): Promise<Record<string, unknown>> {
  const { images, rounds, clients } = options;
  const bodies = await Promise.all([1, 2, 3, 4].map(picture));
  const alone: number[] = [];
  const served: number[] = [];
  const latencies: number[] = [];
  await bare(endpoint, BATCH * 2);
  await requests(endpoint, { images: clients, clients, bodies });
  for (let round = 0; round < rounds; round++) {
    alone.push(await secondsOf(() => bare(endpoint, images)));
    served.push(
      await secondsOf(async () => {
        const plan = { images, clients, bodies };
        latencies.push(...await requests(endpoint, plan));
      }),
    );
  }
  const ratios = alone.map((seconds, i) => seconds / served[i]!);
  return {
    sessions: endpoint.detector.sessions,
    batch: BATCH,
    clients,
    aloneImagesPerSecond: images / median(alone),
    servedImagesPerSecond: images / median(served),
    servedOverAlone: median(ratios),
    ratios,
    meanBatch: await meanBatch(endpoint),
    p50Milliseconds: quantile(latencies, 0.5),
    p99Milliseconds: quantile(latencies, 0.99),
  };
}

/** Resident memory every 200 requests. */
async function watchMemory(
  endpoint: Endpoint,
  total: number,
  clients: number,
): Promise<Record<string, unknown>> {
  const bodies = await Promise.all([1, 2, 3, 4].map(picture));
  const megabytes: number[] = [];
  for (let done = 0; done < total; done += 200) {
    await requests(endpoint, { images: 200, clients, bodies });
    megabytes.push(Math.round(await residentMegabytes()));
  }
  return { requests: total, megabytes };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      images: { type: "string", default: "160" },
      rounds: { type: "string", default: "3" },
      clients: { type: "string", default: `${CLIENTS}` },
      memory: { type: "string" },
      model: { type: "string" },
    },
  });
  const model = values.model ?? await Deno.makeTempDir();
  if (values.model === undefined) {
    await writeRandomModel(model, SIZES["vit-b-224"]);
  }
  const clients = Number(values.clients);
  await using endpoint = await openEndpoint(model);
  const found = values.memory === undefined
    ? await compare(endpoint, {
      images: Number(values.images),
      rounds: Number(values.rounds),
      clients,
    })
    : await watchMemory(endpoint, Number(values.memory), clients);
  console.log(JSON.stringify(found, null, 2));
  if (values.model === undefined) {
    await Deno.remove(model, { recursive: true });
  }
}

await main();
