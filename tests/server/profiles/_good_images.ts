/**
 * What tests of profiles share: a server with nano, and images of one product.
 *
 * @module
 */
import {
  Detector,
  type DetectorOptions,
} from "../../../lib/detector/detector.ts";
import { fingerprint } from "../../../lib/methods/fingerprint.ts";
import type { RunSettings } from "../../../lib/batch/run.ts";
import { allStores } from "../../../lib/batch/stores.ts";
import { encodePng } from "../../../lib/image/encode.ts";
import { Random } from "../../../lib/random.ts";
import {
  ScoringServer,
  type ServerOptions,
} from "../../../lib/server/server.ts";

/** A server with nano, and its detector. */
export interface NanoServer extends AsyncDisposable {
  readonly server: ScoringServer;
  readonly detector: Detector;
  readonly settings: RunSettings;
}

/** Opens nano behind a server. */
export async function nanoServer(
  options: Partial<ServerOptions> = {},
  framing: Pick<DetectorOptions, "tile" | "overlap" | "fit"> = {},
): Promise<NanoServer> {
  const detector = await Detector.open("nano", {
    threads: 1,
    learns: true,
    ...framing,
  });
  const frame = detector.framing?.settings;
  const settings: RunSettings = {
    model: {
      name: "nano",
      fingerprint: await fingerprint(detector.directory),
    },
    smooth: 0,
    precision: "f32",
    prompts: null,
    heatRange: [0, 1],
    bitDepth: 16,
    ...frame && { frame },
  };
  const server = new ScoringServer({
    modelName: "nano",
    stores: allStores(),
    batchDelay: 0,
    ...options,
  });
  server.modelLoaded({ detector, settings });
  return {
    server,
    detector,
    settings,
    async [Symbol.asyncDispose]() {
      server.close();
      await detector.close();
    },
  };
}

const SIDE = 96;

/** A striped part with some noise, and a white spot where it is defective. */
export async function part(
  seed: number,
  isDefective = false,
): Promise<Uint8Array<ArrayBuffer>> {
  const random = new Random(`part ${seed}`);
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const isSpot = isDefective && Math.hypot(x - 60, y - 40) < 12;
    const stripe = x % 16 < 8 ? 90 : 150;
    data.fill(isSpot ? 255 : stripe + random.integer(0, 20), i * 3, i * 3 + 3);
  }
  return new Uint8Array(await encodePng({ width: SIDE, height: SIDE, data }));
}

/** A form of images, each under the name `good`. */
export function goodForm(
  images: readonly Uint8Array<ArrayBuffer>[],
  category?: string,
): FormData {
  const form = new FormData();
  for (const [i, image] of images.entries()) {
    form.append("good", new File([image], `${i}.png`, { type: "image/png" }));
  }
  if (category !== undefined) form.set("category", category);
  return form;
}
