"""Compares an exported model with `eval`, in runtimes of Python.

    deno task export --model MODEL --out EXPORT
    deno task eval --model MODEL --data IMAGES --maps npy --out RESULTS
    python exported_models.py EXPORT IMAGES RESULTS [RUNTIME ...]

RUNTIME is onnxruntime, reference (ONNX's reference evaluator) or opencv. Needs
numpy, Pillow, onnx, and the packages of the runtimes. Ends with 1 where a map
or a batch lies outside of the tolerance that the model names. No test and no
command of the project needs this file.
"""

import pathlib
import sys
import time

import numpy
import onnx
from PIL import Image, ImageOps

OUTPUTS = ["map", "logit_map", "score", "score_logit"]


def onnxruntime(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    return lambda images: session.run(OUTPUTS, {"image": images})


def reference(path):
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(path)
    return lambda images: evaluator.run(OUTPUTS, {"image": images})


def opencv(path):
    import cv2

    network = cv2.dnn.readNetFromONNX(path)

    def run(images):
        network.setInput(images, "image")
        return network.forward(OUTPUTS)

    return run


RUNTIMES = {f.__name__: f for f in (onnxruntime, reference, opencv)}


def pixels(path):
    image = ImageOps.exif_transpose(Image.open(path))
    return numpy.asarray(image.convert("RGB"))


def described(path):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path, load_external_data=False)
    domains = sorted({node.domain or "ai.onnx" for node in model.graph.node})
    facts = {entry.key: entry.value for entry in model.metadata_props}
    print(f"IR {model.ir_version}, operators of {', '.join(domains)}, {facts}")
    return float(facts["tolerance"])


def main(export, images, results, *names):
    path = str(pathlib.Path(export, "model.onnx"))
    tolerance = described(path)
    maps = sorted(pathlib.Path(results, "maps").rglob("*.npy"))
    failed = not maps
    for name in names or RUNTIMES:
        run = RUNTIMES[name](path)
        worst = batched = 0.0
        start = time.monotonic()
        for file in maps:
            key = file.relative_to(pathlib.Path(results, "maps")).with_suffix("")
            image = pixels(pathlib.Path(images, key))
            found, _, score, _ = run(image[None])
            worst = max(worst, numpy.abs(found[0] - numpy.load(file)).max())
            pair = run(numpy.stack([image[::-1], image]))
            again = max(numpy.abs(pair[0][1] - found[0]).max(), abs(pair[2][1] - score[0]))
            batched = max(batched, again)
        seconds = time.monotonic() - start
        print(
            f"{name}: {len(maps)} images, maps within {worst:.2g} of eval, "
            f"batches within {batched:.2g} of single images, {seconds:.1f} s"
        )
        failed |= not (worst <= tolerance and batched <= tolerance)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
