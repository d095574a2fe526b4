"""Answers each line on stdin, `forward` or `score`, with the milliseconds that one image takes the specification of a method in
PyTorch, or with its score. Text features that do not depend on the image are computed before.

    python bench/methods_reference.py REFERENCE_FOLDER MODEL_FOLDER THREADS

REFERENCE_FOLDER holds the specifications (tests/golden/reference has copies). MODEL_FOLDER is one that bench/methods_rate.ts wrote.
"""
import json
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, sys.argv[1])
torch.set_num_threads(int(sys.argv[3]))
folder = Path(sys.argv[2])
prompts = json.loads((folder / "ids.json").read_text())
ids, counts = torch.tensor(prompts["rows"]), tuple(prompts["perState"])
clip = folder / "clip"


def fixed(model, value):  # the text features of one product
    model.text_features = lambda *_: value
    return model


def program():
    """The side of images, and what is timed, from images to maps and scores."""
    if (folder / "mfp_clip.json").exists():
        from mfp_clip import Config, MfpClip
        config = Config.read(folder / "mfp_clip.json")
        model = MfpClip(clip, folder / "resnet50.safetensors", folder / "mfp_clip.safetensors", config)
        return config, lambda rgb: model.forward(rgb, ids)
    if (folder / "winclip.json").exists():
        import winclip
        config = winclip.Config.read(folder / "winclip.json")
        model = winclip.WinClip(clip, config)
        text = model.text_features(*ids.split(counts))
        return config, lambda rgb: model.forward(rgb, text)
    if (folder / "april_gan.json").exists():
        import april_gan
        config = april_gan.Config.read(folder / "april_gan.json")
        model = april_gan.AprilGan(clip, folder / "april_gan.safetensors", config)
        text = model.text_features(*ids.split(counts))
        return config, lambda rgb: model.forward(rgb, text)
    if (folder / "anomaly_clip.json").exists():
        import anomaly_clip
        config = anomaly_clip.Config.read(folder / "anomaly_clip.json")
        model = anomaly_clip.AnomalyClip(clip, folder / "anomaly_clip.safetensors", config)
        fixed(model, model.text_features(ids))
        return config, lambda rgb: model.forward(rgb, ids)
    import ada_clip
    config = ada_clip.Config.read(folder / "ada_clip.json")
    model = ada_clip.AdaClip(clip, folder / "ada_clip.safetensors", config)
    return config, lambda rgb: model.forward(rgb, ids, counts)


with torch.no_grad():
    config, run = program()
    side = config.image_size
    pixels = torch.arange(3 * side * side) * 7919 // 8 % 256
    rgb = pixels.float().reshape(1, side, side, 3).permute(0, 3, 1, 2) / 255
    for line in sys.stdin:
        start = time.perf_counter()
        out = run(rgb)
        milliseconds = (time.perf_counter() - start) * 1e3
        print(float(out["score"][0]) if line.strip() == "score" else milliseconds, flush=True)
