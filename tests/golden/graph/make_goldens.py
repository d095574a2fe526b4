"""Writes nn.json and resample.json: what PyTorch, SciPy and scikit-image make of layers and grids.

    python make_goldens.py [OUT]

Needs torch, numpy, scipy and scikit-image. Made with torch 2.13.0, scipy 1.17.1 and scikit-image 0.26.0.
"""
import json, sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter
from skimage.filters import gaussian

HERE = Path(__file__).resolve().parent
g = torch.Generator().manual_seed(0)


def random(*shape, scale=1.0):
    """Multiples of 1/64, which every float type holds."""
    return (torch.randn(shape, generator=g, dtype=torch.float64) * scale * 64).round() / 64


def numbers(x):
    x = torch.as_tensor(np.asarray(x))
    return {"shape": list(x.shape), "data": [float(f"{v:.10g}") for v in x.flatten().tolist()]}


def case(expected, attributes=None, **inputs):
    return {"attributes": attributes or {}, "inputs": {k: numbers(v) for k, v in inputs.items()}, "expected": numbers(expected)}


def attention(heads, causal):
    q, k, v = (random(2, 5, 12, scale=2) for _ in "qkv")
    split = lambda x: x.view(2, 5, heads, 12 // heads).transpose(1, 2)
    y = F.scaled_dot_product_attention(split(q), split(k), split(v), is_causal=causal)
    return case(y.transpose(1, 2).reshape(2, 5, 12), {"heads": heads, "causal": causal}, q=q, k=k, v=v)


def multi_head_attention(heads, causal):
    """The whole module, projections included; its packed weight is cut in three."""
    m = torch.nn.MultiheadAttention(8, heads, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for p in m.parameters():
            p.copy_(random(*p.shape))
    x = random(2, 4, 8)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(4, dtype=torch.float64) if causal else None
    y = m(x, x, x, attn_mask=mask, need_weights=False)[0].detach()
    parts = dict(zip(("wq", "wk", "wv"), m.in_proj_weight.detach().chunk(3))) | dict(zip(("bq", "bk", "bv"), m.in_proj_bias.detach().chunk(3)))
    return case(y, {"heads": heads, "causal": causal}, x=x, wo=m.out_proj.weight.detach(), bo=m.out_proj.bias.detach(), **parts)


def nn():
    x, w, b = random(2, 3, 4), random(5, 4), random(5)
    flat = random(3, 4)
    spread = random(2, 3, 4, scale=200)
    wide, scale, shift = random(2, 3, 8, scale=3), random(8), random(8)
    curve = torch.linspace(-6, 6, 49, dtype=torch.float64)
    vectors = random(2, 3, 4)
    vectors[0, 1] = 0
    image, cw, cb, cm, cv = random(2, 3, 2, 4), random(3), random(3), random(3), random(3).abs() + 0.5
    return {
        "linear": [case(F.linear(v, w, b), x=v, weight=w, bias=b) for v in (x, flat)],
        "softmax": [case(v.softmax(-1), x=v) for v in (x, spread)],
        "layerNorm": [case(F.layer_norm(wide, (8,), scale, shift, e), {"epsilon": e}, x=wide, weight=scale, bias=shift) for e in (1e-5, 0.125)],
        "quickGelu": [case(curve * torch.sigmoid(1.702 * curve), x=curve)],
        "gelu": [case(F.gelu(curve), x=curve)],
        "attention": [attention(h, c) for h in (1, 3, 4) for c in (False, True)],
        "multiHeadAttention": [multi_head_attention(h, c) for h in (2, 4) for c in (False, True)],
        "l2Normalize": [case(F.normalize(vectors, dim=-1), x=vectors)],
        "batchNorm": [case(F.batch_norm(image, cm, cv, cw, cb, eps=1e-5), x=image, weight=cw, bias=cb, mean=cm, variance=cv)],
    }


def resample():
    image = random(2, 5, 5)
    half = torch.zeros(1, 37, 37, dtype=torch.float64)
    half[0] = random(37, 37)
    grid = random(2, 24, 24)
    enlarge = lambda x, side, mode, corners=False, smooth=False: F.interpolate(x[None], (side, side), mode=mode, align_corners=corners, antialias=smooth)[0]
    big = enlarge(half, 518, "bilinear")
    spots = [(0, 0), (0, 517), (6, 7), (7, 6), (100, 201), (258, 259), (511, 3), (517, 517)]
    bicubic = enlarge(grid, 37, "bicubic")
    smooth_bicubic = enlarge(grid, 37, "bicubic", smooth=True)
    average = lambda n: F.avg_pool2d(image[None], n, 1, n // 2, count_include_pad=False)[0]
    smooth = lambda s: np.stack([gaussian_filter(c.numpy(), s, mode="reflect", truncate=4.0) for c in image])
    # scikit-image's own spelling of the same filter
    assert np.allclose(smooth(1.5), np.stack([gaussian(c.numpy(), 1.5, mode="reflect", preserve_range=True) for c in image]), atol=1e-12)
    return {
        "bilinear": [case(enlarge(image, s, "bilinear"), {"rows": s}, x=image) for s in (1, 3, 5, 8, 12)],
        "bilinearSpots": {"x": numbers(half), "rows": 518, "spots": [[r, c, float(big[0, r, c])] for r, c in spots]},
        "bicubic": [case(enlarge(image, s, "bicubic"), {"rows": s}, x=image) for s in (3, 5, 8)],
        "bicubicSpots": {"x": numbers(grid[:1]), "rows": 37, "spots": [[r, c, float(bicubic[0, r, c])] for r in range(0, 37, 6) for c in (0, 1, 18, 36)]},
        "alignedBilinear": [case(enlarge(image, s, "bilinear", corners=True), {"rows": s}, x=image) for s in (1, 3, 5, 8, 12)],
        "smoothBicubic": [case(enlarge(image, s, "bicubic", smooth=True), {"rows": s}, x=image) for s in (1, 2, 3, 5, 8)],
        "smoothBicubicSpots": {"x": numbers(grid[:1]), "rows": 37, "spots": [[r, c, float(smooth_bicubic[0, r, c])] for r in range(0, 37, 6) for c in (0, 1, 18, 36)]},
        "average": [case(average(n), {"width": n}, x=image) for n in (1, 3, 5, 7, 11)],
        "gaussian": [case(smooth(s), {"sigma": s}, x=image) for s in (0.3, 0.8, 1.5, 4)],
    }


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, make in (("nn", nn), ("resample", resample)):
        (out / f"{name}.json").write_text(json.dumps(make(), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
