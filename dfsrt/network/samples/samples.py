"""Samples: the inputs that a model runs on, from files or drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.network.samples.feeds import random_feeds
from dfsrt.network.samples.files import Feeds, Types, file_samples, sample_files

MOST = 1_000_000
"""Samples of one measurement; more are taken for a number given wrongly."""


@dataclass(frozen=True, slots=True)
class Samples:
    """A model's inputs, sample by sample, as often as they are asked for.

    ``what`` says where they come from. A file of several samples is split while it is read, so
    that ``count`` is of files or draws, and each gives one list of samples.
    """

    what: str
    count: int
    read: Callable[[int], Iterator[Feeds]]

    def __iter__(self) -> Iterator[Feeds]:
        for number in range(self.count):
            yield from self.read(number)

    def beside(self, values: Feeds) -> Samples:
        """Return the samples with the same ``values`` of other inputs in each."""

        def read(number: int) -> Iterator[Feeds]:
            for sample in self.read(number):
                yield {**sample, **values}

        return Samples(self.what, self.count, read) if values else self


def random_samples(types: Types, count: int, seed: int) -> Samples:
    """Return ``count`` samples of random values; the same seed gives the same ones.

    Reals are uniform from 0 to 1, integers 0 or 1. No network was trained on such.

    Raises:
        InputError: a count or a seed out of range.
    """
    for name, value, least in (("samples", count, 1), ("seed", seed, 0)):
        if not least <= value <= MOST:
            raise InputError(f"{name} {value} is out of range; allowed is {least} to {MOST:,}")

    def draw(number: int) -> Iterator[Feeds]:
        yield random_feeds(types, seed + number)

    what = f"uniform from 0 to 1 (seed {seed}), which no network was trained on"
    return Samples(f"random inputs, {what}", count, draw)


def folder_samples(types: Types, folder: Path, most: int | None) -> Samples:
    """Return the samples in a folder's ``.npy`` and ``.npz`` files, in the order of their names.

    An ``.npy`` is of a model with one input, an ``.npz`` holds inputs by name. An array may lack a
    first axis of 1, or have along its first axis several samples. The first ``most`` files count.

    Raises:
        InputError: no such folder, none of such files in it, or ``most`` below 1.
    """
    if most is not None and most < 1:
        raise InputError(f"samples {most} is out of range; allowed is 1 and more")
    files, left = sample_files(folder)
    files = files[:most]
    other = f"; {left} other files left out" if left else ""
    what = f"{len(files)} files of {folder}{other}"
    return Samples(what, len(files), lambda number: file_samples(files[number], types))
