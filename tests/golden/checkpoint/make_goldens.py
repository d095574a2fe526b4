"""Writes safetensors files as PyTorch does, and what float32 values they hold.

    python make_goldens.py

Needs torch 2.13.0 and safetensors 0.8.0.
"""
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent


def main():
    tiny, huge = 2.0 ** -24, 65504.0
    values = torch.tensor([[0.0, -0.0, 1.0, -2.5], [tiny, huge, 1 / 3, 1e-3]])
    ties = torch.tensor([1 + 2.0 ** -8, 1 + 3 * 2.0 ** -8, 3.3895e38, -1e-40, float("inf"), float("nan")])
    tensors = {
        "f32": values,
        "f16": values.half(),
        "bf16": values.bfloat16(),
        "bf16.ties": ties.bfloat16(),
        "f32.ties": ties,
        "scalar": torch.tensor(4.6052),
        "ids": torch.arange(3),
        "empty": torch.zeros(0, 4),
    }
    save_file(tensors, str(HERE / "types.safetensors"), metadata={"format": "pt"})
    spell = {"inf": "Infinity", "nan": "NaN"}  # as JavaScript reads them
    floats = {k: [spell.get(str(x), str(x)) for x in v.float().flatten().tolist()] for k, v in tensors.items() if v.is_floating_point()}
    (HERE / "types.json").write_text(json.dumps(floats, indent=1) + "\n")


if __name__ == "__main__":
    main()
