"""Answers each line on stdin, `forward` or `step`, with the milliseconds that it takes the PyTorch reference: one forward
pass, or one with losses and the gradients of the whole head.

    python bench/reference.py REFERENCE_FOLDER MODEL_FOLDER THREADS [float32|float16|bfloat16] [cpu|cuda]

REFERENCE_FOLDER holds mfp_clip.py (tests/golden/reference has a copy).
"""
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, sys.argv[1])
from mfp_clip import Config, MfpClip, loss  # noqa: E402

torch.set_num_threads(int(sys.argv[3]))
dtype = getattr(torch, sys.argv[4] if len(sys.argv) > 4 else "float32")
device = sys.argv[5] if len(sys.argv) > 5 else "cpu"
model_dir = Path(sys.argv[2])
config = Config.read(model_dir / "mfp_clip.json")
model = MfpClip(model_dir / "clip", model_dir / "resnet50.safetensors", model_dir / "mfp_clip.safetensors", config)
for name in ("clip", "cnn", "head"):
    setattr(model, name, {k: v.to(device, dtype) for k, v in getattr(model, name).items()})
torch.set_default_device(device)
side = config.image_size
rgb = ((torch.arange(3 * side * side) * 7919 // 8 % 256).float().reshape(1, 3, side, side) / 255).to(dtype)
n = len(model.clip["text_model.embeddings.position_embedding.weight"])
ids = torch.zeros(2, n, dtype=torch.long)
ids[:, :9] = torch.tensor([[1, 5, 6, 7, 8, 9, 10, 11, 300], [1, 5, 6, 7, 12, 9, 10, 11, 300]])
torch.set_default_dtype(dtype)
mask = torch.zeros(1, side, side)
mask[:, 100:200, 100:200] = 1
label = torch.ones(1)


def step():
    for tensor in model.head.values():
        tensor.requires_grad_(True)
        tensor.grad = None
    loss(config, model.forward(rgb, ids), mask, label).backward()


def forward():
    with torch.no_grad():
        model.forward(rgb, ids)


for line in sys.stdin:
    start = time.perf_counter()
    (step if line.strip() == "step" else forward)()
    if device == "cuda":
        torch.cuda.synchronize()
    print((time.perf_counter() - start) * 1e3, flush=True)
