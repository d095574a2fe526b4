"""Writes random models for WinCLIP and APRIL-GAN in the real on-disk layout, for tests and benchmarks.

    python make_random_winclip_april_gan.py OUT [--size tiny|...] [--seed 0] [--set winclip.scales=[2,4] april_gan.reduce=mean ...]

OUT/clip/{config.json,model.safetensors,vocab.json,merges.txt,...}  as make_random_model.py writes them
OUT/winclip.json                            WinCLIP has no head
OUT/april_gan.json, OUT/april_gan.safetensors
The tokenizer knows the words of the prompts, so that no sentence is cut at 77 tokens.
"""
import argparse, dataclasses, json, re
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, CLIPTokenizerFast

import april_gan, winclip

vit = lambda width, mlp, layers, heads, patch, image: dict(hidden_size=width, intermediate_size=mlp, num_hidden_layers=layers, num_attention_heads=heads, patch_size=patch, image_size=image)
txt = lambda width, layers, heads, vocab: dict(hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers, num_attention_heads=heads, vocab_size=vocab, max_position_embeddings=77)
# act: what the real weights of that shape were trained with
SIZES = {
    "tiny": dict(v=vit(48, 96, 8, 3, 7, 28), t=txt(32, 2, 2, 1024), proj=24, act="quick_gelu", winclip=dict(image_size=42), april=dict(image_size=42, taps=(2, 4, 6, 8), memory_taps=(2, 4, 6, 8))),
    # smaller still, one for each activation: the goldens of tests/golden/winclip and april_gan
    "golden": dict(v=vit(24, 48, 4, 3, 7, 28), t=txt(16, 2, 2, 800), proj=12, act="quick_gelu", winclip=dict(image_size=42), april=dict(image_size=42, taps=(1, 2, 3, 4), memory_taps=(1, 2, 3, 4))),
    "golden-gelu": dict(v=vit(20, 40, 3, 2, 8, 32), t=txt(16, 2, 2, 800), proj=10, act="gelu", winclip=dict(image_size=48), april=dict(image_size=48, taps=(1, 2, 3), memory_taps=(1, 2, 3))),
    # more blocks: tests/golden/anomaly_clip
    "golden-deep": dict(v=vit(18, 36, 6, 3, 7, 28), t=txt(12, 4, 3, 800), proj=10, act="quick_gelu", winclip=dict(image_size=42), april=dict(image_size=42, taps=(2, 4, 6), memory_taps=(2, 4, 6))),
    # ViT-B-16-plus-240 and ViT-L-14-336 with an eighth of the width
    "b16-plus-240-small": dict(v=vit(112, 448, 12, 14, 16, 240), t=txt(80, 12, 10, 1024), proj=80, act="gelu", winclip=dict(), april=dict(image_size=240, taps=(3, 6, 9, 12), memory_taps=(3, 6, 9, 12))),
    "l14-336-small": dict(v=vit(128, 512, 24, 16, 14, 336), t=txt(96, 12, 12, 1024), proj=96, act="quick_gelu", winclip=dict(image_size=336), april=dict()),
    "b16-plus-240": dict(v=vit(896, 3584, 12, 14, 16, 240), t=txt(640, 12, 10, 49408), proj=640, act="gelu", winclip=dict(), april=dict(image_size=240, taps=(3, 6, 9, 12), memory_taps=(3, 6, 9, 12))),
    "l14-336": dict(v=vit(1024, 4096, 24, 16, 14, 336), t=txt(768, 12, 12, 49408), proj=768, act="quick_gelu", winclip=dict(image_size=336), april=dict()),
}


def tokenizer(folder, vocab_size):
    """CLIP's byte alphabet, then its </w> forms, one chain of merges per prompt word, fillers, SOT, EOT (the largest id)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    text = " ".join(s for pair in (winclip.sentences(winclip.Config(), "metal nut"), april_gan.sentences("metal nut")) for s in pair[0] + pair[1])
    merges = []
    for word in sorted(set(re.findall(r"[a-z]+", text))):
        parts = [*word[:-1], word[-1] + "</w>"]
        for i in range(1, len(parts)):
            merges.append(("".join(parts[:i]), parts[i]))
    merges = list(dict.fromkeys(merges))
    vocab = alphabet + [c + "</w>" for c in alphabet] + list(dict.fromkeys("".join(m) for m in merges))
    assert len(vocab) + 2 <= vocab_size, len(vocab)
    vocab += [f"<unused{i}>" for i in range(vocab_size - 2 - len(vocab))] + ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(vocab)}))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    CLIPTokenizerFast.from_pretrained(folder).save_pretrained(folder)


def clip(folder, size, seed):
    torch.manual_seed(seed)
    act = dict(hidden_act=size["act"], projection_dim=size["proj"])
    n = size["t"]["vocab_size"]
    model = CLIPModel(CLIPConfig(vision_config=size["v"] | act, text_config=size["t"] | act | dict(bos_token_id=n - 2, eos_token_id=n - 1),
                                 projection_dim=size["proj"], logit_scale_init_value=4.6052))
    with torch.no_grad():  # the library's initial scales and biases of 0 hide mistakes
        model.vision_model.embeddings.position_embedding.weight.mul_(15)
        model.vision_model.embeddings.class_embedding.mul_(15)
        model.text_model.embeddings.token_embedding.weight.mul_(5)
        for name, p in model.named_parameters():
            if name.endswith(".bias"):
                p.add_(0.05 * torch.randn_like(p))
            elif "norm" in name:
                p.mul_(1 + 0.1 * torch.randn_like(p))
            elif p.ndim == 2 and "layers" in name:
                p.mul_(3)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("out", type=Path); a.add_argument("--size", default="tiny", choices=SIZES); a.add_argument("--seed", type=int, default=0)
    a.add_argument("--set", nargs="*", default=[], help="method.field=value, the value as JSON or a bare word")
    a = a.parse_args()
    size = SIZES[a.size]
    clip(a.out / "clip", size, a.seed)
    tokenizer(a.out / "clip", size["t"]["vocab_size"])
    raw = {"winclip": dict(size["winclip"]), "april_gan": dict(size["april"])}
    for s in a.set:
        key, v = s.split("=", 1)
        method, field = key.split(".", 1)
        try:
            v = json.loads(v)
        except json.JSONDecodeError:
            pass
        raw[method][field] = tuple(v) if isinstance(v, list) else v
    w, c = winclip.Config(**raw["winclip"]), april_gan.Config(**raw["april_gan"])
    g = torch.Generator().manual_seed(a.seed + 1)
    head = {k: torch.randn(s, generator=g) * (s[1] ** -0.5 if len(s) == 2 else 0.1) for k, s in april_gan.head_shapes(c, size["v"]["hidden_size"], size["proj"]).items()}
    save_file(head, str(a.out / "april_gan.safetensors"))
    for name, cfg in (("winclip", w), ("april_gan", c)):
        (a.out / f"{name}.json").write_text(json.dumps(dataclasses.asdict(cfg), indent=2))


if __name__ == "__main__":
    main()
