/**
 * Attacks a server as strangers may, one attack after the other:
 *
 *     deno run -A bench/attacks.ts [--only WORD] [--model nano]
 *
 * Prints a table, first of the server left alone, then of each attack: the
 * answers, the slowest answer of /healthz, the longest
 * block of the event loop and the most resident memory. Ends with 1 where the
 * process ended or /healthz took more than a second.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { attackedServer, type Seen } from "./attacks/attacked_server.ts";
import type { Answers } from "./attacks/attack.ts";
import { ATTACKS } from "./attacks/attacks.ts";
import { picture } from "./endpoint.ts";

const { values: { only = "", model = "nano" } } = parseArgs({
  options: { only: { type: "string" }, model: { type: "string" } },
});

const folder = await Deno.makeTempDir({ prefix: "attacks" });
await Deno.mkdir(`${folder}/in`);
await Deno.writeFile(`${folder}/in/a.png`, await picture(1));
await using server = await attackedServer(folder, [
  `--model=${model}`,
  `--allow-input=${folder}/in/`,
  `--allow-output=${folder}/out/`,
]);
let isHurt = false;
console.log("| attack | answers | /healthz s | blocked s | RSS MB | alive |");
console.log("| --- | --- | ---: | ---: | ---: | --- |");
const numbersOf = ({ health, blocked, megabytes, isAlive }: Seen) =>
  `${health.toFixed(2)} | ${blocked.toFixed(2)} | ${
    megabytes.toFixed(0)
  } | ${isAlive}`;
const still = (seconds: number) =>
  server.during(() =>
    new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  );
console.log(`| none, after the start | | ${numbersOf(await still(2))} |`);
// Blocks are told for a minute.
console.log(`| none, a minute later | | ${numbersOf(await still(62))} |`);
for (const attack of ATTACKS) {
  if (!attack.name.includes(only)) continue;
  const run = await attack.prepare({ server, folder });
  let answers: Answers = {};
  const seen = await server.during(async () => {
    answers = await run().catch((error) => ({ [`${error}`]: 1 }));
  });
  const told = Object.entries(answers).map(([name, n]) => `${n} ${name}`);
  console.log(`| ${attack.name} | ${told.join(", ")} | ${numbersOf(seen)} |`);
  isHurt ||= !seen.isAlive || seen.health > 1;
}
await Deno.remove(folder, { recursive: true }).catch(() => {});
if (isHurt) Deno.exitCode = 1;
