import assert from "node:assert/strict";
import { gradients } from "../../lib/graph/backward.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import type { ElementType, Primitive } from "../../lib/graph/primitives.ts";
import type { Shape } from "../../lib/graph/shape.ts";
import { TfjsProgram } from "../../lib/tfjs/tfjs_program.ts";
import type { KernelCase } from "../contract/kernel_case.ts";
import { KERNEL_CASES } from "../contract/kernel_cases.ts";
import { assertNumbers, numbers, scattered } from "../contract/numbers.ts";
import { BACKENDS, fed, testOnBackends } from "./backends.ts";

/** Takes fed floats for parameters, so that they can be differentiated by. */
class ParameterBuilder extends GraphBuilder {
  readonly parameters: Value[] = [];

  override input(name: string, shape: Shape, type: ElementType): Value {
    return type === "float"
      ? this.parameter(name, shape)
      : super.input(name, shape, type);
  }

  override parameter(name: string, shape: Shape): Value {
    const value = super.parameter(name, shape);
    if (!this.parameters.includes(value)) this.parameters.push(value);
    return value;
  }

  /** The sum of y, each element with a weight that is fed. */
  weightedSum(y: Value): Value {
    const weights = super.input("weights", y.shape, "float");
    const weighted = this.multiply(this.cast(y, "float"), weights);
    const axes = y.shape.map((_, axis) => axis);
    return axes.length === 0
      ? weighted
      : this.reshape(this.reduceSum(weighted, axes), []);
  }
}

/** A case whose result is summed up, and what it is fed. */
function weightedCase({ build, feeds, parameters, expected }: KernelCase) {
  const g = new ParameterBuilder();
  const loss = g.weightedSum(build(g));
  const weights = numbers(
    expected.shape,
    scattered(expected.data.length).map((x) => x + 2),
  );
  return { g, loss, feeds: fed({ ...feeds, ...parameters, weights }) };
}

function programOf(g: ParameterBuilder, outputs: Record<string, Value>) {
  return new TfjsProgram(g.build(outputs), {
    parameter: (name) => assert.fail(`${name} must be fed`),
    feed: new Set(g.parameters.map(({ name }) => name)),
  });
}

/** By the rules of `lib/graph`. */
async function byRules(kernel: KernelCase, index: number) {
  const { g, loss, feeds } = weightedCase(kernel);
  const wrt = [g.parameters[index]!];
  const [dy] = gradients(g, loss, { wrt });
  // The loss keeps inputs in the program that tell the batch size.
  using program = programOf(g, { dy: dy!, loss });
  return (await program.evaluate(feeds)).dy;
}

/** By the tape of TensorFlow.js. */
async function byTape(kernel: KernelCase, index: number) {
  const { g, loss, feeds } = weightedCase(kernel);
  const { name } = g.parameters[index]!;
  using program = programOf(g, { loss });
  const request = { loss: "loss", wrt: [name] };
  return (await program.lossAndGradients(feeds, request)).gradients[name];
}

/** Primitives without a case that can be differentiated. */
const NOT_DIFFERENTIABLE: ReadonlySet<string> = new Set<Primitive>([
  "constant",
  "equal",
  "detach",
  "argMax",
  "maxPool2dGradient",
]);

/** The contract casts constants; this can be differentiated. */
const CAST: KernelCase = {
  name: "float to wide and back",
  build: (g) => {
    const x = g.cast(g.input("x", [2], "float"), "wide");
    return g.cast(g.multiply(x, x), "float");
  },
  feeds: { x: numbers([2], [3, -0.5]) },
  expected: numbers([2], [9, 0.25]),
};

/** There are no slices along the batch, as the rule of `concat` would need. */
const WITHOUT_RULE = "to free dimensions -1 and -2";

function casesOf(primitive: Primitive): readonly KernelCase[] {
  const cases = KERNEL_CASES[primitive].filter(({ name }) =>
    name !== WITHOUT_RULE
  );
  return primitive === "cast" ? [...cases, CAST] : cases;
}

async function compare(kernel: KernelCase, index: number): Promise<boolean> {
  const { g } = weightedCase(kernel);
  const { name } = g.parameters[index]!;
  const refusal = { name: "TypeError", message: /must depend on it$/ };
  const expected = await byRules(kernel, index).catch((error) => {
    assert.match(String(error), refusal.message);
  });
  if (expected === undefined) {
    await assert.rejects(byTape(kernel, index), refusal);
    return false;
  }
  assertNumbers(await byTape(kernel, index), expected, {
    tolerance: 1e-6,
    label: `by ${name}`,
  });
  return true;
}

for (const primitive of Object.keys(KERNEL_CASES) as Primitive[]) {
  const name = `lossAndGradients() agrees with the rule of ${primitive}`;
  testOnBackends(name, BACKENDS, async (_, t) => {
    let compared = 0;
    for (const kernel of casesOf(primitive)) {
      await t.step(kernel.name, async () => {
        for (const index of weightedCase(kernel).g.parameters.keys()) {
          if (await compare(kernel, index)) compared++;
        }
      });
    }
    assert.equal(compared === 0, NOT_DIFFERENTIABLE.has(primitive));
  });
}
