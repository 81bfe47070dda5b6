"""Random data, which no network was trained on."""

from __future__ import annotations

from dfsrt.network.samples import Types, random_samples
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.data.split import held, split

SAMPLES = 16


def drawn(types: Types, samples: int | None, seed: int) -> Calibration:
    """Return random samples, 16 where nobody says how many; the same seed gives the same ones.

    Raises:
        InputError: a seed out of range, or too much to hold.
        NetworkError: an input of a type without numbers.
    """
    source = random_samples(types, SAMPLES if samples is None else samples, seed)
    return split(held(source, None), None, source.what, random=True)
