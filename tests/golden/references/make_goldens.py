"""Writes the goldens of good images: cases.safetensors from random patch tokens,
and model.safetensors from a model of ../mfp_clip.

    python make_goldens.py

Needs torch, transformers, safetensors, scipy and numpy. Everything is float64,
but for what the model computes.
"""
import sys
from pathlib import Path

sys.modules["torchvision"] = None  # transformers must not try to load it
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "reference"), str(HERE.parent / "data")]

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from scipy.ndimage import gaussian_filter

MASK = 0xFFFFFFFF


class Random:
    """lib/random.ts."""

    def __init__(self, key):
        self.a, self.b, self.c = (self.hash(key, basis) for basis in (0x811C9DC5, 0x9E3779B9, 0x243F6A88))
        self.counter = 1
        for _ in range(12):
            self.bits()

    @staticmethod
    def hash(text, basis):
        h = basis
        for character in text:
            h = ((h ^ ord(character)) * 0x01000193) & MASK
        h = ((h ^ (h >> 16)) * 0x85EBCA6B) & MASK
        h = ((h ^ (h >> 13)) * 0xC2B2AE35) & MASK
        return h ^ (h >> 16)

    def bits(self):
        total = (self.a + self.b + self.counter) & MASK
        self.counter = (self.counter + 1) & MASK
        self.a = self.b ^ (self.b >> 9)
        self.b = (self.c + (self.c << 3)) & MASK
        self.c = ((self.c << 21 | self.c >> 11) + total) & MASK
        return total

    def uniform(self):
        return self.bits() / 2**32

    def draw(self, size, count):
        numbers = list(range(size))
        for i in range(count):
            j = i + int(self.uniform() * (size - i))
            numbers[i], numbers[j] = numbers[j], numbers[i]
        return numbers[:count]


def projection(rows, columns):
    random = Random("references/projection")
    signs = np.array([1 if random.uniform() < 0.5 else -1 for _ in range(columns)])
    k = np.array(random.draw(columns, rows))[:, None]
    angle = np.pi * (np.arange(columns) + 0.5) * k / columns
    return np.where(k == 0, 1, 2**0.5) / rows**0.5 * signs * np.cos(angle)


def avg3(y):  # [B, P, D]
    b, p, d = y.shape
    g = int(p**0.5)
    grid = torch.from_numpy(y).transpose(1, 2).reshape(b, d, g, g)
    return F.avg_pool2d(grid, 3, 1, 1, count_include_pad=False).flatten(2).transpose(1, 2).numpy()


def unit(y):
    return y / np.maximum(np.linalg.norm(y, axis=-1, keepdims=True), 1e-12)


def standard(y, good):
    rows = good.reshape(-1, good.shape[-1])
    return (y - rows.mean(0)) / (rows.std(0, ddof=1) + 1e-3 * rows.std(ddof=1))


def views(taps, good):
    """taps [B, T, P, D] by statistics of good [K, T, P, D]: four views [B, T, P, D]."""
    parts = []
    for t in range(taps.shape[1]):
        y, r = taps[:, t], good[:, t]
        parts.append([unit(y), standard(y, r), unit(avg3(y)), unit(standard(avg3(y), avg3(r)))])
    return [np.stack(view, 1) for view in zip(*parts)]


def features(taps, good, count):
    out, mine = [], []
    for view, ours in zip(views(taps, good), views(good, good)):
        scale = ours.var((0, 2), ddof=1).sum() ** 0.5
        out.append(view / scale)
        mine.append(ours / scale)
    flat = lambda x: np.concatenate(x, -1).transpose(0, 2, 1, 3).reshape(len(x[0]), x[0].shape[2], -1)  # tap by tap
    out, mine = flat(out), flat(mine)
    centre = mine.reshape(-1, mine.shape[-1]).mean(0)
    v = projection(count, out.shape[-1]).T if count < out.shape[-1] else np.eye(count)
    return (out - centre) @ v, (mine - centre) @ v


def distance(f, memory):
    return ((f[:, None] - memory[None]) ** 2).sum(-1).min(1) / 2


def within(f, g, near):
    p = np.arange(g * g)
    apart = np.maximum(abs(p[:, None] // g - p // g), abs(p[:, None] % g - p % g))
    d = ((f[:, None] - f[None]) ** 2).sum(-1) / 2
    return np.where(apart <= near, np.inf, d).min(1)


def joint(taps, z, good, good_z, count):
    """taps [B, T, P, D] and z [B, g, g] beside good images: logits [B, g, g]."""
    g, k = z.shape[-1], len(good)
    f, memory = features(taps, good, count)
    d = np.stack([distance(x, memory.reshape(-1, memory.shape[-1])) for x in f]).reshape(-1, g, g)
    if k == 1:
        own = within(memory[0], g, min(2, g // 2 - 1)).reshape(1, g, g)
        q = np.ones((g, g))
    else:
        others = [np.concatenate([memory[j] for j in range(k) if j != i]) for i in range(k)]
        own = np.stack([distance(memory[i], others[i]) for i in range(k)]).reshape(k, g, g)
        q = 0.3 * gaussian_filter(own.mean(0), 1, mode="nearest") + 0.7 * own.mean()
    d, own = d / q, own / q
    threshold = own.max((1, 2)).mean()
    top = good_z.max((1, 2))
    unusual = np.maximum(z - np.median(top), 0) / max(1, top.std())
    return 5 * (d / threshold - 1) + 0.3 * unusual


def read(logit, side, smooth=0):
    big = F.interpolate(torch.from_numpy(logit)[:, None], (side, side), mode="bilinear", align_corners=False)[:, 0].numpy()
    m, rest = 1 / (1 + np.exp(-big)), 1 / (1 + np.exp(big))
    if smooth:
        m, rest = (gaussian_filter(x, (0, smooth, smooth)) for x in (m, rest))
        big = np.log(m) - np.log(rest)
    top = logit.max((1, 2))
    return {"map": m, "logit_map": big, "score": 1 / (1 + np.exp(-top)), "score_logit": top}


def random_case(rng, k, grid=6, width=8, taps=2):
    """Tokens with a pattern that good images share, and a defect in two of three queries."""
    p = grid * grid
    shared = rng.normal(size=(1, taps, p, width)) * rng.uniform(0.2, 3, size=width)
    near = lambda n: shared + 0.3 * rng.normal(size=(n, taps, p, width)) + 2
    good, query = near(k), near(3)
    query[1, :, 14] += 2 * rng.normal(size=(taps, width))
    query[2, :, 20:23] *= -1
    return [x.astype(np.float32) for x in (good, rng.normal(size=(k, grid, grid)) - 3, query, rng.normal(size=(3, grid, grid)) - 2)]


def cases():
    rng, out = np.random.default_rng(7), {}
    for k, count, smooth in ((1, 64, 0), (2, 64, 0), (5, 40, 1.5)):
        name = f"{k}_good"
        good, good_z, query, z = random_case(rng, k)
        logit = joint(*(x.astype(np.float64) for x in (query, z, good, good_z)), count)
        out |= {f"{name}.good": good, f"{name}.good_logits": good_z, f"{name}.query": query, f"{name}.logits": z}
        out |= {f"{name}.{key}": value for key, value in read(logit, 24, smooth).items()}
    save(out, "cases")


def prompted_taps(m, image, prompts):
    """Patch tokens after the first two taps of the first pass, before adapters."""
    x, n, out = m.embed(image), None, []
    n, last = x.shape[1], m.cfg.taps[m.cfg.sp_stages - 1]
    for block in range(1, m.cfg.taps[1] + 1):
        if 2 <= block <= last:
            x = torch.cat([x[:, :n], prompts], 1)
        elif block == last + 1 and m.cfg.sp_after == "drop":
            x = x[:, :n]
        x = m.block(x, f"vision_model.encoder.layers.{block - 1}", m.vh)
        if block in m.cfg.taps[:2]:
            out.append(x[:, 1:n])
    return torch.stack(out, 1)


def model():
    """Two good photographs and a third one, seen by the golden model `feature`."""
    import run
    from mfp_clip import CLIP_MEAN, CLIP_STD, Config, MfpClip

    root = HERE.parent / "mfp_clip"
    head, backbone = root / "models/feature", root / "backbones/quick_gelu"
    cfg = Config.read(head / "mfp_clip.json")
    m = MfpClip(backbone / "clip", backbone / "resnet50.safetensors", head / "mfp_clip.safetensors", cfg)
    rgb = load_file(str(root / "rgb/42.safetensors"))["rgb"]
    ids = run.prompt_ids(backbone / "clip", "wood", len(m.clip["text_model.embeddings.position_embedding.weight"]))
    mean, std = (torch.tensor(c).view(1, 3, 1, 1) for c in (CLIP_MEAN, CLIP_STD))
    with torch.no_grad():
        out = m.forward(rgb, ids)
        taps = prompted_taps(m, (rgb - mean) / std, m.visual_prompts(m.cnn_features(rgb)))
    patch = 42 // int(taps.shape[2] ** 0.5)
    z = out["logit_map"][:, patch // 2 :: patch, patch // 2 :: patch]
    taps, z = taps.double().numpy(), z.double().numpy()
    count = min(96, 8 * taps.shape[-1])
    logit = joint(taps[2:], z[2:], taps[:2], z[:2], count)
    save(read(logit, 42), "model")


def save(arrays, name):
    tensors = {key: torch.from_numpy(np.ascontiguousarray(value)).float() for key, value in arrays.items()}
    save_file(tensors, str(HERE / f"{name}.safetensors"))


if __name__ == "__main__":
    cases()
    model()
