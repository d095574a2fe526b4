"""AUPRO in NumPy: exact, and as the field computes it."""
import numpy as np
from skimage import measure
from sklearn.metrics import auc


def sigmoid32(logits):
    """The float32 anomaly map of a logit map."""
    with np.errstate(over="ignore"):
        return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)


def exact_aupro(masks, scores, limit=0.3):
    """AUPRO by one sort of all pixels and cumulative sums, as anomalib's."""
    weights = np.zeros(masks.shape)
    regions = 0
    for mask, weight in zip(masks, weights):
        labels = measure.label(mask)
        areas = np.bincount(labels.ravel())
        regions += len(areas) - 1
        weight[:] = np.where(labels > 0, 1 / areas[labels], 0)
    order = np.argsort(-scores.ravel().astype(np.float64), kind="stable")
    ranked = scores.ravel()[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    good = masks.ravel()[order] == 0
    fpr = np.append(0, np.cumsum(good)[last_of_tie] / good.sum())
    pro = np.append(0, np.cumsum(weights.ravel()[order])[last_of_tie] / regions)
    kept = fpr < limit
    first = np.flatnonzero(~kept)[0]
    share = (limit - fpr[first - 1]) / (fpr[first] - fpr[first - 1])
    at_limit = pro[first - 1] + share * (pro[first] - pro[first - 1])
    return float(
        np.trapezoid(np.append(pro[kept], at_limit), np.append(fpr[kept], limit))
        / limit
    )


def cal_pro_score(masks, amaps, max_step=200, expect_fpr=0.3):
    """AUPRO as in cflow-ad, AnomalyCLIP, APRIL-GAN, AdaCLIP and others."""
    low, high = amaps.min(), amaps.max()
    fprs, pros = [], []
    binary = np.zeros_like(amaps, dtype=bool)
    for threshold in np.arange(low, high, (high - low) / max_step):
        binary[amaps <= threshold], binary[amaps > threshold] = 0, 1
        pro = []
        for flagged, mask in zip(binary, masks):
            for region in measure.regionprops(measure.label(mask)):
                hits = flagged[region.coords[:, 0], region.coords[:, 1]].sum()
                pro.append(hits / region.area)
        inverse = 1 - masks
        fprs.append(np.logical_and(inverse, binary).sum() / inverse.sum())
        pros.append(np.array(pro).mean())
    fprs, pros = np.array(fprs), np.array(pros)
    kept = fprs < expect_fpr
    fprs, pros = fprs[kept], pros[kept]
    fprs = (fprs - fprs.min()) / (fprs.max() - fprs.min())
    return float(auc(fprs, pros))
