import assert from "node:assert/strict";
import { encodeCsvMetadata } from "../../lib/results/csv_metadata.ts";
import { VERSION } from "../../lib/version.ts";
import { categoryOf, summaryOf } from "../report/sample_report.ts";

Deno.test("encodeCsvMetadata() says what a CSV file was made with", () => {
  const prompts = { nut: { normal: ["a nut"], abnormal: ["a bent nut"] } };
  const summary = summaryOf({ nut: categoryOf(0.5) }, { prompts, smooth: 4 });
  const bytes = encodeCsvMetadata("scores.csv", summary, ";");
  assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), {
    "@context": "http://www.w3.org/ns/csvw",
    url: "scores.csv",
    dialect: { delimiter: ";" },
    notes: [{
      model: "nano",
      data: "synthetic",
      prompts,
      smooth: "4",
      version: VERSION,
    }],
  });
});
