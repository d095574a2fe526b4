"""Writes modules.safetensors: values inside the specification, for tests of single modules.

    python make_goldens.py [OUT]

Reads the models of ../mfp_clip and runs ../reference on the first photograph. Needs torch and safetensors.
Made with torch 2.13.0 and safetensors 0.8.0.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDENS = HERE.parent / "mfp_clip"
sys.path.insert(0, str(HERE.parent / "reference"))

import torch
from safetensors.torch import load_file, save_file

from mfp_clip import CLIP_MEAN, CLIP_STD, Config, MfpClip


class Recorder(MfpClip):
    """The specification, keeping what enters and leaves each block, by its name."""

    def block(self, x, name, heads, causal=False):
        y = super().block(x, name, heads, causal)
        self.seen[name] = (x, y)
        return y


def record(name, category, backbone="quick_gelu", tap=1):
    folder, shared = GOLDENS / "models" / name, GOLDENS / "backbones" / backbone
    cfg = Config.read(folder / "mfp_clip.json")
    m = Recorder(shared / "clip", shared / "resnet50.safetensors", folder / "mfp_clip.safetensors", cfg)
    m.seen = {}
    expected = load_file(str(folder / f"{category}.safetensors"))
    rgb = load_file(str(GOLDENS / f"rgb/{cfg.image_size}.safetensors"))["rgb"][:1]
    mean, std = (torch.tensor(c).view(1, 3, 1, 1) for c in (CLIP_MEAN, CLIP_STD))
    image, cnn = (rgb - mean) / std, expected["cnn"][:1]
    text = m.text_features(expected["ids"], cnn)
    prompts = m.visual_prompts(cnn)
    tokens = m.embed(image)
    features = m.patch_features(tokens, prompts)
    last = m.seen[f"vision_model.encoder.layers.{cfg.taps[tap] - 1}"][1]
    block, text_block = m.seen["vision_model.encoder.layers.2"], m.seen["text_model.encoder.layers.1"]
    out = dict(
        positions=m.position_embedding()[1:], tokens=tokens, masked_tokens=m.embed(image, expected["coarse"][:1]),
        prompts=prompts, block_in=block[0], block_out=block[1], text_block_in=text_block[0][:, :12], text_block_out=text_block[1][:, :12],
        tap=last[:, 1 : tokens.shape[1]], probabilities=m.anomaly_map(features, text),
    )
    out |= {f"features.{i}": f for i, f in enumerate(features)}
    return {f"{name}.{k}": v.contiguous().clone() for k, v in out.items()}


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    with torch.no_grad():
        tensors = record("feature", "metal_nut") | record("scale", "metal_nut")
        tensors |= record("gelu", "a_long_name_of_many_words_that_the_context_cuts", "gelu")
        five = record("drop_stages2_n5", "wood")
        tensors |= {k: v for k, v in five.items() if k.split(".", 1)[1] in ("tap", "features.1")}
    save_file(tensors, str(out / "modules.safetensors"))


if __name__ == "__main__":
    main()
