import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import {
  averageMatrix,
  bicubicMatrix,
  bilinearMatrix,
  gaussianMatrix,
  type LineMatrix,
  resampleImage,
  resampleTokens,
  smoothBicubicMatrix,
} from "../../lib/graph/resample.ts";
import { assertNumbers, type Numbers, numbers } from "../contract/numbers.ts";
import { runGraph } from "../onnx/run_graph.ts";
import { type GoldenCase, readGoldens } from "./goldens.ts";

interface Spots {
  readonly x: Numbers;
  readonly rows: number;
  /** Row, column and the number there. */
  readonly spots: readonly (readonly [number, number, number])[];
}

interface Goldens {
  readonly bilinear: readonly GoldenCase[];
  readonly bicubic: readonly GoldenCase[];
  readonly average: readonly GoldenCase[];
  readonly gaussian: readonly GoldenCase[];
  readonly bilinearSpots: Spots;
  readonly bicubicSpots: Spots;
  readonly alignedBilinear: readonly GoldenCase[];
  readonly smoothBicubic: readonly GoldenCase[];
  readonly smoothBicubicSpots: Spots;
}

const GOLDENS = await readGoldens<Goldens>("resample.json");
const SIDE = 5;

async function resampled(x: Numbers, line: LineMatrix): Promise<Numbers> {
  const g = new GraphBuilder();
  const y = resampleImage(g, g.input("x", x.shape, "float"), line);
  const options = { feeds: { x }, precision: "f64" } as const;
  return (await runGraph(g.build({ y }), options)).y!;
}

async function assertResamples(
  cases: readonly GoldenCase[],
  matrix: (attributes: Readonly<Record<string, unknown>>) => LineMatrix,
  tolerance = 1e-9,
): Promise<void> {
  for (const { attributes, inputs, expected } of cases) {
    const y = await resampled(inputs.x!, matrix(attributes));
    const label = JSON.stringify(attributes);
    assertNumbers(y, expected, { tolerance, label });
  }
}

async function assertSpots(
  { x, spots }: Spots,
  line: LineMatrix,
): Promise<void> {
  const y = await resampled(x, line);
  for (const [row, column, expected] of spots) {
    const actual = y.data[row * line.rows + column]!;
    assert(Math.abs(actual - expected) < 1e-9, `(${row}, ${column})`);
  }
}

Deno.test("bilinearMatrix() equals PyTorch's interpolation, up and down", async () => {
  await assertResamples(
    GOLDENS.bilinear,
    ({ rows }) => bilinearMatrix(Number(rows), SIDE),
  );
});

Deno.test("bilinearMatrix() equals PyTorch's from 37 to 518", async () => {
  const { bilinearSpots: spots } = GOLDENS;
  await assertSpots(spots, bilinearMatrix(spots.rows, 37));
});

Deno.test("bicubicMatrix() equals PyTorch's interpolation, up and down", async () => {
  await assertResamples(
    GOLDENS.bicubic,
    ({ rows }) => bicubicMatrix(Number(rows), SIDE),
  );
});

Deno.test("bicubicMatrix() equals PyTorch's from 24 to 37", async () => {
  const { bicubicSpots: spots } = GOLDENS;
  await assertSpots(spots, bicubicMatrix(spots.rows, 24));
});

Deno.test("bilinearMatrix() aligns corners as PyTorch does", async () => {
  await assertResamples(
    GOLDENS.alignedBilinear,
    ({ rows }) => bilinearMatrix(Number(rows), SIDE, { alignCorners: true }),
  );
});

Deno.test("smoothBicubicMatrix() equals PyTorch's with antialiasing, up and down", async () => {
  await assertResamples(
    GOLDENS.smoothBicubic,
    ({ rows }) => smoothBicubicMatrix(Number(rows), SIDE),
  );
});

Deno.test("smoothBicubicMatrix() equals PyTorch's from 24 to 37", async () => {
  const { smoothBicubicSpots: spots } = GOLDENS;
  await assertSpots(spots, smoothBicubicMatrix(spots.rows, 24));
});

Deno.test("averageMatrix() equals PyTorch's pooling without the padding", async () => {
  await assertResamples(
    GOLDENS.average,
    ({ width }) => averageMatrix(SIDE, Number(width)),
  );
});

Deno.test("gaussianMatrix() equals SciPy's filter, even where it is wider", async () => {
  await assertResamples(
    GOLDENS.gaussian,
    ({ sigma }) => gaussianMatrix(SIDE, Number(sigma)),
  );
});

Deno.test("line matrices have rows that add up to 1", () => {
  const lines = [
    bilinearMatrix(7, 3),
    bilinearMatrix(3, 7),
    bicubicMatrix(7, 3),
    bilinearMatrix(7, 3, { alignCorners: true }),
    smoothBicubicMatrix(7, 3),
    smoothBicubicMatrix(3, 7),
    averageMatrix(6, 3),
    gaussianMatrix(6, 2),
  ];
  for (const { rows, columns, data } of lines) {
    assert.equal(data.length, rows * columns);
    for (let row = 0; row < rows; row++) {
      const weights = data.subarray(row * columns, (row + 1) * columns);
      const sum = weights.reduce((a, b) => a + b, 0);
      assert(Math.abs(sum - 1) < 1e-12, `row ${row}`);
    }
  }
});

Deno.test("line matrices of a line's own size change nothing", () => {
  for (
    const { data } of [
      bilinearMatrix(4, 4),
      bicubicMatrix(4, 4),
      bilinearMatrix(4, 4, { alignCorners: true }),
      smoothBicubicMatrix(4, 4),
      averageMatrix(4, 1),
    ]
  ) {
    const identity = data.map((_, i) => i % 5 === 0 ? 1 : 0);
    // Compared by value: bicubic weights of neighbours are -0.
    assert(data.every((weight, i) => weight === identity[i]));
  }
});

Deno.test("resampleTokens() treats each feature as an image of its own", async () => {
  const { inputs, expected } = GOLDENS.bilinear.at(-1)!;
  const x = inputs.x!;
  const [channels, from, to] = [x.shape[0]!, SIDE ** 2, expected.shape[1]!];
  const tokens = Array.from( // [1, 25, 2]
    { length: channels * from },
    (_, i) => x.data[(i % channels) * from + Math.floor(i / channels)]!,
  );
  const g = new GraphBuilder();
  const input = g.input("x", [-1, from, channels], "float");
  const y = resampleTokens(g, input, bilinearMatrix(to, SIDE));
  assert.deepEqual(y.shape, [-1, to * to, channels]);
  const feeds = { x: numbers([2, from, channels], [...tokens, ...tokens]) };
  const result = await runGraph(g.build({ y }), { feeds, precision: "f64" });
  const wanted = Array.from(
    { length: 2 * channels * to * to },
    (_, i) =>
      expected
        .data[(i % channels) * to * to + Math.floor(i / channels) % (to * to)]!,
  );
  assertNumbers(result.y, numbers([2, to * to, channels], wanted), {
    tolerance: 1e-9,
  });
});
