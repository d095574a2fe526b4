"""Answers each line on stdin with the milliseconds of one forward pass of the PyTorch reference.

    python bench/reference.py REFERENCE_FOLDER MODEL_FOLDER THREADS

REFERENCE_FOLDER holds mfp_clip.py (tests/golden/reference has a copy).
"""
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, sys.argv[1])
from mfp_clip import Config, MfpClip  # noqa: E402

torch.set_num_threads(int(sys.argv[3]))
model_dir = Path(sys.argv[2])
config = Config.read(model_dir / "mfp_clip.json")
model = MfpClip(model_dir / "clip", model_dir / "resnet50.safetensors", model_dir / "mfp_clip.safetensors", config)
side = config.image_size
rgb = (torch.arange(3 * side * side) * 7919 // 8 % 256).float().reshape(1, 3, side, side) / 255
n = len(model.clip["text_model.embeddings.position_embedding.weight"])
ids = torch.zeros(2, n, dtype=torch.long)
ids[:, :9] = torch.tensor([[1, 5, 6, 7, 8, 9, 10, 11, 300], [1, 5, 6, 7, 12, 9, 10, 11, 300]])
for _ in sys.stdin:
    start = time.perf_counter()
    with torch.no_grad():
        model.forward(rgb, ids)
    print((time.perf_counter() - start) * 1e3, flush=True)
