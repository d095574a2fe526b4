"""Writes the goldens of this folder: choices and heads of AnomalyCLIP and what the specification makes of them.

    python make_goldens.py

See ../prompted_clips/README.md. Needs torch, transformers, safetensors, pillow and numpy.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "prompted_clips"))

import make_clips
import torch
from anomaly_clip import AnomalyClip, Config, head_shapes, losses, optimizer, smooth, texts

# name -> CLIP, fields of Config
MODELS = {
    "published": ("quick_gelu", dict(image_size=42, taps=(4,), vv_from=2, depth=2)),
    "taps": ("deep", dict(image_size=42, taps=(2, 4, 6), vv_from=3, context=5, deep=3, depth=4, combine="mean", half_prompts=False)),
    "normed": ("gelu", dict(image_size=48, taps=(3, 1), vv_from=2, context=3, deep=0, depth=3, noun="metal nut", class_norm=True, position="bicubic", temperature=0.2, local_weight=0.5)),
    "plain": ("quick_gelu", dict(image_size=28, taps=(3,), vv_from=9, context=0, deep=0, depth=1, activation="gelu", half_prompts=False)),
    "saturated": ("deep", dict(image_size=42, taps=(6, 5), vv_from=1, context=4, deep=4, depth=9, temperature=0.002, half_prompts=False)),
    "half": ("deep", dict(image_size=28, taps=(6,), vv_from=4, context=6, deep=2, depth=3)),
}
STEPS = 30


def masks(side):
    """A defect in the first photograph, another in the third, none in the second."""
    mask = torch.zeros(3, side, side)
    mask[0, 2 : side // 2, 3 : side // 2 + 4] = 1
    mask[2, side // 3 : side - 5, side // 2 :] = 1
    return mask


def trained(m, rgb, ids):
    """The losses of steps with the published optimiser, the first gradients, and the head after the steps."""
    mask, label = masks(rgb.shape[-1]), torch.tensor([1.0, 0.0, 1.0])
    for t in m.head.values():
        t.requires_grad_(True)
    adam, totals, out = optimizer(list(m.head.values())), [], {}
    for step in range(STEPS):
        adam.zero_grad()
        total = losses(m.cfg, m.forward(rgb, ids), mask, label)["loss"]
        total.backward()
        totals.append(total.detach())
        if step == 0:  # the tokens of a block that CLIP does not have get no gradient
            out |= {"grad." + k: v.grad.clone() for k, v in m.head.items() if v.grad is not None and v.numel()}
        adam.step()
    return out | {"after." + k: v for k, v in m.head.items()} | dict(losses=torch.stack(totals), mask=mask)


def head_of(cfg, Dw, seed):
    g = torch.Generator().manual_seed(seed)
    return {k: 0.3 * torch.randn(s, generator=g) for k, s in head_shapes(cfg, Dw).items()}


def publish(head, clip, ids):
    """As the authors save it: one class and one sentence a state, buffers that are views, layers that are never called."""
    emb, n, (E, Dw) = clip["text_model.embeddings.token_embedding.weight"], ids.shape[1], head["prompt.normal"].shape
    out = {"ctx_pos": head["prompt.normal"][None, None], "ctx_neg": head["prompt.abnormal"][None, None]}
    for side, row in zip(("pos", "neg"), ids):
        tokens = emb[row][None, None]
        out |= {f"token_prefix_{side}": tokens[:, :, :1], f"token_suffix_{side}": tokens[:, :, 1 + E :], f"tokenized_prompts_{side}": row[None, None].int()}
    for i in range(len(head) - 2):
        out[f"compound_prompts_text.{i}"] = head[f"deep.{i + 1}"]
        out |= {f"compound_prompt_projections.{i}.weight": torch.zeros(7, Dw), f"compound_prompt_projections.{i}.bias": torch.zeros(7)}
    return {"prompt_learner": out}


def expect(m, rgb, ids):
    with torch.no_grad():
        found = m.forward(rgb, ids)
    longest = int(ids.argmax(1).max()) + 1
    out = dict(ids=ids[:, :longest].to(torch.int16)) | {k: found[k] for k in ("text", "map", "score", "score_logit")}
    if m.cfg.temperature < 0.01:
        out["logit_map"] = found["logit_map"]
    if len(m.cfg.taps) == 1 and m.cfg.image_size == 42:
        out["smooth"] = smooth(found["map"])
    return out


def main():
    for seed, (name, (clip, fields)) in enumerate(MODELS.items(), 51):
        cfg, folder, place = Config(**fields), HERE / name, make_clips.HERE / clip
        make_clips.write_config(folder, "anomaly_clip", cfg)
        Dw = AnomalyClip(place, {}, cfg).clip["text_projection.weight"].shape[1]
        head = head_of(cfg, Dw, seed)
        make_clips.save(folder / "anomaly_clip.safetensors", head)
        m = AnomalyClip(place, {k: v.clone() for k, v in head.items()}, cfg)
        ids = torch.cat(make_clips.prompt_ids(place, [[s] for s in texts(cfg)])[0])
        rgb = make_clips.read_rgb(cfg.image_size)
        if name == "published":
            torch.save(publish(head, m.clip, ids), HERE / "published_head.pth")
        make_clips.save(folder / "metal_nut.safetensors", expect(m, rgb, ids))
        make_clips.save(folder / "training.safetensors", trained(m, rgb, ids))


if __name__ == "__main__":
    main()
