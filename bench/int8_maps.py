"""Runs an exported model in Python's onnxruntime, one image at a time, and writes its logit maps as float32.

    python bench/int8_maps.py MODEL_FOLDER SIDE IMAGES OUT

IMAGES holds RGB bytes [count, SIDE, SIDE, 3].
"""
import sys

import numpy
import onnxruntime

folder, side, images, out = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
session = onnxruntime.InferenceSession(f"{folder}/model.onnx", providers=["CPUExecutionProvider"])
pixels = numpy.fromfile(images, numpy.uint8).reshape(-1, 1, side, side, 3)
maps = [session.run(["logit_map"], {"image": image})[0] for image in pixels]
numpy.concatenate(maps).astype(numpy.float32).tofile(out)
