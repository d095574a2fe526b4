/**
 * Asks for /healthz ten times a second, in a thread of its own.
 *
 * @module
 */
interface ProbeScope {
  onmessage: ((event: MessageEvent<string>) => void) | null;
  postMessage(seconds: number): void;
}

const scope = globalThis as unknown as ProbeScope;
let isOver = false;

async function secondsOf(address: string): Promise<number> {
  const start = performance.now();
  const signal = AbortSignal.timeout(60_000);
  try {
    await (await fetch(`${address}/healthz`, { signal })).text();
  } catch {
    return 60;
  }
  return (performance.now() - start) / 1000;
}

async function probe(address: string): Promise<void> {
  let slowest = 0;
  do {
    slowest = Math.max(slowest, await secondsOf(address));
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (!isOver);
  scope.postMessage(slowest);
}

scope.onmessage = ({ data }) => {
  if (data === "end") isOver = true;
  else probe(data);
};
