"""Writes the goldens of this folder: choices of WinCLIP and what the specification makes of them.

    python make_goldens.py

See ../prompted_clips/README.md. Needs torch, transformers, safetensors, pillow and numpy.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "prompted_clips"))

import make_clips
import torch
from winclip import Config, PRESETS, WinClip, sentences

# name -> CLIP, fields of Config, categories
MODELS = {
    "anomalib": ("quick_gelu", dict(image_size=42), ["metal_nut", "wood"]),
    "zqhang": ("quick_gelu", dict(image_size=28, scales=(3, 2, 4)) | PRESETS["zqhang"], ["metal_nut"]),
    "caoyunkang": ("gelu", dict(image_size=48, scales=(2, 3)) | PRESETS["caoyunkang"] | dict(map_size=36), ["screw"]),
    "own_scale": ("gelu", dict(image_size=48, scales=(1, 6, 2), prompts="caoyunkang", sentence_norm=True, logit_scale=None, image_level=False, association="mean"), ["pcb1"]),
    "normality": ("quick_gelu", dict(image_size=42, scales=(5,), sentence_norm=True, logit_scale=60.0, language="normality", patches="none", score="map", map_size=50), ["metal_nut"]),
}


def expect(clip, cfg, category):
    m = WinClip(clip, cfg)
    ids, stored = make_clips.prompt_ids(clip, sentences(cfg, category))
    rgb = make_clips.read_rgb(cfg.image_size)
    with torch.no_grad():
        text = m.text_features(*ids)
        zero = m.forward(rgb, text)
        few = m.forward(rgb, text, m.remember(make_clips.references(rgb)))
    return dict(ids=stored, text=text, map=zero["map"], score=zero["score"], few_map=few["map"], few_score=few["score"])


def main():
    for name, (clip, fields, categories) in MODELS.items():
        cfg = Config(**fields)
        make_clips.write_config(HERE / name, "winclip", cfg)
        for category in categories:
            make_clips.save(HERE / name / f"{category}.safetensors", expect(make_clips.HERE / clip, cfg, category))


if __name__ == "__main__":
    main()
