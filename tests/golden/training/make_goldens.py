"""Writes the goldens of this folder: what PyTorch and the specification do in training.

    python make_goldens.py [OUT]

See README.md beside this file. Needs torch, transformers, safetensors, pillow and numpy.
"""
import dataclasses, json, math, sys
from pathlib import Path

sys.modules["torchvision"] = None  # transformers must not try to load it
HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "mfp_clip"
sys.path.insert(0, str(HERE.parent / "reference"))

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import mfp_clip, run
from mfp_clip import Config, MfpClip

# image -> [left, top, right, bottom] of its defect, in the order of keys
IMAGES = {"brick.png": [20, 28, 51, 47], "chelsea.png": [0, 2, 13, 21], "coffee.jpg": None}

# name -> golden model, its backbone, category, fields of Config to override
GRADIENTS = {
    "feature": ("feature", "quick_gelu", "metal_nut", {}),
    "abnormal": ("feature", "quick_gelu", "wood", {"dice": "abnormal", "supervise": "refined"}),
    "token_stages2": ("token_stages2", "quick_gelu", "metal_nut", {}),
    "drop_stages2_n5": ("drop_stages2_n5", "quick_gelu", "bottle", {}),
    "token_drop_n1": ("token_drop_n1", "quick_gelu", "metal_nut", {}),
    "no_i2tp": ("no_i2tp", "quick_gelu", "metal_nut", {}),
    "no_sp": ("no_sp", "quick_gelu", "metal_nut", {}),
    "no_mp": ("no_mp", "quick_gelu", "metal_nut", {}),
    "plain": ("plain", "quick_gelu", "metal_nut", {}),
    "scale": ("scale", "quick_gelu", "metal_nut", {}),
    "gelu": ("gelu", "gelu", "a_long_name_of_many_words_that_the_context_cuts", {}),
    "backbone": ("no_mp", "quick_gelu", "metal_nut", {}),
}
LOOPS = [("feature", "quick_gelu", "metal_nut"), ("no_mp", "quick_gelu", "metal_nut")]
STEPS, BATCH, RATE = 30, 2, 1e-3
PROJECTIONS = 16
VANISHES = 1e-12  # of the norm of all: what rounding leaves of a zero in float64
KINK = 2e-6  # several times the rounding errors of float32 before an activation


def signs(count):
    """[16, count] of +1 and -1: the lowest bits of a hash of the index."""
    h, low = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B1), np.uint64(0xFFFFFFFF)
    for shift, factor in ((15, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        h &= low
        h = (h ^ (h >> np.uint64(shift))) * np.uint64(factor)
    bits = (h >> np.arange(PROJECTIONS, dtype=np.uint64)[:, None]) & np.uint64(1)
    return torch.from_numpy(1.0 - 2.0 * bits.astype(np.float64))


def summary(tensor):
    """Norm and projections: enough to know a tensor by, and small."""
    t = tensor.double().flatten()
    short = lambda x: float(f"{x:.12g}")
    return {"norm": short(t.norm().item()), "projections": [short(x) for x in (signs(len(t)) @ t).tolist()]}


def summaries(gradients):
    """None where no loss depends on the tensor, zeros where the gradient is zero but for rounding."""
    least = VANISHES * math.hypot(*(g.norm().item() for g in gradients.values() if g is not None))
    known = lambda g: summary(g if g.norm() > least else torch.zeros_like(g))
    return {k: known(g) if g is not None else None for k, g in gradients.items()}


def read_mask(size, box, side):
    m = np.zeros(size[::-1], np.uint8)
    if box:
        left, top, right, bottom = box
        m[top:bottom, left:right] = 255
    m = Image.fromarray(m).resize((side, side), Image.BILINEAR)
    return torch.from_numpy((np.asarray(m) / 255 > 0.5).astype(np.float32))


def read_set(side):
    files = [MODELS / "images" / name for name in IMAGES]
    rgb = torch.stack([run.read_image(f, side) for f in files])
    mask = torch.stack([read_mask(Image.open(f).size, box, side) for f, box in zip(files, IMAGES.values())])
    return rgb, mask, torch.tensor([float(box is not None) for box in IMAGES.values()])


def open_model(name, backbone, overrides):
    model, shared = MODELS / "models" / name, MODELS / "backbones" / backbone
    cfg = dataclasses.replace(Config.read(model / "mfp_clip.json"), **overrides)
    m = MfpClip(shared / "clip", shared / "resnet50.safetensors", model / "mfp_clip.safetensors", cfg)
    for t in m.head.values():
        t.requires_grad_(True)
    return m, shared / "clip"


def losses(cfg, out, mask, label):
    one = lambda m: {
        "focal": mfp_clip.focal(m, mask),
        "dice": mfp_clip.dice(m[:, 1], mask) + (mfp_clip.dice(m[:, 0], 1 - mask) if cfg.dice == "both" else 0),
        "bce": mfp_clip.bce(m, label),
    }
    passes = {"coarse": one(out["coarse"]) if cfg.mp else None, "refined": one(out["refined"])}
    return {k: v and {n: x.item() for n, x in v.items()} for k, v in passes.items()}


def peaks(m, patch):
    """[row, column] of the patch in whose middle S of each image lies."""
    flat = m[:, 1].detach().flatten(1)
    places = (flat >= flat.amax(1, keepdim=True) * (1 - 1e-12)).int().argmax(1)  # the first, where rounding may not tell
    return [[i // m.shape[-1] // patch, i % m.shape[-1] // patch] for i in places.tolist()]


def in_float64(m, rgb, *others):
    """The same model and images in float64, to which no float32 engine's rounding errors are added."""
    for tensors in (m.head, m.clip, m.cnn):
        tensors.update({k: t.detach().double() for k, t in tensors.items()})
    return ((rgb.double() * 255).round() / 255, *(t.double() for t in others))


def far_from_kinks(forward):
    """Runs it; no leaky ReLU may read a number whose sign rounding to float32 could change."""
    leaky, nearest = F.leaky_relu, []
    F.leaky_relu = lambda x, slope: nearest.append(x.detach().abs().min().item()) or leaky(x, slope)
    out = forward()
    F.leaky_relu = leaky
    assert min(nearest) > KINK, f"a kink is only {min(nearest)} away: choose another category"
    return out


def gradients(case, name, backbone, category, overrides):
    m, clip = open_model(name, backbone, overrides)
    rgb, mask, label = in_float64(m, *read_set(m.cfg.image_size))
    tensors = m.head if case != "backbone" else m.head | m.clip | m.cnn
    tensors = {k: t.requires_grad_(True) for k, t in tensors.items() if "running_" not in k}
    ids = run.prompt_ids(clip, category, len(m.clip["text_model.embeddings.position_embedding.weight"]))
    torch.set_default_dtype(torch.float64)
    out = far_from_kinks(lambda: m.forward(rgb, ids))
    total = mfp_clip.loss(m.cfg, out, mask, label)
    total.backward()
    torch.set_default_dtype(torch.float32)
    return {
        "model": name, "category": category, "overrides": overrides, "grid": m.grid,
        "loss": total.item(), **losses(m.cfg, out, mask, label),
        "peaks": peaks(out["coarse"], m.patch) + peaks(out["refined"], m.patch),
        "gradients": summaries({k: t.grad for k, t in tensors.items()}),
    }


def loop(model, backbone, category):
    """The specification's own training: Adam, lr0 / (epoch + 1), the last partial batch kept."""
    m, clip = open_model(model, backbone, {})
    rgb, mask, label = read_set(m.cfg.image_size)
    ids = run.prompt_ids(clip, category, len(m.clip["text_model.embeddings.position_embedding.weight"]))
    adam, rows, epoch = torch.optim.Adam(m.head.values(), lr=RATE, betas=(0.9, 0.999), eps=1e-8), [], 0
    while len(rows) < STEPS:
        adam.param_groups[0]["lr"] = RATE / (epoch + 1)
        for first in range(0, len(rgb), BATCH):
            part = slice(first, first + BATCH)
            adam.zero_grad()
            total = mfp_clip.loss(m.cfg, m.forward(rgb[part], ids), mask[part], label[part])
            total.backward()
            adam.step()
            rows.append(total.item())
        epoch += 1
    return {"model": model, "category": category, "losses": rows[:STEPS],
            "head": {k: summary(v.detach()) for k, v in m.head.items()}}


def optimiser(kind, clip_norm):
    """Eight steps over a matrix that decays and a bias that does not, gradients from a seeded generator."""
    g = torch.Generator().manual_seed(1)
    weight = torch.randn(3, 4, generator=g).requires_grad_(True)
    bias = torch.randn(4, generator=g).requires_grad_(True)
    start = [weight.detach().flatten().tolist(), bias.detach().tolist()]
    if kind == "adam":
        opt = torch.optim.Adam([weight, bias], lr=0.01)
    else:
        opt = torch.optim.AdamW([{"params": [weight], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0}], lr=0.01)
    steps = []
    for i in range(8):
        for group in opt.param_groups:
            group["lr"] = 0.01 / (i // 3 + 1)
        weight.grad, bias.grad = torch.randn(3, 4, generator=g) * 10.0 ** (i - 4), torch.randn(4, generator=g) * 10.0 ** (i - 4)
        given = [weight.grad.flatten().tolist(), bias.grad.tolist()]
        norm = torch.nn.utils.clip_grad_norm_([weight, bias], clip_norm).item() if clip_norm else None
        opt.step()
        steps.append({"gradients": given, "lr": opt.param_groups[0]["lr"], "norm": norm,
                      "after": [weight.detach().flatten().tolist(), bias.detach().tolist()]})
    return {"kind": kind, "clip_norm": clip_norm, "start": start, "steps": steps}


def cosine(base, warmup, steps):
    parameter = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([parameter], lr=base)
    ramp = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: (s + 1) / warmup) if warmup else None
    rates = []
    for _ in range(warmup):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        ramp.step()
    opt = torch.optim.SGD([parameter], lr=base)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps - warmup)
    for _ in range(steps - warmup):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        fall.step()
    return {"base": base, "warmup": warmup, "steps": steps, "rates": rates}


def linear(fan_out, fan_in):
    """The range and deviation of a large Linear in units of 1 / sqrt(fan in)."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(fan_in, fan_out)
    unit = math.sqrt(fan_in)
    of = lambda x: {"max": x.max().item() * unit, "min": x.min().item() * unit, "std": x.std().item() * unit}
    return {"shape": [fan_out, fan_in], "weight": of(layer.weight.detach()), "bias": of(layer.bias.detach())}


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    write = lambda name, value: (out / name).write_text(json.dumps(value, indent=1) + "\n")
    write("optimiser.json", [optimiser("adam", None), optimiser("adamw", None), optimiser("adam", 1.0)])
    write("schedule.json", [cosine(0.01, 0, 7), cosine(0.002, 3, 10)])
    write("linear.json", linear(512, 256))
    write("gradients.json", {"images": IMAGES, "cases": {k: gradients(k, *v) for k, v in GRADIENTS.items()}})
    write("loops.json", {"images": IMAGES, "steps": STEPS, "batch": BATCH, "rate": RATE, "loops": [loop(*v) for v in LOOPS]})


if __name__ == "__main__":
    main()
