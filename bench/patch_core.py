"""PatchCore on the features that patch_features.ts wrote, for a comparison.

    python bench/patch_core.py OUT ...

Prints I-AUROC x 100, mean and deviation over the draws of ten good images. As
published: 3 x 3 means, a greedy coreset of a tenth, nearest neighbours, and the
score of the farthest patch weighed by its nine neighbours. The random projection
before the coreset is left out, as the features are few. Needs numpy, torch and
scikit-learn.
"""
import json
import sys

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

PART, NEIGHBOURS = 0.1, 9
torch.set_num_threads(1)


def pooled(x):  # [N, T, P, D] -> [N, P, T D]
    n, t, p, d = x.shape
    g = int(p**0.5)
    y = torch.from_numpy(x).reshape(n * t, g, g, d).permute(0, 3, 1, 2)
    y = torch.nn.functional.avg_pool2d(y, 3, 1, 1, count_include_pad=False)
    return y.permute(0, 2, 3, 1).reshape(n, t, p, d).permute(0, 2, 1, 3).reshape(n, p, t * d)


def coreset(x, seed):
    chosen = [int(np.random.default_rng(seed).integers(len(x)))]
    nearest = torch.cdist(x, x[chosen])[:, 0]
    while len(chosen) < len(x) * PART:
        chosen.append(int(nearest.argmax()))
        nearest = torch.minimum(nearest, torch.cdist(x, x[chosen[-1:]])[:, 0])
    return x[chosen]


def score(image, memory):
    near, where = torch.cdist(image, memory).min(1)
    farthest = int(near.argmax())
    star = memory[where[farthest]]
    around = torch.cdist(star[None], memory)[0].topk(min(NEIGHBOURS, len(memory)), largest=False).indices
    apart = torch.linalg.vector_norm(image[farthest] - memory[around], dim=1)
    return float((1 - torch.softmax(apart, 0)[0]) * near[farthest])


for path in sys.argv[1:]:
    with open(f"{path}.json") as file:
        facts = json.load(file)
    labels = np.array(facts["labels"])
    features = pooled(np.fromfile(f"{path}.f32", dtype=np.float32).reshape(facts["shape"]))
    found = []
    for seed, drawn in enumerate(facts["draws"]):
        memory = coreset(features[drawn].flatten(0, 1), seed)
        left = [i for i in range(len(labels)) if i not in drawn]
        found.append(100 * roc_auc_score(labels[left], [score(features[i], memory) for i in left]))
    print(f"{path}: {np.mean(found):.1f} +- {np.std(found, ddof=1):.1f}")
