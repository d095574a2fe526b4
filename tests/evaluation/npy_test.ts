import assert from "node:assert/strict";
import { encodeNpy } from "../../lib/evaluation/npy.ts";

Deno.test("encodeNpy() writes the bytes that numpy.save writes", () => {
  const bytes = encodeNpy(Float32Array.of(0, 0.25, -1, 1e-7), {
    width: 2,
    height: 2,
  });
  // np.save(f, np.array([[0, .25], [-1, 1e-7]], "<f4")) of NumPy 2
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
  assert.deepEqual([...bytes.subarray(0, 10)], [
    ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0],
  ]);
  const text = new TextDecoder().decode(bytes.subarray(10, 128));
  assert.equal(text, `${header.padEnd(117)}\n`);
  assert.equal(
    bytes.subarray(128).toHex(),
    "00000000" + "0000803e" + "000080bf" + "95bfd633",
  );
});

Deno.test("encodeNpy() writes float16 maps as <f2", () => {
  const bytes = encodeNpy(Float16Array.of(1, -2, 0.5, 65504), {
    width: 2,
    height: 2,
  });
  assert.match(new TextDecoder().decode(bytes), /'descr': '<f2'/);
  assert.equal(bytes.subarray(128).toHex(), "003c00c00038ff7b");
});

Deno.test("encodeNpy() aligns the values of any size to 64 bytes", () => {
  for (const side of [1, 9, 10, 99, 100, 518, 1000]) {
    const bytes = encodeNpy(new Float32Array(side * side), {
      width: side,
      height: side,
    });
    assert.equal((bytes.length - side * side * 4) % 64, 0);
  }
});

Deno.test("encodeNpy() throws on a map of another size", () => {
  assert.throws(
    () => encodeNpy(new Float32Array(3), { width: 2, height: 2 }),
    /^TypeError: Cannot encode a map as .npy as it must hold 2 x 2 values: current value is 3$/,
  );
});
