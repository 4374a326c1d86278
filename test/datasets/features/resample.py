# Writes resample.json: a picture of floats resized by Pillow's bilinear filter.
import json
import pathlib

import numpy
from PIL import Image

picture = numpy.array([[(7 * y * y + 13 * x + 5 * x * y) % 256 for x in range(9)] for y in range(7)], dtype=numpy.float32)


def resized(height, width):
    return numpy.asarray(Image.fromarray(picture, mode="F").resize((width, height), Image.BILINEAR)).tolist()


golden = {"picture": picture.tolist(), "smaller": resized(3, 4), "larger": resized(10, 12), "mixed": resized(14, 2)}
path = pathlib.Path(__file__).with_name("resample.json")
path.write_text(json.dumps(golden) + "\n", encoding="utf-8")
