"""Writes a random model in the real on-disk layout, for tests and benchmarks.

    python make_random_model.py OUT [--size tiny|tiny-gelu|vit-b-16|vit-l] [--seed 0] [--set key=value ...]

OUT/clip/{config.json,model.safetensors}  Hugging Face CLIPModel layout
OUT/clip/{vocab.json,merges.txt,tokenizer.json}  a CLIP byte-pair tokenizer over a small vocabulary
OUT/resnet50.safetensors                  torchvision layout (tiny: fewer channels and blocks)
OUT/mfp_clip.safetensors, OUT/mfp_clip.json
"""
import argparse, json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, CLIPTokenizerFast

from mfp_clip import Config, head_shapes

SIZES = {
    "tiny": dict(v=dict(hidden_size=48, intermediate_size=96, num_hidden_layers=8, num_attention_heads=3, image_size=28, patch_size=7, projection_dim=24),
                 t=dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, vocab_size=600, max_position_embeddings=40, projection_dim=24),
                 proj=24, cnn=dict(width=4, blocks=(1, 2, 1, 1)), cfg=dict(image_size=42, taps=[2, 4, 6, 8]), logit_scale=4.6052),
    "tiny-gelu": dict(v=dict(hidden_size=32, intermediate_size=80, num_hidden_layers=4, num_attention_heads=4, image_size=32, patch_size=8, projection_dim=20, hidden_act="gelu"),
                      t=dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=3, vocab_size=600, max_position_embeddings=24, projection_dim=20, hidden_act="gelu"),
                      proj=20, cnn=dict(width=2, blocks=(2, 1, 1, 2)), cfg=dict(image_size=48, taps=[1, 2, 3, 4]), logit_scale=5.0),
    "vit-b-16": dict(v=dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=224, patch_size=16, projection_dim=512),
                     t=dict(hidden_size=512, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=8, vocab_size=49408, max_position_embeddings=77, projection_dim=512),
                     proj=512, cnn=dict(width=64, blocks=(3, 4, 6, 3)), cfg=dict(image_size=224, taps=[3, 6, 9, 12]), logit_scale=4.6052),
    "vit-l": dict(v=dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16, image_size=336, patch_size=14, projection_dim=768),
                  t=dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, vocab_size=49408, max_position_embeddings=77, projection_dim=768),
                  proj=768, cnn=dict(width=64, blocks=(3, 4, 6, 3)), cfg=dict(image_size=518, taps=[6, 12, 18, 24]), logit_scale=4.6052),
}


def tokenizer(folder, vocab_size):
    """CLIP's byte alphabet, then its </w> forms, a few merges, fillers, SOT, EOT (the largest id)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in printable]
    alphabet = [chr(b) for b in printable] + [chr(256 + i) for i in range(len(rest))]
    vocab = alphabet + [c + "</w>" for c in alphabet]
    merges = [("p", "h"), ("ph", "o"), ("pho", "t"), ("phot", "o</w>"), ("o", "f</w>"), ("n", "o"), ("no", "r"), ("m", "a"), ("nor", "ma"), ("norma", "l</w>"), ("a", "b"), ("ab", "norma"), ("ab", "normal</w>")]
    vocab += ["".join(m) for m in merges]
    vocab += [f"<unused{i}>" for i in range(vocab_size - 2 - len(vocab))] + ["<|startoftext|>", "<|endoftext|>"]
    assert len(vocab) == vocab_size and len(set(vocab)) == vocab_size
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(vocab)}))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    CLIPTokenizerFast.from_pretrained(folder).save_pretrained(folder)


def resnet(width, blocks, g):
    p = {}

    def conv(c, b, out, inn, k):
        p[c + ".weight"] = torch.randn(out, inn, k, k, generator=g) * (2 / (inn * k * k)) ** 0.5
        for name, v in (("weight", 1 + 0.1 * torch.randn(out, generator=g)), ("bias", 0.1 * torch.randn(out, generator=g)),
                        ("running_mean", 0.1 * torch.randn(out, generator=g)), ("running_var", 1 + torch.rand(out, generator=g))):
            p[f"{b}.{name}"] = v

    conv("conv1", "bn1", width, 3, 7)
    inn = width
    for s, count in enumerate(blocks, 1):
        mid = width * 2 ** (s - 1)
        for i in range(count):
            n = f"layer{s}.{i}"
            conv(n + ".conv1", n + ".bn1", mid, inn, 1)
            conv(n + ".conv2", n + ".bn2", mid, mid, 3)
            conv(n + ".conv3", n + ".bn3", 4 * mid, mid, 1)
            if i == 0:
                conv(n + ".downsample.0", n + ".downsample.1", 4 * mid, inn, 1)
            inn = 4 * mid
    return p, inn


def main():
    a = argparse.ArgumentParser()
    a.add_argument("out"); a.add_argument("--size", default="tiny", choices=SIZES); a.add_argument("--seed", type=int, default=0)
    a.add_argument("--set", nargs="*", default=[], help="Config fields, e.g. mp=false i2tp_fusion=feature sp_stages=2")
    a = a.parse_args()
    size, out = SIZES[a.size], Path(a.out)
    torch.manual_seed(a.seed)
    g = torch.Generator().manual_seed(a.seed)
    hf = CLIPConfig(vision_config=dict(hidden_act="quick_gelu") | size["v"], text_config=dict(hidden_act="quick_gelu") | size["t"] | dict(bos_token_id=size["t"]["vocab_size"] - 2, eos_token_id=size["t"]["vocab_size"] - 1), projection_dim=size["proj"], logit_scale_init_value=size["logit_scale"])
    model = CLIPModel(hf)
    with torch.no_grad():  # the library's initial scales hide mistakes
        model.vision_model.embeddings.position_embedding.weight.mul_(15)
        model.text_model.embeddings.token_embedding.weight.mul_(5)
    (out / "clip").mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out / "clip")
    tokenizer(out / "clip", size["t"]["vocab_size"])
    cnn, C = resnet(**size["cnn"], g=g)
    save_file(cnn, str(out / "resnet50.safetensors"))
    raw = dict(size["cfg"])
    for s in a.set:
        k, v = s.split("=", 1)
        raw[k] = json.loads(v) if v[0] in "tf[0123456789" and v not in ("token", "feature") else v
    cfg = Config(**{**raw, "taps": tuple(raw["taps"])})
    shapes = head_shapes(cfg, size["t"]["max_position_embeddings"], C, size["v"]["hidden_size"], size["t"]["hidden_size"], size["proj"])
    head = {}
    for name, shape in shapes.items():
        w = torch.randn(shape, generator=g)
        head[name] = w if name == "sp.prompt_tokens" else w * 0.1 if len(shape) == 1 else w * shape[1] ** -0.5
    if cfg.i2tp:
        head["i2tp.mixing.weight"] = 0.1 * head["i2tp.mixing.weight"] + torch.eye(*shapes["i2tp.mixing.weight"])
    if cfg.mp:
        head["mp.fusion.weight"] = 0.1 * head["mp.fusion.weight"] + torch.eye(*shapes["mp.fusion.weight"])
    save_file(head, str(out / "mfp_clip.safetensors"))
    (out / "mfp_clip.json").write_text(json.dumps(cfg.__dict__ | dict(taps=list(cfg.taps)), indent=2))


if __name__ == "__main__":
    main()
