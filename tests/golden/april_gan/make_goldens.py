"""Writes the goldens of this folder: choices and heads of APRIL-GAN and what the specification makes of them.

    python make_goldens.py

See ../prompted_clips/README.md. Needs torch, transformers, safetensors, pillow and numpy.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "prompted_clips"))

import make_clips
import torch
from april_gan import AprilGan, Config, few_shot_scores, head_shapes, loss, sentences

# name -> CLIP, fields of Config, categories
MODELS = {
    "published": ("quick_gelu", dict(image_size=42, taps=(1, 2, 3, 4), memory_taps=(1, 2, 3, 4)), ["metal_nut", "wood"]),
    "checkpoint": ("quick_gelu", dict(image_size=28, taps=(2, 4), memory_taps=(1, 3), activation="checkpoint", logit_scale=None, align_corners=False), ["metal_nut"]),
    "mean": ("gelu", dict(image_size=48, taps=(3, 1), memory_taps=(2,), reduce="mean", logit_scale=60.0, pos_antialias=False), ["screw"]),
    "one_tap": ("quick_gelu", dict(image_size=42, taps=(3,), memory_taps=(4, 2, 1), activation="checkpoint"), ["pcb1"]),
}
STEPS = 30


def masks(side):
    """A defect in the first photograph, another in the third, none in the second."""
    mask = torch.zeros(3, side, side)
    mask[0, 2 : side // 2, 3 : side // 2 + 4] = 1
    mask[2, side // 3 : side - 5, side // 2 :] = 1
    return mask


def trained(m, rgb, text):
    """The loss, its gradients, and the head after steps with the published optimiser."""
    mask = masks(rgb.shape[-1])
    for t in m.head.values():
        t.requires_grad_(True)
    adam = torch.optim.Adam(m.head.values(), lr=1e-3, betas=(0.5, 0.999))
    losses, out = [], {}
    for step in range(STEPS):
        adam.zero_grad()
        total = loss(m.forward(rgb, text), mask)
        total.backward()
        losses.append(total.detach())
        if step == 0:
            out |= {"grad." + k: v.grad.clone() for k, v in m.head.items()}
        adam.step()
    return out | {"after." + k: v for k, v in m.head.items()} | dict(losses=torch.stack(losses), mask=mask)


def head_of(clip, cfg, seed):
    m = AprilGan(clip, {}, cfg)
    Dv, Dt = m.clip.p["visual_projection.weight"].shape[::-1]
    g = torch.Generator().manual_seed(seed)
    return {k: torch.randn(s, generator=g) * (s[1] ** -0.5 if len(s) == 2 else 0.1) for k, s in head_shapes(cfg, Dv, Dt).items()}


def expect(clip, head, cfg, category):
    m = AprilGan(clip, {k: v.clone() for k, v in head.items()}, cfg)
    ids, stored = make_clips.prompt_ids(clip, sentences(category))
    rgb = make_clips.read_rgb(cfg.image_size)
    with torch.no_grad():
        text = m.text_features(*ids)
        zero = m.forward(rgb, text)
        few = m.forward(rgb, text, m.remember(make_clips.references(rgb)))
    out = dict(ids=stored, text=text, map=zero["map"], score=zero["score"], few_map=few["map"], few_scores=few_shot_scores(few["score"], few["map_max"]))
    return out, trained(m, rgb, text)


def main():
    for seed, (name, (clip, fields, categories)) in enumerate(MODELS.items(), 11):
        cfg, folder = Config(**fields), HERE / name
        make_clips.write_config(folder, "april_gan", cfg)
        head = head_of(make_clips.HERE / clip, cfg, seed)
        make_clips.save(folder / "april_gan.safetensors", head)
        if name == "published":  # as the authors' train.py saves it
            torch.save({"trainable_linearlayer": head}, HERE / "published_head.pth")
        for i, category in enumerate(categories):
            out, steps = expect(make_clips.HERE / clip, head, cfg, category)
            make_clips.save(folder / f"{category}.safetensors", out)
            if i == 0:
                make_clips.save(folder / "training.safetensors", steps)


if __name__ == "__main__":
    main()
