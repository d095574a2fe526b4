import { readWeight } from "../../../lib/checkpoint/safetensors.ts";
import { TfjsEngine } from "../../../lib/training/engine/tfjs_engine.ts";
import { KeptFeatures } from "../../../lib/training/images/image_features.ts";
import { assertNumbers, numbers } from "../../contract/numbers.ts";
import {
  ANOMALY_CLIP_GOLDENS,
  type PromptedGolden,
} from "../../golden/prompted_clips/golden.ts";
import { testOnBackends } from "../../tfjs/backends.ts";
import { openPrompted, photographBytes } from "../prompted.ts";
import {
  expectedTraining,
  LABELS,
  trainedNames,
  trainingIds,
} from "./training_golden.ts";

const [PUBLISHED] = ANOMALY_CLIP_GOLDENS as [PromptedGolden];

testOnBackends(
  "TfjsEngine gives AnomalyCLIP's losses and gradients as specified",
  ["cpu"],
  async (backend) => {
    await using opened = await openPrompted(PUBLISHED);
    const { model } = opened;
    const { image } = model.architecture.training!;
    const names = trainedNames(model);
    const expected = await expectedTraining(PUBLISHED, "grad", names);
    const running = { provider: "cpu", threads: 1, cacheBytes: 0 } as const;
    await using kept = await KeptFeatures.open(model, image!, running);
    const rgb = Uint8Array.from((await photographBytes(PUBLISHED.side)).data);
    const bytes = rgb.length / LABELS.length;
    const features = await Promise.all(
      LABELS.map((_, i) =>
        kept.of(i, rgb.subarray(i * bytes, (i + 1) * bytes))
      ),
    );
    const joined = [...image!.shapes.keys()].map((name) => {
      const rows = features.flatMap((own) => [...own.get(name)!]);
      return [name, Float32Array.from(rows)] as const;
    });
    const { textLength, ids } = trainingIds(model);
    const trainable = new Set(names);
    const options = { textLength, trainable, backend, fedImages: true };
    const engine = await TfjsEngine.open(model, options);
    const parameters = new Map<string, Float32Array>();
    for (const name of names) {
      parameters.set(name, await readWeight(model.weights.get(name)!));
    }
    const batch = {
      size: LABELS.length,
      rgb,
      image: new Map(joined),
      text: BigInt64Array.from(ids.data, BigInt),
      mask: Float32Array.from(expected.mask!.data),
      label: Float32Array.from(LABELS),
    };
    const found = await engine.step(batch, parameters);
    await engine.close();
    const loss = numbers([], [expected.losses!.data[0]!]);
    assertNumbers(numbers([], [found.loss]), loss, { tolerance: 1e-4 });
    for (const name of names) {
      const { shape, data } = expected[`grad.${name}`]!;
      const scale = Math.max(...Array.from(data, Math.abs));
      const relative = (values: ArrayLike<number>) =>
        numbers(shape, Array.from(values, (x) => x / scale));
      // Gradients that are rounded to float16 may round the other way.
      const options = { tolerance: 1e-3, label: name };
      const actual = relative(found.gradients.get(name)!);
      assertNumbers(actual, relative(data), options);
    }
  },
);
