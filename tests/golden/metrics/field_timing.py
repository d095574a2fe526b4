"""Times scikit-learn's roc_auc_score plus the field's 200-threshold AUPRO.

    deno run --allow-write=DIR field_timing_data.ts DIR IMAGES SIDE
    python field_timing.py DIR IMAGES SIDE

Needs numpy, scikit-learn and scikit-image. Prints seconds and figures; the
figures must be those that field_timing_data.ts prints.
"""
import sys
import time

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from field import cal_pro_score, exact_aupro, sigmoid32


def timed(name, function, *arguments):
    start = time.perf_counter()
    value = function(*arguments)
    print(f"{name}: {value!r} in {time.perf_counter() - start:.3f} s", flush=True)


folder, images, side = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
shape = (images, side, side)
maps = np.fromfile(f"{folder}/maps.f16", dtype=np.float16).reshape(shape)
masks = np.fromfile(f"{folder}/masks.u8", dtype=np.uint8).reshape(shape)
logits = maps.astype(np.float32)
timed("roc_auc_score", roc_auc_score, masks.ravel(), logits.ravel())
timed("average_precision_score", average_precision_score, masks.ravel(), logits.ravel())
timed("exact AUPRO", exact_aupro, masks, logits)
timed("cal_pro_score", cal_pro_score, masks, sigmoid32(maps))
