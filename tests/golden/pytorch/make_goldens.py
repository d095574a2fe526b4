"""Writes checkpoints in every form that PyTorch and its relatives have, what PyTorch reads in them, and malicious ones.

    python make_goldens.py

Each checkpoint has an entry in expected.json: name -> [dtype, shape, start of the sha256 of its little-endian bytes row by row], as torch.load,
torch.jit.load or safetensors read it. Needs torch 2.13.0, transformers 5.18.0 and open_clip_torch 3.3.0.
"""
import hashlib, io, json, shutil, sys, zipfile
from collections import OrderedDict
from pathlib import Path
from unittest.mock import MagicMock

sys.modules["torchvision"] = None  # transformers must not try to load it
import torch
from safetensors.torch import load_file
from torch import nn
from transformers import CLIPConfig, CLIPModel

for name in ("torchvision", "torchvision.ops", "torchvision.ops.misc", "torchvision.transforms", "torchvision.transforms.functional"):
    sys.modules[name] = MagicMock()  # open_clip asks for it, these models do not use it
import open_clip

HERE = Path(__file__).resolve().parent
DTYPES = {
    torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int64: "I64", torch.int32: "I32",
    torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL", torch.complex64: "C64",
}


def fingerprint(tensor):
    tensor = tensor.detach().contiguous()
    raw = bytes(tensor.view(torch.uint8).flatten().tolist()) if tensor.dim() else bytes(tensor.reshape(1).view(torch.uint8).tolist())
    return [DTYPES[tensor.dtype], list(tensor.shape), hashlib.sha256(raw).hexdigest()[:32]]


def fingerprints(tensors):
    return {name: fingerprint(t) for name, t in tensors.items()}


def state_dict():
    """Types, shared storages, other orders than row by row, parameters, a scalar, nothing."""
    base = torch.randn(6, 8)
    odd = torch.tensor([0.0, -0.0, float("inf"), float("nan"), 1e-40, 1 / 3])
    return OrderedDict(
        f32=base, f16=base.half(), bf16=odd.bfloat16(), f64=base[:2].double(), i64=torch.arange(-3, 3), i32=torch.arange(3, dtype=torch.int32),
        i16=torch.arange(3, dtype=torch.int16), i8=torch.arange(-2, 2, dtype=torch.int8), u8=torch.arange(250, 256, dtype=torch.uint8),
        bool=torch.tensor([True, False]), c64=torch.tensor([1 + 2j, 3 - 4j], dtype=torch.complex64), odd=odd,
        shared_rows=base[2:4], shared_element=base[3, 3], transposed=base.t(), columns=base[:, 2:5], every_other=base[::2, ::3],
        f16_columns=base.half()[:, 1:4], f64_transposed=base.double().t(), u8_transposed=torch.arange(6, dtype=torch.uint8).view(2, 3).t(),
        channels_last=torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last), permuted=torch.randn(2, 3, 4).permute(2, 0, 1),
        expanded=torch.arange(5).expand((1, -1)), parameter=nn.Parameter(base[0].clone()), scalar=torch.tensor(4.6052), empty=torch.zeros(0, 4),
    )


class Tiny(nn.Module):
    """Nested modules, a buffer, a shared parameter and attributes of many types, as TorchScript writes them."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.blocks = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4, bias=False))
        self.norm = nn.BatchNorm1d(4)
        self.register_buffer("steps", torch.tensor(7))
        self.scale = nn.Parameter(torch.tensor(2.5))
        self.word, self.number, self.ratio, self.flag, self.none = "text", 3, 0.5, True, None
        self.integers, self.floats, self.table, self.pair = [1, 2], [0.5], {"a": 1}, (1, "b")

    def forward(self, x):
        return self.norm(self.blocks(self.first(x))) * self.scale


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.attn = nn.MultiheadAttention(width, width // 64)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(OrderedDict([("c_fc", nn.Linear(width, 8)), ("gelu", nn.SiLU()), ("c_proj", nn.Linear(8, width))]))
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.resblocks = nn.Sequential(Block(width))

    def forward(self, x):
        return self.resblocks(x)


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 2, 2, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(64))
        self.positional_embedding = nn.Parameter(torch.randn(10, 64))
        self.ln_pre, self.ln_post, self.transformer = nn.LayerNorm(64), nn.LayerNorm(64), Transformer(64)
        self.proj = nn.Parameter(torch.randn(64, 8))

    def forward(self, image):
        x = self.conv1(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(1, 1, 64), x], 1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(x))[:, 0]) @ self.proj


class OpenaiClip(nn.Module):
    """The parts and names of OpenAI's CLIP, one block a tower, heads of 64, saved as OpenAI saves it: traced, in half precision."""

    def __init__(self):
        super().__init__()
        self.visual, self.transformer = Vision(), Transformer(64)
        self.token_embedding = nn.Embedding(20, 64)
        self.positional_embedding = nn.Parameter(torch.randn(7, 64))
        self.ln_final = nn.LayerNorm(64)
        self.text_projection = nn.Parameter(torch.randn(64, 8))
        self.logit_scale = nn.Parameter(torch.tensor(2.6593))
        for name, value in (("input_resolution", 6), ("context_length", 7), ("vocab_size", 20)):
            self.register_buffer(name, torch.tensor(value))

    def forward(self, image, text):
        x = self.token_embedding(text) + self.positional_embedding
        x = self.ln_final(self.transformer(x))[:, 3] @ self.text_projection
        return self.logit_scale.exp() * self.visual(image) @ x.t()


def halve(model):
    """As OpenAI's convert_weights does: layer norms and embeddings stay float32."""
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.MultiheadAttention)):
            module.half()
    for owner, name in ((model, "text_projection"), (model.visual, "proj")):
        getattr(owner, name).data = getattr(owner, name).data.half()
    return model


def save_script(module, path):
    """Writes a TorchScript archive without the records that hold paths of this machine."""
    whole = io.BytesIO()
    torch.jit.save(module, whole)
    whole.seek(0)
    reader = torch._C.PyTorchFileReader(whole)
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        if not name.endswith(".debug_pkl") and name not in ("version", "byteorder", ".data/serialization_id"):
            data = reader.get_record(name)
            writer.write_record(name, data, len(data))
    writer.write_end_of_file()


def save_sharded():
    folder = HERE / "sharded"
    shutil.rmtree(folder, ignore_errors=True)
    model = CLIPModel(CLIPConfig(
        vision_config=dict(hidden_size=12, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2, image_size=16, patch_size=8),
        text_config=dict(hidden_size=12, intermediate_size=24, num_hidden_layers=1, num_attention_heads=3, vocab_size=40, max_position_embeddings=7, bos_token_id=38, eos_token_id=39),
        projection_dim=10,
    ))
    model.save_pretrained(folder, max_shard_size="12KB")
    tensors = {}
    for shard in sorted(folder.glob("*.safetensors")):
        tensors |= load_file(shard)
    return fingerprints(tensors)


def save_open_clip():
    model = open_clip.CLIP(
        10,
        vision_cfg=dict(image_size=8, layers=1, width=16, patch_size=4, head_width=8, mlp_ratio=2),
        text_cfg=dict(context_length=7, vocab_size=40, width=12, heads=3, layers=1, mlp_ratio=2),
        quick_gelu=True,
    )
    checkpoint = {"epoch": 32, "name": "tiny", "state_dict": {f"module.{k}": v for k, v in model.state_dict().items()}}
    torch.save(checkpoint, HERE / "open_clip_pytorch_model.bin")
    (HERE / "open_clip_config.json").write_text(json.dumps({"model_cfg": dict(
        embed_dim=10, quick_gelu=True, vision_cfg=dict(image_size=8, layers=1, width=16, patch_size=4, head_width=8, mlp_ratio=2),
        text_cfg=dict(context_length=7, vocab_size=40, width=12, heads=3, layers=1, mlp_ratio=2),
    ), "preprocess_cfg": {}}, indent=1) + "\n")
    return fingerprints(model.state_dict())


class Call:
    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


def archive(path, data, **entries):
    """An archive such as torch.save writes, around a pickle of one's own."""
    with zipfile.ZipFile(path, "w") as out:
        for name, content in {"data.pkl": data, "byteorder": b"little", "version": b"3\n", **entries}.items():
            out.writestr(zipfile.ZipInfo(f"archive/{name.replace('__', '/')}"), content)


def save_malicious():
    folder = HERE / "malicious"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    torch.save({"a": Call(__import__("os").system, "true")}, folder / "system.pt")
    torch.save(Call(eval, "1 + 1"), folder / "eval.pt")
    torch.save({"a": Call(eval, "1 + 1")}, folder / "stack_global.pt", pickle_protocol=4)
    torch.save({"a": Call(getattr, "text", "upper")}, folder / "getattr.pt")
    torch.save({"a": torch.nn.Linear(2, 2)}, folder / "module.pt")
    state = {"state_dict": {"a": torch.ones(2)}, "args": __import__("argparse").Namespace(lr=1)}
    torch.save(state, folder / "namespace.pt")
    torch.save({"a": torch.ones(3).to_sparse()}, folder / "sparse.pt")
    protocol = b"\x80\x02"
    archive(folder / "inst.pt", protocol + b"(S'true'\nios\nsystem\n.".replace(b"S'true'\n", b"X\x04\0\0\0true"))
    archive(folder / "torch_class.pt", protocol + b"c__torch__.a\nB\n)\x81}b.")
    archive(folder / "line_feed.pt", protocol + b"\x8c\x04a\nb\x1b\x8c\x01c\x93.")
    archive(folder / "long_text.pt", protocol + b"X\xff\xff\xff\x7f" + b"abc" + b".")
    archive(folder / "long_bytes.pt", protocol + b"\x8e" + b"\xff" * 8 + b".")
    archive(folder / "no_end.pt", protocol + b"}q\0")
    archive(folder / "no_mark.pt", protocol + b"}u.")
    archive(folder / "below_mark.pt", protocol + b"}(\x85.")
    archive(folder / "no_memo.pt", protocol + b"h\x07.")
    archive(folder / "no_dict.pt", protocol + b"NK\1K\2s.")
    archive(folder / "protocol_0.pt", b"(dp0\n.")
    archive(folder / "not_utf8.pt", protocol + b"X\x02\0\0\0\xff\xfe.")
    tensor = b"}X\1\0\0\0actorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\nX%sX\3\0\0\0cpuK\2tQ%st\x52s."
    key, other = b"\1\0\0\x000", b"\x04\0\0\0../0"
    view = b"K\0K\2\x85K\1\x85\x89N"
    archive(folder / "too_short.pt", protocol + tensor % (key, view), data__0=b"1234")
    archive(folder / "other_key.pt", protocol + tensor % (other, view), data__0=b"12345678")
    archive(folder / "beyond.pt", protocol + tensor % (key, b"K\1K\2\x85K\1\x85\x89N"), data__0=b"12345678")
    archive(folder / "negative.pt", protocol + tensor % (key, b"K\0K\2\x85J\xff\xff\xff\xff\x85\x89N"), data__0=b"12345678")
    archive(folder / "big_endian.pt", protocol + tensor % (key, view), byteorder=b"big", data__0=b"12345678")
    archive(folder / "proto_name.pt", protocol + (tensor % (key, view)).replace(b"X\1\0\0\0a", b"X\x09\0\0\0__proto__"), data__0=b"12345678")
    records = b"".join(b"c__torch__\nA\n)\x81}X\1\0\0\0ah\0sX\1\0\0\0bh\0sbq\0" for _ in range(30))
    archive(folder / "doubling.pt", protocol + b"c__torch__\nA\n)\x81q\x00" + records + b".", **{"constants.pkl": protocol + b")."})
    circle = b"c__torch__\nA\n)\x81q\0}X\1\0\0\0ah\0sb."
    archive(folder / "circle.pt", protocol + circle, **{"constants.pkl": protocol + b")."})
    with zipfile.ZipFile(folder / "compressed.pt", "w") as out:
        out.writestr(zipfile.ZipInfo("archive/data.pkl"), protocol + b"}" * 50 + b".", zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(folder / "other.zip", "w") as out:
        out.writestr(zipfile.ZipInfo("readme.txt"), b"hello")


def main():
    torch.manual_seed(1)
    expected = {}
    plain = state_dict()
    plain._metadata = OrderedDict({"": {"version": 1}})
    torch.save(plain, HERE / "state_dict.pt")
    torch.save(plain, HERE / "protocol_4.pt", pickle_protocol=4)
    expected |= {"state_dict.pt": fingerprints(torch.load(HERE / "state_dict.pt", weights_only=False)), "protocol_4.pt": fingerprints(torch.load(HERE / "protocol_4.pt", weights_only=False))}
    model = Tiny()
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randn(5, 3)).sum().backward()
    optimizer.step()
    torch.save({"epoch": 3, "best": 0.5, "big": 2 ** 70, "note": None, "model_state_dict": model.state_dict(), "optimizer": optimizer.state_dict(), "rng": torch.get_rng_state()[:8]}, HERE / "nested.pt")
    expected["nested.pt"] = fingerprints(torch.load(HERE / "nested.pt", weights_only=False)["model_state_dict"])
    model.eval()
    save_script(torch.jit.script(model), HERE / "scripted.pt")
    expected["scripted.pt"] = fingerprints(torch.jit.load(HERE / "scripted.pt").state_dict())
    clip = halve(OpenaiClip().eval())
    with torch.autocast("cpu", enabled=False):
        double = OpenaiClip().eval()
        double.load_state_dict(clip.state_dict())
        traced = torch.jit.trace(double, (torch.randn(1, 3, 6, 6), torch.arange(7)[None]), check_trace=False)
    for own, half in zip(traced.parameters(), clip.parameters()):
        own.data = half.data
    save_script(traced, HERE / "traced_clip.pt")
    expected["traced_clip.pt"] = fingerprints(torch.jit.load(HERE / "traced_clip.pt").state_dict())
    torch.save({"a": torch.ones(2)}, HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    expected["sharded/model.safetensors.index.json"] = save_sharded()
    expected["open_clip_pytorch_model.bin"] = save_open_clip()
    save_malicious()
    lines = ",\n".join(f' "{f}": {{\n' + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in t.items()) + "\n }" for f, t in expected.items())
    (HERE / "expected.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
