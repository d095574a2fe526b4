import assert from "node:assert/strict";
import { closingLine } from "../../tasks/test.ts";

Deno.test("closingLine() reads the summary of deno test", () => {
  const cases = [
    ["ok | 12 passed | 0 failed (3s)", "12 passed, 0 failed"],
    [
      "\x1b[31mFAILED\x1b[0m | 2 passed (1 step) | 3 failed (2 steps) | 1 ignored (1 step) \x1b[38;5;245m(267ms)\x1b[0m",
      "2 passed, 3 failed, 1 skipped",
    ],
    ["ok | 5 passed | 0 failed | 4 filtered out (1ms)", "5 passed, 0 failed"],
  ] as const;
  for (const [summary, line] of cases) {
    const output = `x ... ok (| 9 passed | 9 failed)\n\n${summary}\n\n`;
    assert.equal(closingLine(output), line);
  }
});

Deno.test("closingLine() is undefined where no test was run", () => {
  assert.equal(closingLine("error: Type checking failed.\n"), undefined);
});
