"""Checking a model: everything that its card claims, worked out again from its samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from dfsrt.errors import InputError
from dfsrt.power.bundle import MODEL, SAMPLES, check_digest
from dfsrt.power.learn.train import OnDone, Trained, train
from dfsrt.power.measure.store import read_idle, read_samples
from dfsrt.power.models import open_model

RELATIVE, ABSOLUTE = 0.03, 2e-3
"""By how much a recomputed number may differ: other machines add in another order."""
NOT_RECOMPUTED = {"model_sha256"}
"""The bytes of a model differ between versions of the exporter; its golden rows may not."""


def check_files(source: str | Path) -> None:
    """Check digests, feature schema and golden rows of a model.

    Raises:
        InputError: what is wrong, and with which file.
    """
    bundle = open_model(source)
    check_digest(bundle.folder / MODEL, bundle.card.model_sha256)
    check_digest(bundle.folder / SAMPLES, bundle.card.samples_sha256)
    bundle.check()


def check_model(source: str | Path, on_done: OnDone = lambda _w, _d, _t: None) -> Trained:
    """Check the files, then train again from the samples and compare every claim of the card.

    Raises:
        InputError: a file that is not right, or a claim that the samples do not bear out.
    """
    check_files(source)
    bundle = open_model(source)
    card, place = bundle.card, bundle.folder / SAMPLES
    samples, idle = read_samples(place), read_idle(place)
    again = train(samples, idle, card.name, card.samples_sha256, card.seed, on_done)
    claimed, found = msgspec.to_builtins(card), msgspec.to_builtins(again.card)
    for where, said, got in _differences(claimed, found):
        raise InputError(
            f"card of power model '{card.name}' claims {where} = {said}, but its samples give "
            f"{got}; train it anew"
        )
    return again


def _differences(said: Any, got: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (where, said, got) for each number or text that differs."""
    if isinstance(said, dict) and isinstance(got, dict):
        for key in sorted({*said, *got} - NOT_RECOMPUTED):
            yield from _differences(said.get(key), got.get(key), f"{where}.{key}".lstrip("."))
    elif isinstance(said, list) and isinstance(got, list) and len(said) == len(got):
        for index, pair in enumerate(zip(said, got, strict=True)):
            yield from _differences(*pair, f"{where}[{index}]")
    elif _is_number(said) and _is_number(got):
        if abs(said - got) > max(ABSOLUTE, RELATIVE * abs(got)):
            yield where, said, got
    elif said != got:
        yield where, said, got


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
