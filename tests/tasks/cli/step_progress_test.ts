import assert from "node:assert/strict";
import type { Step } from "../../../lib/hub/hub_options.ts";
import { StepProgress } from "../../../tasks/cli/step_progress.ts";

function record(terminal: boolean) {
  let time = 0;
  let text = "";
  const progress = new StepProgress({
    terminal,
    columns: 60,
    now: () => time,
    write: (part) => text += part,
  });
  const step = (
    milliseconds: number,
    done: number,
    more: Partial<Step> = {},
  ) => {
    time += milliseconds;
    const total = 100e6;
    progress.show({ stage: "download", name: "a.bin", done, total, ...more });
  };
  return { progress, step, text: () => text.replaceAll("\r\x1b[K", "\n> ") };
}

Deno.test("StepProgress redraws a line with rate and time left", () => {
  const { progress, step, text } = record(true);
  step(0, 0);
  step(50, 1e6);
  step(950, 10e6);
  step(1000, 30e6);
  progress.finish();
  progress.finish();
  assert.deepEqual(text().split("\n"), [
    "",
    "> download  a.bin  0 bytes of 100 MB",
    "> download  a.bin  10.0 MB of 100 MB  10.0 MB/s  0:09 left",
    "> download  a.bin  30.0 MB of 100 MB  15.0 MB/s  0:05 left",
    "> download  a.bin  30.0 MB of 100 MB  15.0 MB/s  0:05 left",
    "",
  ]);
});

Deno.test("StepProgress takes the rate of the last seconds", () => {
  const { step, text } = record(true);
  step(0, 50e6);
  for (let i = 1; i <= 10; i++) step(1000, 50e6 + i * 1e6);
  assert.match(text(), /60\.0 MB of 100 MB {2}1\.00 MB\/s {2}0:40 left$/);
  for (let i = 1; i <= 10; i++) step(1000, 60e6 + i * 2e6);
  assert.match(text(), /80\.0 MB of 100 MB {2}2\.00 MB\/s {2}0:10 left$/);
});

Deno.test("StepProgress writes lines now and then where there is no terminal", () => {
  const { progress, step, text } = record(false);
  for (let i = 0; i <= 11; i++) step(1000, i * 1e6);
  progress.say("The server is busy");
  step(0, 5, { stage: "unpack", total: null });
  progress.finish();
  assert.equal(
    text(),
    [
      "download  a.bin  5.00 MB of 100 MB  1.00 MB/s  1:35 left",
      "download  a.bin  10.0 MB of 100 MB  1.00 MB/s  1:30 left",
      "download  a.bin  11.0 MB of 100 MB  1.00 MB/s  1:29 left",
      "The server is busy",
      "unpack  a.bin  5 bytes",
      "",
    ].join("\n"),
  );
});

Deno.test("StepProgress begins a line for each step, none wider than the terminal", () => {
  const { step, text } = record(true);
  step(0, 0);
  step(10, 0, { name: "b".repeat(90), stage: "verify" });
  const lines = text().split("\n");
  assert.equal(lines.length, 5);
  assert.equal(lines[4], `> verify  ${"b".repeat(51)}`);
});
