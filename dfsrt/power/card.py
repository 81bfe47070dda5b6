"""The card of a shipped power model: what it was fitted on, how well, and its weights."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import msgspec

from dfsrt.device.npu import Npu
from dfsrt.power.linear import LinearPowerModel
from dfsrt.shelf import find_entry

SHELF = "powermodels"


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A linear model's weights with their origin.

    ``digest`` is that of the device the model was fitted on: a device that has changed since
    does not get the model. ``mape`` is the mean error on the calibration readings themselves.
    """

    device: str
    digest: str
    trained_on: str
    license: str
    samples: int
    seed: int
    mape: float
    features: list[str]
    weights: list[float]
    limits: str


def device_digest(npu: Npu) -> str:
    """Return a digest of every number of ``npu``; its texts do not count."""
    numbers = repr(replace(npu, sources={}, description=""))
    return hashlib.sha256(numbers.encode()).hexdigest()


def shipped_model(npu: Npu, guard: float = 0.0) -> LinearPowerModel | None:
    """Return the shelf's model for exactly this device, or None where there is none."""
    folder = find_entry(SHELF, npu.name)
    if folder is None:
        return None
    card = read_card(folder)
    if card.digest != device_digest(npu):
        return None
    return LinearPowerModel("fitted", tuple(card.weights), guard)


def read_card(folder: Path) -> Card:
    """Return the card in ``folder``."""
    return msgspec.toml.decode((folder / "card.toml").read_bytes(), type=Card)


def card_text(card: Card) -> str:
    """Return ``card`` as TOML; JSON strings, numbers and lists of these are TOML too."""
    lines = (
        f"{key} = {msgspec.json.encode(value).decode()}"
        for key, value in msgspec.structs.asdict(card).items()
    )
    return "\n".join(lines) + "\n"
