"""The card of a power model: what it was trained on, how well it does, where it may be used."""

from __future__ import annotations

import hashlib
import math
from dataclasses import MISSING, Field, fields, replace
from itertools import pairwise
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.json import json_text, quoted
from dfsrt.base.tomlfile import read_toml
from dfsrt.device.memory_point import MemoryChange
from dfsrt.device.npu import MAPPER, PREFETCH, SCHEDULE, Cores, Memory, Npu, Silicon
from dfsrt.device.weights import Weights
from dfsrt.power.conformal import Bound

FORMAT = 2
SHELF = "powermodels"
LANGUAGE_OPERATORS = ("GroupQueryAttention", "MatMulNBits")
"""Operators of language models, which no model on the shelf has a sample of."""
QUANTITIES = ("power_w", "latency_s", "held_clock_hz")
"""What a card may have errors of."""


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """Relative errors over some samples, none of which the predicting model has seen.

    ``mape`` is the mean of their sizes, then ``median``, 95th percentile (``p95``) and ``worst``.
    """

    samples: int
    mape: float
    median: float
    p95: float
    worst: float


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Errors of one predicted quantity.

    ``overall`` is over all held-out networks; then ``by_operator``, and ``by_group`` of networks.
    ``by_layout``, where a card was measured in several, sets apart what runs on images: ``nhwc``,
    ``nchw``, and ``either`` for the layers that are the same in both.
    """

    overall: Errors
    by_operator: dict[str, Errors]
    by_group: dict[str, Errors]
    by_layout: dict[str, Errors] = {}


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Conformal ``factors`` by layer class, one for each of the confidence ``levels``.

    ``coverage`` is what they cover on networks left out of them.
    """

    levels: list[float]
    factors: dict[str, list[float]]
    samples: dict[str, int]
    coverage: dict[str, float]

    def as_bound(self) -> Bound:
        """Return the bound that governors use."""
        factors = {name: tuple(f) for name, f in self.factors.items()}
        return Bound(tuple(self.levels), factors, self.samples)


class ClockLaw(msgspec.Struct, frozen=True, kw_only=True):
    """How firmware holds a power limit: clock = highest · (limit / demand)^(1 / ``exponent``)."""

    limit_w: float
    highest_hz: float
    exponent: float
    rest_w: float


class Repeats(msgspec.Struct, frozen=True, kw_only=True):
    """How ``readings`` of layers that came again deviate from their mean, as shares."""

    layers: int
    readings: int
    power_w: float
    latency_s: float


class WholeNetworks(msgspec.Struct, frozen=True, kw_only=True):
    """What whole networks show that layers alone do not, and how far they are missed.

    ``switch_s`` is what a layer takes longer among others, fitted on the networks ``fitted_on``;
    errors of time and energy are of all others, ``held_out``, by layout, none of whose layers was
    learned from. ``sha256`` is that of their readings.
    """

    switch_s: float
    fitted_on: list[str]
    held_out: list[str]
    latency_s: dict[str, Errors]
    energy_j: dict[str, Errors]
    sha256: str


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that is to be known of a trained model beside its weights.

    ``kind`` is ``npu`` (watts at an operating point of a simulated device) or ``gpu`` (watts,
    seconds and settled clock of a card that chooses its own). ``device_digest`` is that of the
    simulated device's numbers: a device that has changed since does not get the model.
    ``types_by_layout`` are the element types in which layers of each layout were measured,
    ``memory_hz`` the memory points, None where a device has one.
    ``valid_low`` and ``valid_high`` bound each of the ``features``, ``valid_latency_s`` the
    measured times. ``meter`` and ``driver`` are what measured, ``license`` that of the samples;
    ``samples_sha256`` and ``model_sha256`` are digests of the files, ``estimator`` is what was
    trained. ``targets`` are errors of each quantity, ``baselines`` those of simpler predictors,
    ``repeats`` the meter's own; ``bounds`` are upper bounds, ``whole`` is of whole networks,
    ``clock_law`` of a card that chooses its clock.
    """

    format: int
    name: str
    kind: str
    device: str
    device_digest: str
    units: int
    meter: str
    driver: str
    measured: str
    license: str
    seed: int
    samples: int
    networks: int
    samples_sha256: str
    model_sha256: str
    estimator: str
    features: list[str]
    valid_low: list[float]
    valid_high: list[float]
    valid_latency_s: list[float]
    clock_law: ClockLaw | None = None
    targets: dict[str, Target]
    baselines: dict[str, Errors]
    repeats: Repeats
    bounds: Bounds
    whole: WholeNetworks | None = None
    types_by_layout: dict[str, list[str]] | None = None
    memory_hz: list[int] | None = None
    limits: str


def device_digest(npu: Npu) -> str:
    """Return a digest of every number of ``npu``; its texts do not count.

    Nor do its policies of memory, what lies beside it and what it makes of small and sparse
    weights: another schedule, DRAM or decoder makes other layers of the same silicon. Nor its idle
    states: nothing runs in them. Nor its memory points: a card says at which it was trained. Nor
    how streams cross and what language models alone take of it, of which no model has a sample.

    Facts that devices did not have when the first models were trained count where they are given.
    """
    # A number is the same, whichever file says it.
    memory = replace(npu.memory, mapper=MAPPER, schedule=SCHEDULE, prefetch=PREFETCH)
    memory = replace(memory, system_sram_bytes=0, points=(), change=MemoryChange(0, 0))
    memory = replace(memory, read_share=1.0, write_share=1.0, cache_row_ns=0.0)
    npu = replace(npu, name=npu.silicon_name)  # its numbers count, not how they were given
    npu = replace(npu, sources={}, description="", taken_from={}, file="", memory=memory)
    npu = replace(npu, dram=None, weights=Weights(), idle=(), operator_launch_ns={})
    engine = {k: v for k, v in npu.engine.items() if k != "operator_mac_efficiency"}
    npu = replace(npu, engine=engine, cores=_without_language(npu.cores))
    numbers = repr(npu)
    given = {**_given(npu), **_given(npu.memory), **_given(npu.silicon)}
    numbers += repr(given) if given else ""
    return hashlib.sha256(numbers.encode()).hexdigest()


def _without_language(cores: Cores | None) -> Cores | None:
    """Cores that share out no operators of language models."""
    if cores is None:
        return None
    names = (n for n in cores.split if n.partition("+")[0] not in LANGUAGE_OPERATORS)
    return replace(cores, split=tuple(names))


def _given(part: Npu | Memory | Silicon) -> dict[str, object]:
    """What came later and is not at its default, by name."""
    later = {f.name: f for f in fields(part) if not f.repr}
    values = {name: getattr(part, name) for name in later}
    return {name: value for name, value in values.items() if value != _default(later[name])}


def _default(of: Field[object]) -> object:
    return of.default if of.default_factory is MISSING else of.default_factory()


def read_card(folder: Path) -> Card:
    """Return the card in ``folder``.

    Raises:
        InputError: no card, or one that this dfsrt cannot read.
    """
    path = folder / "card.toml"
    card = read_toml(path, Card, "power model's card", give="a folder that 'dfsrt train' wrote")
    if wrong := _wrong(card):
        raise InputError(f"power model's card '{path}': {wrong}; train the model again")
    return card


def _wrong(card: Card) -> str:
    """What does not fit together in a card; nothing where all does."""
    columns, bounds = len(card.features), card.bounds
    levels = bounds.levels
    checks = {
        "valid_low, valid_high and features differ in length": (
            len(card.valid_low) == len(card.valid_high) == columns
        ),
        "valid_latency_s is no pair": len(card.valid_latency_s) == 2,
        "a valid range is no finite number": all(
            math.isfinite(v) for v in (*card.valid_low, *card.valid_high, *card.valid_latency_s)
        ),
        "targets lack power_w": "power_w" in card.targets,
        f"targets are not of {', '.join(QUANTITIES)}": set(card.targets) <= set(QUANTITIES),
        "bounds lack factors for 'all'": "all" in bounds.factors,
        "bounds.levels are none, or do not rise": (
            len(levels) > 0 and all(a < b for a, b in pairwise(levels))
        ),
        "bounds.levels or bounds.coverage have a confidence that is not between 0 and 1": all(
            _is_share(level) for level in (*map(str, levels), *bounds.coverage)
        ),
        "bounds.factors and bounds.samples are of other classes": (
            set(bounds.factors) == set(bounds.samples)
        ),
        "bounds.factors are not one finite number above 0 a level": all(
            len(f) == len(levels) and all(math.isfinite(v) and v > 0 for v in f)
            for f in bounds.factors.values()
        ),
    }
    return "; ".join(text for text, right in checks.items() if not right)


def _is_share(confidence: str) -> bool:
    try:
        return 0 < float(confidence) < 1
    except ValueError:
        return False


def card_text(card: Card) -> str:
    """Return ``card`` as TOML: plain fields first, then one inline table a line."""
    fields = {k: v for k, v in msgspec.to_builtins(card).items() if v is not None}
    lines = [
        f"{key} = {_toml(value)}" for key, value in fields.items() if not isinstance(value, dict)
    ]
    for key, value in fields.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *(f"{_key(k)} = {_toml(v)}" for k, v in value.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return quoted(name, ascii_only=False)


def _toml(value: object) -> str:
    """JSON texts, numbers and lists are TOML too; tables go inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return json_text(value)
