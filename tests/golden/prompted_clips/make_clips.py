"""Writes the random CLIPs that the goldens of the rivals share, and helps to make those.

    python make_clips.py

See README.md beside this file. Needs torch, transformers, safetensors, pillow and numpy.
"""
import dataclasses, json, shutil, sys, tempfile
from pathlib import Path

sys.modules["torchvision"] = None  # transformers must not try to load it
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))

import torch
from safetensors.torch import load_file, save_file

import make_random_winclip_april_gan as maker
from clip_towers import token_ids

CLIPS = {"quick_gelu": ("golden", 3), "gelu": ("golden-gelu", 5), "deep": ("golden-deep", 7)}  # name -> size, seed


def to_half(path):
    save_file({k: v.half() for k, v in load_file(str(path)).items()}, str(path))


def read_rgb(side):
    """The three photographs of tests/golden/mfp_clip."""
    return load_file(str(HERE.parent / f"mfp_clip/rgb/{side}.safetensors"))["rgb"]


def references(rgb):
    """Two photographs of the three, mirrored: good images to compare with."""
    return rgb[[0, 2]].flip(3)


def write_config(folder, name, cfg):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(dataclasses.asdict(cfg), indent=2) + "\n")


def prompt_ids(clip, prompts):
    """[S, 77] for each state, and all of them up to the longest end of text, as they are stored."""
    ids = [token_ids(clip, p, 77) for p in prompts]
    both = torch.cat(ids)
    longest = int(both.argmax(1).max()) + 1
    return ids, both[:, :longest].to(torch.int16)


def save(path, tensors):
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, str(path))


def main():
    for name, (size, seed) in CLIPS.items():
        with tempfile.TemporaryDirectory() as t:
            sys.argv = ["make_random_winclip_april_gan.py", t, "--size", size, "--seed", str(seed)]
            maker.main()
            target = HERE / name
            target.mkdir(exist_ok=True)
            tokenizer = ["tokenizer.json"] if name == "quick_gelu" else ["vocab.json", "merges.txt"]
            for file in ("config.json", "model.safetensors", *tokenizer):
                shutil.copyfile(Path(t) / "clip" / file, target / file)
            to_half(target / "model.safetensors")


if __name__ == "__main__":
    main()
