"""Writes what transformers and open_clip make of texts, configurations and names.

    python make_goldens.py

The real vocabulary is the one that open_clip_torch ships. Needs torch 2.13.0, transformers 5.18.0 and open_clip_torch 3.3.0.
"""
import gzip, importlib.util, json, sys, tempfile
from pathlib import Path

sys.modules["torchvision"] = None  # transformers must not try to load it
HERE = Path(__file__).resolve().parent

from transformers import CLIPConfig, CLIPTokenizerFast

TEXTS = [
    "", " ", "a", "A photo of a normal metal nut", "A photo of a abnormal metal nut",
    *(f"A photo of a {s} {c}" for c in (
        "bottle", "cable", "capsule", "carpet", "grid", "hazelnut", "leather", "pill", "screw", "tile", "toothbrush", "transistor",
        "wood", "zipper", "candle", "capsules", "cashew", "chewinggum", "fryum", "macaroni1", "macaroni2", "pcb1", "pcb4", "pipe fryum",
        "object") for s in ("normal", "abnormal")),
    "metal_nut", "pipe-fryum", "PCB1", "a PHOTO of A CaBlE", "the quick brown fox jumps over the lazy dog 0123456789",
    "it's we're they've I'm you'll he'd can't 'tis rock'n'roll", "IT'S WE'RE", "’s curly ‘quotes’ “double” – dash — em…",
    "hello,world!!! (what?) [no] {yes} <tag> a/b\\c #1 @x 50% $3.14 1,000 3.5e-7", "x=y+z; a&b | c^d ~ `e`",
    "html &amp; entities &lt;b&gt; &#39; &nbsp;", "tab\tnew\nline\r\nfeed\x0b\x0cend", "  many   spaces   ",
    "nbsp\u00a0thin\u2009ideographic\u3000line\u2028sep nel\u0085 zwsp\u200b bom\ufeff zwj\u200d end",
    "café cafe\u0301 naïve Ångström ﬁ ligature Ⅷ ½ ² ß ẞ İstanbul ıı ΑΣ ΣΑΣ ΟΔΥΣΣΕΥΣ Ǆ ǅ",
    "Схема печатной платы", "金属螺母 的 照片", "正常なナットの写真", "정상 너트 사진", "صورة صامولة معدنية", "תמונה של אום", "ภาพถ่ายของน็อต", "सामान्य नट की तस्वीर",
    "🙂 👍🏽 👩‍🔬 🇩🇪 ❤️ ✅", "a🙂b 1🙂2", "𝒜𝓃𝑜𝓂𝒶𝓁𝓎 𐍈 𠀀", "٣٤ ৫ ४२ ① 1st 2nd 10x10 mm²",
    "<|startoftext|>a<|endoftext|> b <|ENDOFTEXT|>", "</w> a</w>", "\x00\x01\x7f control", "\ufffd replacement",
    "pneumonoultramicroscopicsilicovolcanoconiosis antidisestablishmentarianism",
    "a" * 40, "ab" * 30 + " " + "xyz" * 30, "!" * 50, "1" * 30, "_" * 9 + "snake_case_name__x",
    " ".join(["a long sentence about the surface of a machined part with a scratch"] * 8),
]


def byte_alphabet():
    """CLIP's alphabet: 256 printable characters, one for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(len(rest))]


def real_tokenizer(path):
    lines = gzip.open(path).read().decode("utf-8").split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    alphabet = byte_alphabet()
    vocab = alphabet + [c + "</w>" for c in alphabet] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    assert len(vocab) == 49408
    with tempfile.TemporaryDirectory() as t:
        (Path(t) / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(vocab)}))
        (Path(t) / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
        return CLIPTokenizerFast.from_pretrained(t)


def config_goldens():
    """config.json as transformers completes it."""
    cases = [
        {},
        {"text_config": {"hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072}, "vision_config": {"hidden_size": 1024, "num_attention_heads": 16, "num_hidden_layers": 24, "intermediate_size": 4096, "image_size": 336, "patch_size": 14, "hidden_act": "gelu"}, "projection_dim": 768},
        {"text_config": {"num_hidden_layers": 3, "vocab_size": 100, "layer_norm_eps": 1e-6}, "text_config_dict": {"num_hidden_layers": 2}, "vision_config": {"num_hidden_layers": 3, "image_size": 64}, "vision_config_dict": {"num_hidden_layers": 2}},
    ]
    keep = ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "hidden_act", "layer_norm_eps"]

    def complete(case):
        c = CLIPConfig(**json.loads(json.dumps(case)))
        return {
            "vision": {k: getattr(c.vision_config, k) for k in keep + ["image_size", "patch_size"]},
            "text": {k: getattr(c.text_config, k) for k in keep + ["vocab_size", "max_position_embeddings"]},
            "projection_dim": c.projection_dim,
        }

    return [{"config": case, "complete": complete(case)} for case in cases]


def open_clip_tokenizer(folder):
    """The one file of open_clip that holds its tokenizer; the rest of it needs torchvision."""
    spec = importlib.util.spec_from_file_location("open_clip_tokenizer", folder / "tokenizer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SimpleTokenizer()


def main():
    folder = Path(importlib.util.find_spec("open_clip").submodule_search_locations[0])
    vocabulary = folder / "bpe_simple_vocab_16e6.txt.gz"
    small = CLIPTokenizerFast.from_pretrained(HERE.parent / "mfp_clip/backbones/gelu/clip")
    real = real_tokenizer(vocabulary)
    rows = [{"text": t, "small": small(t)["input_ids"], "real": real(t)["input_ids"]} for t in TEXTS]
    (HERE / "tokens.json").write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
    (HERE / "configs.json").write_text(json.dumps(config_goldens(), indent=1) + "\n")
    own = open_clip_tokenizer(folder)
    differ = [r["text"] for r in rows if r["text"].isascii() and "<|" not in r["text"] and "&" not in r["text"]
              and own.encode(r["text"]) != r["real"][1:-1]]
    print(len(rows), "texts; ASCII ones where open_clip's own tokenizer differs:", differ)


if __name__ == "__main__":
    main()
