import { deepEqual, equal, ok } from "node:assert/strict";
import { createProgress } from "../../../tasks/cli/progress.ts";

/** A progress whose time and text are in the hands of the test. */
function watched(
  options: { total: number; terminal: boolean; columns?: number },
) {
  const clock = { now: 1000 };
  const written: string[] = [];
  const progress = createProgress({
    label: "eval",
    write: (text) => written.push(text),
    now: () => clock.now,
    ...options,
  });
  return { clock, written, progress };
}

Deno.test("createProgress() writes plain lines at most every five seconds", () => {
  const { clock, written, progress } = watched({ total: 40, terminal: false });
  for (let i = 0; i < 39; i++) {
    clock.now += 500;
    progress.advance();
  }
  deepEqual(written, [
    "eval  10/40  25 %  2.0/s  0:15 left\n",
    "eval  20/40  50 %  2.0/s  0:10 left\n",
    "eval  30/40  75 %  2.0/s  0:05 left\n",
  ]);
  clock.now += 500;
  progress.advance();
  progress.finish();
  equal(written.length, 5);
  equal(written.at(-1), "eval  40/40  100 %  2.0/s  in 0:20\n");
});

Deno.test("createProgress() redraws a bar in place on a terminal", () => {
  const { clock, written, progress } = watched({ total: 4, terminal: true });
  clock.now += 1000;
  progress.advance();
  equal(
    written[0],
    `\r\x1b[Keval  ${"█".repeat(7)}${
      "░".repeat(23)
    }  1/4  25 %  1.0/s  0:03 left`,
  );
  clock.now += 99;
  progress.advance();
  equal(written.length, 1);
  clock.now += 1;
  progress.advance();
  equal(written.length, 2);
  progress.finish();
  equal(written.at(-1), "\n");
  equal(written.filter((text) => text.includes("\n")).length, 1);
});

Deno.test("createProgress() keeps a bar within the columns of the terminal", () => {
  for (const columns of [20, 40, 60, 200]) {
    const { clock, written, progress } = watched({
      total: 1_000_000,
      terminal: true,
      columns,
    });
    clock.now += 86_400_000;
    progress.advance(7);
    const line = written[0]!.replace("\r\x1b[K", "");
    ok(line.length < columns, `${line.length} characters in ${columns}`);
    ok(line.startsWith("eval  "));
  }
});

Deno.test("createProgress() writes hours, slow rates and fast ones", () => {
  const slow = watched({ total: 100, terminal: false });
  slow.clock.now += 200_000;
  slow.progress.advance(5);
  equal(slow.written[0], "eval  5/100  5 %  0.03/s  1:03:20 left\n");
  const fast = watched({ total: 100_000, terminal: false });
  fast.clock.now += 5000;
  fast.progress.advance(2560);
  equal(fast.written[0], "eval  2560/100000  2 %  512/s  3:10 left\n");
});

Deno.test("createProgress() finishes once, and a run that stops short says so", () => {
  const { clock, written, progress } = watched({ total: 3, terminal: false });
  clock.now += 2000;
  progress.advance();
  progress.finish();
  progress.finish();
  clock.now += 60_000;
  progress.advance();
  deepEqual(written, ["eval  1/3  33 %  0.50/s  0:04 left\n"]);
});

Deno.test("createProgress() ends a run over nothing", () => {
  const { written, progress } = watched({ total: 0, terminal: false });
  progress.finish();
  deepEqual(written, ["eval  0/0  100 %  0.00/s  in 0:00\n"]);
});
