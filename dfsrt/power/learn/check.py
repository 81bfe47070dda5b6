"""Checking a model: everything that its card claims, worked out again from its samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.device.npu import Npu
from dfsrt.power.bundle import MODEL, NETWORKS, SAMPLES, Bundle, check_digest
from dfsrt.power.learn.train import OnDone, Trained, train
from dfsrt.power.measure.store import read_idle, read_samples
from dfsrt.power.models import open_model

RELATIVE, ABSOLUTE = 0.03, 1e-5
"""By how much a recomputed number may differ: other machines add in another order. Whole numbers
are counts and may not differ at all."""
OF_BASELINES = 2e-4
"""By how much the errors of what a model is held against may: a lasso takes another step where sums
are added in another order (0.012 points of an error)."""
OF_PARTS = {"npu": RELATIVE, "gpu": 0.2}
"""By how much the errors of one operator or network may: few layers each, and boosted trees split
elsewhere on a processor with other vectors (up to 14.6 %; all layers together within 3 %)."""
EXACT = ("valid_low", "valid_high", "valid_latency_s")
"""Ranges come from the samples without any arithmetic, so they hardly differ at all."""
NOT_RECOMPUTED = {"model_sha256"}
"""The bytes of a model differ between versions of the exporter; what it answers may not."""
OF_ALL_GROUPS = {"baselines", "bounds"}
"""What follows from the errors of all networks together, and not from those of some."""
ANSWERS = {"npu": (1e-6, 1e-9), "gpu": (0.0, 0.05)}
"""Relative and absolute difference of answers between the model that ships and one trained anew;
those of a real card are logarithms, and boosted trees may split elsewhere on another machine."""


def check_files(source: str | Path) -> None:
    """Check digests, feature schema and golden rows of a model.

    Raises:
        InputError: what is wrong, and with which file.
    """
    bundle = open_model(source)
    check_digest(bundle.folder / MODEL, bundle.card.model_sha256)
    check_digest(bundle.folder / SAMPLES, bundle.card.samples_sha256)
    if bundle.card.whole is not None:
        check_digest(bundle.folder / NETWORKS, bundle.card.whole.sha256)
    bundle.check()


def check_model(
    source: str | Path,
    on_done: OnDone = lambda _w, _d, _t: None,
    npu: Npu | None = None,
    one_in: int = 1,
) -> Trained:
    """Check the files, then train again from the samples: the card's claims and the model's
    answers must be the same. ``npu`` is the simulated device, where its name does not find it.

    ``one_in`` looks at the errors of one network in so many, each by a model that has not seen it,
    and at none that are of all of them together.

    Raises:
        InputError: a file that is not right, or a claim that the samples do not bear out.
    """
    check_files(source)
    bundle = open_model(source)
    card, place = bundle.card, bundle.folder / SAMPLES
    samples, idle = read_samples(place), read_idle(place)
    networks = bundle.folder / NETWORKS if card.whole is not None else None
    again = train(
        samples, idle, card.name, card.samples_sha256, card.seed, on_done, npu, networks, one_in
    )
    claimed, found = msgspec.to_builtins(card), msgspec.to_builtins(again.card)
    for key in OF_ALL_GROUPS if one_in > 1 else ():
        del claimed[key], found[key]
    for where, said, got in _differences(claimed, found, OF_PARTS[card.kind]):
        raise InputError(
            f"card of power model '{card.name}' claims {where} = {said}, but its samples give "
            f"{got}; train it anew"
        )
    _compare_answers(bundle, again)
    return again


def _compare_answers(bundle: Bundle, again: Trained) -> None:
    """Raise InputError unless the shipped model says of the samples what the new one says."""
    relative, absolute = ANSWERS[bundle.card.kind]
    found = bundle.run(again.rows.features)
    for name, values in again.answers.items():
        off = np.abs(found[name] - values) > absolute + relative * np.abs(values)
        if off.mean() > 0.01:
            raise InputError(
                f"the model of '{bundle.card.name}' gives another {name} than one trained on its "
                f"samples, for {off.mean():.0%} of them; train it anew"
            )


def _differences(
    said: object, got: object, of_parts: float, where: str = ""
) -> Iterator[tuple[str, object, object]]:
    """Yield (where, said, got) for each number or text that differs."""
    if isinstance(said, dict) and isinstance(got, dict):
        for key in sorted({*said, *got} - NOT_RECOMPUTED):
            here = f"{where}.{key}".lstrip(".")
            yield from _differences(said.get(key), got.get(key), of_parts, here)
    elif isinstance(said, list) and isinstance(got, list) and len(said) == len(got):
        for index, pair in enumerate(zip(said, got, strict=True)):
            yield from _differences(*pair, of_parts, f"{where}[{index}]")
    elif isinstance(said, float) and isinstance(got, float):
        if abs(said - got) > _allowed(got, of_parts, where):  # and never of what is NaN
            yield where, said, got
    elif said != got:
        yield where, said, got


def _allowed(got: float, of_parts: float, where: str) -> float:
    """By how much a number of a card may differ from ``got``."""
    if where.startswith(EXACT):
        return 1e-6 * abs(got)
    absolute = OF_BASELINES if where.startswith("baselines.") else ABSOLUTE
    return max(absolute, (of_parts if ".by_" in where else RELATIVE) * abs(got))
