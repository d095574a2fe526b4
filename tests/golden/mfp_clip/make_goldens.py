"""Writes the goldens of this folder: models, images and what the specification makes of them.

    python make_goldens.py [OUT]

See README.md beside this file. Needs torch, transformers, safetensors, pillow, numpy and scikit-image.
"""
import json, shutil, sys, tempfile
from pathlib import Path

sys.modules["torchvision"] = None  # transformers must not try to load it
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from skimage import data

import make_random_model, run
from mfp_clip import Config, MfpClip

BACKBONES = {"quick_gelu": ("tiny", 3), "gelu": ("tiny-gelu", 5)}  # name -> size, seed

# name -> backbone, fields of Config, categories
MODELS = {
    "feature": ("quick_gelu", [], ["metal_nut", "wood"]),
    "token_stages2": ("quick_gelu", ["i2tp_fusion=token", "sp_stages=2"], ["metal_nut"]),
    "drop_stages2_n5": ("quick_gelu", ["sp_stages=2", "sp_after=drop", "mpfa=5", "sp_prompts=3"], ["wood"]),
    "token_drop_n1": ("quick_gelu", ["i2tp_fusion=token", "sp_after=drop", "mpfa=1", "sp_prompts=2"], ["metal_nut"]),
    "no_i2tp": ("quick_gelu", ["i2tp=false", "sp_prompts=2"], ["metal_nut"]),
    "no_sp": ("quick_gelu", ["sp=false"], ["metal_nut"]),
    "no_mp": ("quick_gelu", ["mp=false", "sp_stages=4"], ["metal_nut"]),
    "plain": ("quick_gelu", ["i2tp=false", "sp=false", "mp=false", "mpfa=1"], ["metal_nut"]),
    "scale": ("quick_gelu", ["logit_scale=60", "leaky_slope=0.2", "image_size=28", "taps=[1,3,8]", "sp_prompts=1"], ["metal_nut"]),
    "gelu": ("gelu", ["sp_stages=3"], ["a_long_name_of_many_words_that_the_context_cuts"]),
}


def images(folder):
    """Small crops of free photographs: JPEG, grey PNG, PNG smaller than the model's input."""
    folder.mkdir(exist_ok=True)
    Image.fromarray(data.coffee()).resize((120, 80), Image.LANCZOS).save(folder / "coffee.jpg", quality=90)
    Image.fromarray(data.brick()).resize((64, 64), Image.LANCZOS).save(folder / "brick.png")
    Image.fromarray(data.chelsea()).crop((75, 0, 300, 300)).resize((30, 40), Image.LANCZOS).save(folder / "chelsea.png")
    return [folder / name for name in ("coffee.jpg", "brick.png", "chelsea.png")]


def to_half(path):
    save_file({k: v.half() for k, v in load_file(str(path)).items()}, str(path))


def generate(folder, backbone, fields):
    size, seed = BACKBONES[backbone]
    sys.argv = ["make_random_model.py", str(folder), "--size", size, "--seed", str(seed), "--set", *fields]
    make_random_model.main()


def share_backbone(source, target):
    """Keeps one copy; the gelu one as float16, and without tokenizer.json."""
    if target.exists():
        shutil.rmtree(target)
    (target / "clip").mkdir(parents=True)
    tokenizer = ["vocab.json", "merges.txt"] if target.name == "gelu" else ["tokenizer.json"]
    for name in ("config.json", "model.safetensors", *tokenizer):
        shutil.copyfile(source / "clip" / name, target / "clip" / name)
    shutil.copyfile(source / "resnet50.safetensors", target / "resnet50.safetensors")
    if target.name == "gelu":
        to_half(target / "clip/model.safetensors")


def expect(backbone, model, category, rgb):
    cfg = Config.read(model / "mfp_clip.json")
    m = MfpClip(backbone / "clip", backbone / "resnet50.safetensors", model / "mfp_clip.safetensors", cfg)
    ids = run.prompt_ids(backbone / "clip", category, len(m.clip["text_model.embeddings.position_embedding.weight"]))
    with torch.no_grad():
        out = m.forward(rgb, ids)
    keep = {k: out[k] for k in ("cnn", "text", "map", "score", "logit_map", "score_logit")}
    keep |= {"coarse": out["coarse"][:, 1], "ids": ids}
    return {k: v.contiguous().clone() for k, v in keep.items()}


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    files = images(out / "images")
    for name, (backbone, fields, categories) in MODELS.items():
        model, shared = out / "models" / name, out / "backbones" / backbone
        model.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as t:
            generate(Path(t), backbone, fields)
            share_backbone(Path(t), shared)  # the same for every model of one size and seed
            for file in ("mfp_clip.json", "mfp_clip.safetensors"):
                shutil.copyfile(Path(t) / file, model / file)
        if backbone != "gelu":
            to_half(model / "mfp_clip.safetensors")
        side = json.loads((model / "mfp_clip.json").read_text())["image_size"]
        rgb = torch.stack([run.read_image(f, side) for f in files])
        (out / "rgb").mkdir(exist_ok=True)
        save_file({"rgb": rgb}, str(out / f"rgb/{side}.safetensors"))
        for category in categories:
            save_file(expect(shared, model, category, rgb), str(model / f"{category}.safetensors"))


if __name__ == "__main__":
    main()
