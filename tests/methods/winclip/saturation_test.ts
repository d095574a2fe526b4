import assert from "node:assert/strict";
import { GraphBuilder } from "../../../lib/graph/builder.ts";
import { DEFAULT_CONFIG } from "../../../lib/methods/winclip/config.ts";
import { languageMap } from "../../../lib/methods/winclip/language_map.ts";
import { numbers } from "../../contract/numbers.ts";
import { runGraph } from "../../onnx/run_graph.ts";

for (const language of ["anomaly", "normality"] as const) {
  Deno.test(`languageMap() ranks by ${language} where probabilities round to 0 and 1`, async () => {
    const g = new GraphBuilder();
    const image = g.input("image", [-1, 1], "wide");
    const logits = g.input("logits", [-1, 1], "wide");
    const found = [{ windows: { grid: 1, side: 1 }, logits }];
    const y = languageMap(g, { image, found }, { ...DEFAULT_CONFIG, language });
    const values = [-300, -60, -40, 0, 40, 60, 300];
    const column = numbers([values.length, 1], values);
    const feeds = { image: column, logits: column };
    const { data } = (await runGraph(g.build({ y }), { feeds })).y!;
    const got = Array.from(data, Math.round);
    assert.deepEqual(got.map((x) => x + 0), [-80, -60, -40, 0, 40, 60, 80]);
  });
}
