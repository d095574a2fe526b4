import assert from "node:assert/strict";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { openPytorch } from "../../lib/checkpoint/pytorch_checkpoint.ts";
import { PytorchArchive } from "../../lib/checkpoint/pytorch_zip.ts";
import { pytorchArchive, storedZip } from "./pytorch_archive.ts";
import { safetensors, temporaryFolder } from "./temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden/pytorch`;

async function messageOf(path: string): Promise<string> {
  const error = await openPytorch(path).then(
    () => assert.fail(`${path} was accepted`),
    (error) => error,
  );
  assert(error instanceof ModelError, `${path}: ${error}`);
  assert(!/[\n.]$/.test(error.message) && !error.message.includes("\n"));
  return error.message.replace(path, "FILE");
}

async function messageAbout(content: Uint8Array): Promise<string> {
  await using folder = await temporaryFolder();
  return await messageOf(await folder.write("a.pt", content));
}

function bytes(...parts: readonly (string | number)[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) =>
      typeof part === "number"
        ? [part]
        : [...part].map((character) => character.charCodeAt(0))
    ),
  );
}

Deno.test("openPytorch() names what a pickle asks for, and never gets it", async () => {
  const asked: Record<string, string> = {
    system: "posix.system",
    eval: "__builtin__.eval",
    stack_global: "builtins.eval",
    getattr: "__builtin__.getattr",
    inst: "os.system",
    module: "torch.nn.modules.linear.Linear",
    namespace: "argparse.Namespace",
    sparse: "torch._utils._rebuild_sparse_tensor",
    torch_class: "__torch__.a.B",
    line_feed: '"a\\nb\\u001b.c"',
  };
  for (const [name, what] of Object.entries(asked)) {
    assert.equal(
      await messageOf(`${GOLDEN}/malicious/${name}.pt`),
      `Cannot load FILE as its pickle asks for ${what}, which is not part of ` +
        "a checkpoint",
    );
  }
});

Deno.test("openPytorch() says what is malformed in a pickle", async () => {
  const reasons: Record<string, string> = {
    below_mark: "its pickle takes from an empty stack, at byte 5",
    long_text: "its pickle needs 2147483647 more bytes and has 4, at byte 7",
    no_dict: "its pickle sets items of what is no dict, at byte 8",
    no_end: "its pickle ends before its end, at byte 5",
    no_mark: "its pickle has no mark to go back to, at byte 4",
    no_memo: "its pickle recalls what it never stored, at byte 4",
    not_utf8: "its pickle has text that is not UTF-8, at byte 9",
    protocol_0: "its pickle has the instruction 0x64, which no checkpoint " +
      "has, at byte 2",
    negative: "its pickle describes a tensor in an unknown way",
    beyond: "a tensor of [2] must lie within its storage of 2 elements: its " +
      "last one is 3",
    too_short: "storage 0 must have 8 bytes for 2 elements of F32: current " +
      "value is 4",
    other_key: "its archive has no entry data/../0",
    big_endian: "its byte order must be little-endian: current value is big",
    circle: "its modules are nested too deeply or too often",
    doubling: "its modules are nested too deeply or too often",
    compressed: "the entry data.pkl of its archive must be stored as it is, " +
      "neither compressed nor encrypted",
  };
  for (const [name, reason] of Object.entries(reasons)) {
    assert.equal(
      await messageOf(`${GOLDEN}/malicious/${name}.pt`),
      `Cannot load FILE as ${reason}`,
    );
  }
  assert.match(
    await messageOf(`${GOLDEN}/malicious/long_bytes.pt`),
    /its pickle needs \d{20} more bytes and has 1, at byte 11$/,
  );
});

Deno.test("openPytorch() refuses instructions on the wrong values", async () => {
  const cases: [Uint8Array, RegExp][] = [
    [bytes(0x80, 6, "."), /has protocol 6/],
    [bytes("Na."), /takes from an empty stack/],
    [bytes("N]a."), /appends to what is no list/],
    [bytes("}(K", 1, "u."), /sets items of what is no dict/],
    [bytes("}}b."), /must hold a state dict/],
    [bytes("N}b."), /sets fields of what has none/],
    [bytes("N)R."), /calls what is no function/],
    [bytes("ccollections\nOrderedDict\nNR."), /calls what is no function/],
    [bytes("ccollections\nOrderedDict\n]\x85R."), /an OrderedDict in an unkn/],
    [bytes("N)\x81."), /makes an instance of what is no class/],
    [bytes("NQ."), /describes a storage in an unknown way/],
    [bytes("ctorch._utils\n_rebuild_parameter\n)R."), /describes a parameter/],
    [bytes("K", 1, "K", 2, "\x93."), /asks for what has no name/],
    [bytes("cos"), /has a line without an end/],
    [bytes("icollections\nOrderedDict\n."), /a way that no checkpoint does/],
    [bytes("K", 1, "."), /must hold a state dict, with tensors by name/],
    [bytes("ctorch\nconstructor\n."), /asks for torch\.constructor, which/],
  ];
  for (const [pickle, message] of cases) {
    assert.match(await messageAbout(pytorchArchive(pickle)), message);
  }
});

Deno.test("openPytorch() bounds what a pickle can make it do", async () => {
  const many = bytes(0x80, 2, "}".repeat(1_000_001), ".");
  assert.match(
    await messageAbout(pytorchArchive(many)),
    /its pickle has more than 1000000 objects, at byte 1000003$/,
  );
  const nested = bytes(0x80, 2, "]", "\x85".repeat(500_000), ".");
  assert.match(
    await messageAbout(pytorchArchive(nested)),
    /it must hold a state dict, with tensors by name$/,
  );
  assert.match(
    await messageAbout(pytorchArchive(new Uint8Array(2 ** 24 + 1))),
    /data\.pkl must have at most 16777216 bytes: current value is 16777217$/,
  );
  const name = bytes("}X", 0xe9, 3, 0, 0, "a".repeat(1001), "Ns.");
  assert.match(
    await messageAbout(pytorchArchive(name)),
    /a name in it has 1001 characters$/,
  );
});

Deno.test("openPytorch() refuses files of other formats", async () => {
  assert.equal(
    await messageOf(`${GOLDEN}/legacy.pt`),
    "Cannot load FILE as it has the format of PyTorch before 1.6, which must " +
      "be loaded with torch.load and saved again with torch.save",
  );
  const tar = new Uint8Array(1024);
  tar.set(bytes("ustar"), 257);
  assert.match(await messageAbout(tar), /PyTorch before 1\.6/);
  assert.match(
    await messageOf(`${GOLDEN}/malicious/other.zip`),
    /not of torch\.save or torch\.jit\.save: there must be one data\.pkl, /,
  );
  const pickle = bytes("}.");
  const two = storedZip([["a/data.pkl", pickle], ["b/data.pkl", pickle]]);
  assert.match(await messageAbout(two), /one data\.pkl, there are 2$/);
  const twice = storedZip([["a/data.pkl", pickle], ["a/data.pkl", pickle]]);
  assert.match(await messageAbout(twice), /has a\/data\.pkl twice$/);
  for (const content of [safetensors({}), new Uint8Array(0), bytes("PK")]) {
    assert.match(
      await messageAbout(content),
      /it is neither a zip archive of PyTorch nor safetensors$/,
    );
  }
  assert.match(await messageOf("/nowhere/a.pt"), /there is no such file$/);
  assert.match(await messageOf(GOLDEN), /it is not a file$/);
});

Deno.test("openPytorch() refuses a damaged description", async () => {
  const archive = pytorchArchive(bytes(0x80, 2, "}."));
  archive[archive.indexOf("}".charCodeAt(0))] = "]".charCodeAt(0);
  assert.match(
    await messageAbout(archive),
    /the checksum of data\.pkl does not fit$/,
  );
});

Deno.test("openPytorch() refuses an archive cut anywhere", async () => {
  const whole = await Deno.readFile(`${GOLDEN}/state_dict.pt`);
  for (let length = 4; length < whole.length; length += 97) {
    assert.match(
      await messageAbout(whole.subarray(0, length)),
      /^Cannot load FILE as its zip archive must be whole and valid: /,
    );
  }
});

Deno.test("openPytorch() opens or refuses whatever bytes are wrong", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["state_dict.pt", "scripted.pt"]) {
    const whole = await Deno.readFile(`${GOLDEN}/${name}`);
    for (let i = 0; i < whole.length; i += 127) {
      const damaged = whole.slice();
      damaged[i]! ^= 1 << (i % 8);
      const path = await folder.write("a.pt", damaged);
      await openPytorch(path).catch((error) => {
        assert(error instanceof ModelError, `${name} ${i}: ${error.stack}`);
      });
    }
  }
});

Deno.test("openPytorch() opens or refuses whatever a pickle says", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["state_dict.pt", "scripted.pt"]) {
    using archive = await PytorchArchive.open(`${GOLDEN}/${name}`);
    const pickle = await archive.read("data.pkl", 2 ** 20);
    for (let i = 0; i < pickle.length; i += 11) {
      const damaged = pickle.slice();
      damaged[i] = i * 31;
      const others = { "constants.pkl": new Uint8Array(0) };
      const content = pytorchArchive(damaged, others);
      const path = await folder.write("a.pt", content);
      await openPytorch(path).catch((error) => {
        assert(error instanceof ModelError, `${name} ${i}: ${error.stack}`);
      });
    }
  }
});
