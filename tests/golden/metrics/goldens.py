"""Makes the expectations of tests/metrics: python goldens.py

Needs numpy, scikit-learn and scikit-image. Logit maps are float16, so ties
abound; maps and masks are stored as base64 of their raw bytes.
"""
import base64
import json
from pathlib import Path

import numpy as np
from skimage import measure
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from field import cal_pro_score, exact_aupro, sigmoid32

rng = np.random.default_rng(20240611)


def f1_max(labels, scores):
    precision, recall, _ = precision_recall_curve(labels, scores)
    total = precision + recall
    return float(np.max(2 * precision * recall / np.where(total > 0, total, 1)))


def packed(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def ranking_figures(labels, scores):
    return {
        "auroc": float(roc_auc_score(labels, scores)),
        "averagePrecision": float(average_precision_score(labels, scores)),
        "f1Max": f1_max(labels, scores),
    }


def field_aupro(masks, amaps):
    """None where the field's code divides zero by zero."""
    if amaps.min() == amaps.max():
        return None
    with np.errstate(invalid="ignore"):
        score = cal_pro_score(masks, amaps)
    return None if np.isnan(score) else score


def pixel_case(name, logits, masks):
    logits = logits.astype(np.float16)
    # scikit-learn refuses infinities; float16 ends at 65504
    scores = np.clip(logits.astype(np.float64), -1e6, 1e6)
    amaps = sigmoid32(logits)
    images, height, width = masks.shape
    return {
        "name": name,
        "images": images,
        "height": height,
        "width": width,
        "logits": packed(logits),
        "masks": packed(np.packbits(masks.astype(bool).ravel(), bitorder="little")),
        **ranking_figures(masks.ravel(), scores.ravel()),
        "aupro": exact_aupro(masks, scores),
        "auproTo5Percent": exact_aupro(masks, scores, 0.05),
        "auproTo100Percent": exact_aupro(masks, scores, 1),
        "aupro200": field_aupro(masks, amaps),
    }


def discs(images, height, width, most):
    masks = np.zeros((images, height, width), np.uint8)
    y, x = np.mgrid[:height, :width]
    for mask in masks[images // 3 :]:
        for _ in range(rng.integers(1, most + 1)):
            radius = rng.uniform(0.5, min(height, width) / 6)
            away = (y - rng.uniform(0, height)) ** 2 + (x - rng.uniform(0, width)) ** 2
            mask[away <= radius**2] = 1
    return masks


def noisy(masks, contrast, noise):
    return rng.normal(contrast * masks.astype(float) - 4, noise)


def one(rows):
    return np.array([[[int(c) for c in row] for row in rows]], np.uint8)


def long_range_case():
    """np.arange gives 201 thresholds, the last one within rounding of the
    highest value, which a good pixel has."""
    masks = discs(3, 24, 20, 3)
    while True:
        logits = (noisy(masks, 3, 2) + 4).astype(np.float16)
        amaps = sigmoid32(logits)
        low, high = amaps.min(), amaps.max()
        step = (high - low) / 200
        thresholds = np.arange(low, high, step)
        unrounded = float(low) + 200 * float(step)
        if (
            len(thresholds) == 201
            and (thresholds[-1] < high) != (unrounded < high)
            and masks[amaps == high].max() == 0
        ):
            return pixel_case("201 thresholds", logits, masks)


def pixel_cases():
    masks = discs(6, 40, 48, 5)
    yield pixel_case("several regions", noisy(masks, 2, 1.5), masks)
    masks = discs(6, 36, 24, 4)
    logits = np.round(noisy(masks, 1, 1))
    yield pixel_case("a dozen distinct values", logits, masks)
    masks = discs(4, 32, 32, 3)
    yield pixel_case("saturated", np.clip(30 * noisy(masks, 3, 2), -40, 30), masks)
    masks = discs(3, 20, 30, 3)
    logits = noisy(masks, 5, 2) + 2
    logits[np.abs(logits) < 1] = 0
    logits[:, ::2][logits[:, ::2] == 0] = -0.0
    yield pixel_case("zeros of both signs", logits, masks)
    masks = discs(3, 20, 30, 3)
    logits = noisy(masks, 2, 2)
    logits[:, 0] = -np.inf
    logits[masks & (rng.random(masks.shape) < 0.2).astype(np.uint8) > 0] = np.inf
    yield pixel_case("infinities", logits, masks)
    yield long_range_case()
    masks = one(["000000", "001100", "001100", "000000"])
    yield pixel_case("a single region", noisy(masks, 1, 1), masks)
    masks = one(["100010", "010100", "001000", "000001", "110010", "110100"])
    yield pixel_case("touching diagonals", noisy(masks, 1, 1), masks)
    masks = one(["1100011", "0000001", "0000000", "1000000", "1111111"])
    yield pixel_case("regions on the border", noisy(masks, 1, 1), masks)
    masks = one(["10110001"])
    yield pixel_case("a single row", noisy(masks, 1, 1), masks)
    masks = discs(3, 9, 9, 2)
    yield pixel_case("one value everywhere", np.full(masks.shape, -2.5), masks)
    masks = discs(3, 24, 24, 3)
    yield pixel_case("worse than chance", noisy(masks, -1, 1), masks)
    masks = (rng.random((3, 24, 40)) < 0.3).astype(np.uint8)
    yield pixel_case("many tiny regions", noisy(masks, 1, 1), masks)
    masks = np.zeros((2, 90, 80), np.uint8)
    masks[0, 5:85, 3:70] = 1
    masks[0, 1::3, 72::3] = 1
    yield pixel_case("one large and many small", noisy(masks, 1, 1), masks)
    masks = one(["0000", "0110", "0000"])
    yield pixel_case("perfect", np.where(masks == 1, 3, -3), masks)


def image_cases():
    for name, count, digits in [
        ("distinct", 200, 6),
        ("ties", 300, 0),
        ("few", 5, 1),
    ]:
        labels = (rng.random(count) < 0.6).astype(int)
        labels[:2] = 0, 1
        scores = np.round(rng.normal(-2 + labels, 1.5), digits) + 0.0
        curve = roc_curve(labels, scores, drop_intermediate=False)
        yield {
            "name": name,
            "labels": labels.tolist(),
            "scores": scores.tolist(),
            **ranking_figures(labels, scores),
            "fpr": curve[0].tolist(),
            "tpr": curve[1].tolist(),
        }


def component_cases():
    for height, width, density in [
        (1, 1, 1),
        (1, 17, 0.5),
        (17, 1, 0.5),
        (12, 20, 0.2),
        (31, 23, 0.4),
        (40, 33, 0.6),
        (9, 9, 0),
        (9, 9, 1),
    ]:
        mask = (rng.random((height, width)) < density).astype(np.uint8)
        labels = measure.label(mask)
        yield {
            "height": height,
            "width": width,
            "labels": packed(labels.astype(np.uint8)),
            "areas": np.bincount(labels.ravel())[1:].tolist(),
        }


goldens = {
    "pixels": list(pixel_cases()),
    "images": list(image_cases()),
    "components": list(component_cases()),
}
path = Path(__file__).with_name("goldens.json")
path.write_text(json.dumps(goldens, indent=1, allow_nan=False) + "\n")
