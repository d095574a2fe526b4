"""Writes the goldens of this folder: choices and heads of AdaCLIP and what the specification makes of them.

    python make_goldens.py

See ../prompted_clips/README.md. Needs torch, transformers, safetensors, pillow and numpy.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "prompted_clips"))

import make_clips
import torch
from ada_clip import AdaClip, Config, head_shapes, losses, optimizer, texts
from anomaly_clip import smooth

# name -> CLIP, fields of Config, categories
MODELS = {
    "published": ("quick_gelu", dict(image_size=42, taps=(1, 2, 3, 4), length=3, depth=2, clusters=4, half_prompts=False), ["metal_nut", "wood"]),
    "text": ("quick_gelu", dict(image_size=28, taps=(2, 4), length=2, depth=2, branch="L", kind="S", start="farthest", clusters=3, per_cluster=3, alpha=0.5, activation=None, dice="image", half_prompts=False), ["metal_nut"]),
    "vision": ("gelu", dict(image_size=48, taps=(1, 3), length=1, depth=3, branch="V", kind="D", order="rank", clusters=5, per_cluster=4, scale=60.0, seed=7, half_prompts=False), ["screw"]),
    "plain": ("quick_gelu", dict(image_size=42, taps=(3,), branch="", kind="", hsf=False, activation="quick_gelu"), ["metal_nut"]),
    "half": ("gelu", dict(image_size=48, taps=(2, 3), length=6, depth=4, start="one", clusters=2, per_cluster=4, position="bilinear"), ["pcb1"]),
    "saturated": ("quick_gelu", dict(image_size=42, taps=(4, 2), length=2, depth=3, kind="D", clusters=12, per_cluster=5, scale=5000.0, half_prompts=False), ["metal_nut"]),
}
STEPS = 30
MODULES = (("vision.static.", "visual_prompter.static_prompts."), ("text.static.", "text_prompter.static_prompts."), ("vision.dynamic.", "dynamic_visual_prompt_generator.head."), ("text.dynamic.", "dynamic_text_prompt_generator.head."), ("adapters.", "patch_token_layer.head."), ("class.", "cls_token_layer.head.0."))


def masks(side):
    """A defect in the first photograph, another in the third, none in the second."""
    mask = torch.zeros(3, side, side)
    mask[0, 2 : side // 2, 3 : side // 2 + 4] = 1
    mask[2, side // 3 : side - 5, side // 2 :] = 1
    return mask


def trained(m, rgb, ids, counts):
    """The losses of steps with the published optimiser, the first gradients, and the head after the steps."""
    mask, label = masks(rgb.shape[-1]), torch.tensor([1.0, 0.0, 1.0])
    for t in m.head.values():
        t.requires_grad_(True)
    adam, totals, out = optimizer(list(m.head.values())), [], {}
    for step in range(STEPS):
        adam.zero_grad()
        total = losses(m.cfg, m.forward(rgb, ids, counts), mask, label)["loss"]
        total.backward()
        totals.append(total.detach())
        if step == 0:  # a prompt of a block that CLIP does not have gets no gradient
            out |= {"grad." + k: v.grad.clone() for k, v in m.head.items() if v.grad is not None}
        adam.step()
    return out | {"after." + k: v for k, v in m.head.items()} | dict(losses=torch.stack(totals), mask=mask)


def head_of(clip, cfg, seed):
    m = AdaClip(clip, {}, cfg)
    Dt, Dv = m.clip["visual_projection.weight"].shape
    Dw = m.clip["text_projection.weight"].shape[1]
    g, head = torch.Generator().manual_seed(seed), {}
    for k, s in head_shapes(cfg, Dv, Dw, Dt).items():
        head[k] = torch.randn(s, generator=g) * (s[1] ** -0.5 if k.endswith("weight") else 0.1 if len(s) == 1 else 0.3)
    return head


def publish(head, Dw):
    """As the authors' save() writes it: a flat dictionary, with a prompt that no code reads."""
    named = {"clip_model." + new + k.removeprefix(old): v for k, v in head.items() for old, new in MODULES if k.startswith(old)}
    return {"clip_model.text_prompter.static_prompts.0": torch.ones(3, Dw)} | named


def expect(clip, head, cfg, category):
    m = AdaClip(clip, {k: v.clone() for k, v in head.items()}, cfg)
    sentences = texts(category)
    (normal, abnormal), stored = make_clips.prompt_ids(clip, sentences)
    ids, counts = torch.cat([normal, abnormal]), tuple(len(s) for s in sentences)
    rgb = make_clips.read_rgb(cfg.image_size)
    with torch.no_grad():
        found = m.forward(rgb, ids, counts)
    kept = ("text", "map", "logit_map", "score", "score_logit", "top", "label")
    out = dict(ids=stored) | {k: found[k] for k in kept if k in found}
    if category == "metal_nut":
        out["smooth"] = smooth(found["map"])
    return {k: v.to(torch.int16) if v.dtype == torch.int64 else v for k, v in out.items()}, trained(m, rgb, ids, counts)


def main():
    for seed, (name, (clip, fields, categories)) in enumerate(MODELS.items(), 31):
        cfg, folder = Config(**fields), HERE / name
        make_clips.write_config(folder, "ada_clip", cfg)
        head = head_of(make_clips.HERE / clip, cfg, seed)
        make_clips.save(folder / "ada_clip.safetensors", head)
        if name == "published":
            torch.save(publish(head, 16), HERE / "published_head.pth")
        for i, category in enumerate(categories):
            out, steps = expect(make_clips.HERE / clip, head, cfg, category)
            make_clips.save(folder / f"{category}.safetensors", out)
            if i == 0:
                make_clips.save(folder / "training.safetensors", steps)


if __name__ == "__main__":
    main()
