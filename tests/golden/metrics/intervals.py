"""Bootstrap intervals by NumPy, for tests/metrics/bootstrap_test.ts.

Run: python tests/golden/metrics/intervals.py > tests/golden/metrics/intervals.json

20,000 replicates here against 1,000 (images) and 200 (pixels) there, so the ends
agree only within the spread of the draws; the tests allow a quarter of the
interval's length.
"""

import base64
import json
import pathlib

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(7)


def percentiles(values):
    return [float(v) for v in np.percentile(values, [2.5, 97.5])]


def images():
    good = np.round(RANDOM.normal(0, 1, 40), 2)
    bad = np.round(RANDOM.normal(1, 1.5, 30), 2)
    labels = np.r_[np.zeros(40), np.ones(30)]
    aurocs, aps = [], []
    for _ in range(20000):
        scores = np.r_[RANDOM.choice(good, 40), RANDOM.choice(bad, 30)]
        aurocs.append(roc_auc_score(labels, scores))
        aps.append(average_precision_score(labels, scores))
    return {
        "good": good.tolist(),
        "defective": bad.tolist(),
        "auroc": percentiles(aurocs),
        "averagePrecision": percentiles(aps),
    }


def pixels():
    """P-AUROC of 40 images of 8 x 8 pixels, 20 with a mask of 3 x 3 pixels."""
    maps = RANDOM.normal(-4, 0.5, (40, 8, 8)) + RANDOM.normal(0, 0.5, (40, 1, 1))
    masks = np.zeros((40, 8, 8), bool)
    masks[20:, 2:5, 3:6] = True
    maps += masks * RANDOM.normal(0.8, 0.5, (40, 1, 1))
    maps = maps.astype(np.float16)
    aurocs = []
    for _ in range(4000):
        drawn = np.r_[RANDOM.integers(0, 20, 20), RANDOM.integers(20, 40, 20)]
        aurocs.append(roc_auc_score(masks[drawn].ravel(), maps[drawn].ravel()))
    return {
        "logits": base64.b64encode(maps.tobytes()).decode(),
        "auroc": percentiles(aurocs),
    }


print(json.dumps({"images": images(), "pixels": pixels()}))
