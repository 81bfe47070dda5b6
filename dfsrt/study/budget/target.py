"""Targets: frames a second, hours of battery, a temperature of the skin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_quantity, parse_temperature_c, parse_time_ns
from dfsrt.report.battery_table import hours
from dfsrt.run.stop import MOST_NS
from dfsrt.study.budget.life import Life

Kind = Literal["fps", "life", "skin"]
UNITS: dict[Kind, str] = {"fps": "FPS", "life": "s", "skin": "C"}
EXAMPLES = "'30 FPS', '8 h' or 'skin 38 C'"
SLACK = 1e-9
"""A target is met by what differs by less, as a share: sums are rounded."""
UNEVEN: dict[Kind, float] = {"fps": 1e-3, "life": 1e-3, "skin": 0.05}
"""Steps against the direction that count, as shares and in °C: lives end in mid-frame."""
_NAMED = re.compile(r"\s*(fps|life|skin)\s*[=\s]\s*(.+)", re.IGNORECASE)
_UNIT = re.compile(r"[a-zA-Z°]+\s*$")
_TIMES = ("s", "min", "h", "d")


@dataclass(frozen=True, slots=True)
class Target:
    """What a scenario shall reach: at least ``value`` FPS or s of life, at most ``value`` °C."""

    kind: Kind
    value: float
    text: str

    @property
    def more_with_watts(self) -> bool:
        """Whether a higher cap helps, as it does frames a second."""
        return self.kind == "fps"

    def of(self, life: Life) -> float:
        """Return the figure of ``life`` that the target is about."""
        return {"fps": life.fps, "life": life.life_s, "skin": life.skin_max_c}[self.kind]

    def met(self, life: Life) -> bool:
        """Return whether ``life`` meets the target."""
        if self.kind == "skin":
            return life.skin_max_c <= self.value + SLACK * abs(self.value)
        return self.of(life) >= self.value * (1 - SLACK)

    def gain(self, before: Life, after: Life) -> float:
        """Return by how much ``after`` is nearer to the target than ``before``, in its unit."""
        change = self.of(after) - self.of(before)
        return -change if self.kind == "skin" else change

    def score(self, life: Life) -> float:
        """Return the figure in the form that is nearly linear in a component's watts."""
        return 1 / max(life.life_s, 1e-9) if self.kind == "life" else self.of(life)

    @property
    def wanted_score(self) -> float:
        """The score of a life that just meets the target."""
        return 1 / self.value if self.kind == "life" else self.value

    def written(self, figure: float) -> str:
        """Return a figure of this kind as people read it."""
        return written(self.kind, figure)


def written(kind: Kind, figure: float) -> str:
    """Return a figure of a kind as people read it."""
    if kind == "life":
        return hours(figure)
    return f"{figure:.1f} C" if kind == "skin" else f"{figure:.4g} FPS"


def parse_targets(texts: Sequence[str]) -> tuple[Target, ...]:
    """Return the targets that are typed, one of a kind at most.

    Raises:
        InputError: none, an unknown unit, a value that cannot be, or two of a kind.
    """
    targets = tuple(parse_target(text) for text in texts)
    if not targets:
        raise InputError(f"no target given; give one, like --target {EXAMPLES}")
    for number, target in enumerate(targets):
        if target.kind in (before.kind for before in targets[:number]):
            raise InputError(f"target '{target.text}' is a second one of {target.kind}; give one")
    return targets


def parse_target(text: str) -> Target:
    """Return the target that ``text`` names by its unit, or by ``fps``, ``life`` or ``skin``.

    Raises:
        InputError: an unknown unit, or a value that cannot be.
    """
    named = _NAMED.fullmatch(text)
    quantity = named[2] if named else text
    kind = named[1].lower() if named else _kind_of_unit(text)
    if kind == "fps":
        return Target("fps", _positive(parse_quantity(quantity, "FPS", "target"), text), text)
    if kind == "skin":
        return Target("skin", parse_temperature_c(quantity, "target"), text)
    time_ns = parse_time_ns(quantity, "target")
    if time_ns > MOST_NS:
        raise InputError(f"target '{text}' is out of range; a life is at most 30 d")
    return Target("life", _positive(time_ns * 1e-9, text), text)


def _kind_of_unit(text: str) -> Kind:
    unit = _UNIT.search(text)
    name = unit.group().strip() if unit else ""
    if name.lower() == "fps":
        return "fps"
    if name in _TIMES:
        return "life"
    if name.replace("°", "") in ("C", "c"):
        return "skin"
    what = f"the unit '{name}', which is unknown" if name else "no unit"
    raise InputError(
        f"target '{text}' has {what}; allowed are FPS, {', '.join(_TIMES)} and C; write it like "
        f"{EXAMPLES}"
    )


def _positive(value: float, text: str) -> float:
    if value <= 0:
        raise InputError(f"target '{text}' is not above 0; write it like {EXAMPLES}")
    return value
