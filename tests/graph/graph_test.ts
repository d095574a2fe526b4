import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { type Graph, printGraph } from "../../lib/graph/graph.ts";
import { linear, softmax } from "../../lib/graph/nn.ts";
import { BATCH } from "../../lib/graph/shape.ts";

function classifier(): Graph {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 4], "float");
  const classes = g.scope("head", () => {
    const weight = g.parameter("head.weight", [3, 4]);
    const bias = g.parameter("head.bias", [3]);
    const y = g.leakyRelu(linear(g, x, { weight, bias }), 0.25);
    return softmax(g, g.slice(y, 1, 0, 2));
  });
  const best = g.argMax(classes, 1);
  return g.build({
    classes: g.reshape(classes, [BATCH, 1, 2]),
    best: g.equal(best, 1),
  });
}

const PRINTED = `
x: float[B, 4] = input
head.weight: float[3, 4] = parameter
head.bias: float[3] = parameter
/head/linear/matMul: float[B, 3] = matMul{transposeA=false, transposeB=true} x head.weight
/head/linear/add: float[B, 3] = add /head/linear/matMul head.bias
/head/leakyRelu: float[B, 3] = leakyRelu{slope=0.25} /head/linear/add
/head/slice: float[B, 2] = slice{axis=1, start=0, end=2} /head/leakyRelu
/head/softmax/reduceMax: float[B, 1] = reduceMax{axes=[1]} /head/slice
/head/softmax/subtract: float[B, 2] = subtract /head/slice /head/softmax/reduceMax
/head/softmax/exp: float[B, 2] = exp /head/softmax/subtract
/head/softmax/reduceSum: float[B, 1] = reduceSum{axes=[1]} /head/softmax/exp
/head/softmax/divide: float[B, 2] = divide /head/softmax/exp /head/softmax/reduceSum
/argMax: int[B, 1] = argMax{axis=1} /head/softmax/divide
/reshape: float[B, 1, 2] = reshape{shape=[B, 1, 2]} /head/softmax/divide
/constant: int[] = constant
/equal: bool[B, 1] = equal /argMax /constant
return classes = /reshape
return best = /equal
`;

Deno.test("printGraph() prints a line a node", () => {
  assert.equal(printGraph(classifier()), PRINTED.trim());
});

Deno.test("printGraph() prints the same program the same twice", () => {
  assert.equal(printGraph(classifier()), printGraph(classifier()));
});
