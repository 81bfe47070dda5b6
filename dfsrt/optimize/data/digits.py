"""scikit-learn's digits: what the network ``digits`` was trained on, and what judges it."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import numpy as np

from dfsrt.base.arrays import Ints, Singles
from dfsrt.base.errors import InputError
from dfsrt.network.samples import Feeds, Types, element_type
from dfsrt.optimize.calibration import Calibration

TRAINED = 1347
"""Images that the network learned from: the first ones."""
SAMPLES = 256
_PIXELS, _BRIGHTEST = 64, 16
FILE = Path(__file__).with_name("digits.csv.gz")
"""A copy of scikit-learn's: a line an image, its 64 pixels from 0 to 16 and its digit.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
Repository, 1998, CC BY 4.0; its test set.
"""


def digits(types: Types, samples: int | None) -> Calibration:
    """Return training images, 256 where nobody says how many, and the 450 others held out.

    Raises:
        InputError: a model that does not take one image of 8 x 8, or more images than there are.
    """
    name, kind = next(iter(types.items()))
    shape = tuple(dim.dim_value for dim in kind.tensor_type.shape.dim)
    dtype = element_type(name, kind)
    if len(types) > 1 or shape[:1] != (1,) or np.prod(shape) != _PIXELS or dtype.kind != "f":
        raise InputError(
            f"data 'digits' are images of 1 x 8 x 8 real numbers, and the model takes "
            f"{list(shape)} of {dtype} as '{name}'; give --data a folder of its own inputs"
        )
    count = SAMPLES if samples is None else samples
    if count > TRAINED:
        raise InputError(
            f"samples {count} is out of range; 'digits' has 1 to {TRAINED:,} training images"
        )
    images, labels = _images()
    feeds: list[Feeds] = [{name: image.reshape(shape).astype(dtype)} for image in images]
    test = "test images of scikit-learn's digits, pixels / 16"
    judges = Calibration(tuple(feeds[TRAINED:]), f"{len(feeds) - TRAINED} {test}", labels[TRAINED:])
    what = f"{count} of {TRAINED:,} training images of scikit-learn's digits, pixels / 16"
    return Calibration(tuple(feeds[:count]), what, labels[:count], judges)


@cache
def _images() -> tuple[Singles, Ints]:
    """Images from 0 to 1 and their digits, in scikit-learn's order."""
    with gzip.open(FILE, "rt", encoding="ascii") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.int64)
    return (table[:, :-1] / _BRIGHTEST).astype(np.float32), table[:, -1].astype(np.int64)
