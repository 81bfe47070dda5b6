"""The report of a budget, as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from dfsrt.report.schema import SCHEMA_VERSION, AssumedNumber


class LifeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A life under a cap, null where there is none; ``npu_w`` is the NPU's mean, DRAM included."""

    cap_w: float | None
    fps: float
    life_s: float
    skin_max_c: float
    npu_w: float
    end_cause: str
    held_by: str | None


class CapAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The cap at which a target is just met.

    ``verdict`` is ``just``; ``always``, where it is met without a cap, a speed even at the lowest
    clocks; ``never``, where it is met at none. ``reached`` is the figure there, for ``never`` at
    the cap that comes nearest.
    ``cap_w`` meets the target and is null where no cap does, or no cap is needed; ``missed_w`` is
    the nearest one that was tried and does not, null where that is none.
    """

    verdict: Literal["just", "always", "never"]
    cap_w: float | None
    missed_w: float | None
    reached: float | None


class NumberCaps(msgspec.Struct, frozen=True, kw_only=True):
    """The caps at both ends of one assumed number, all others as they are.

    ``figure_low`` and ``figure_high`` are the target's figure at these ends under the cap that is
    the answer for the values that are assumed, null where that cannot run.
    """

    number: AssumedNumber
    at_low: CapAnswer
    at_high: CapAnswer
    figure_low: float | None
    figure_high: float | None


class CapRange(msgspec.Struct, frozen=True, kw_only=True):
    """Caps that assumed numbers leave, to a share of ``tolerance``.

    ``worst`` and ``best`` have ``moved`` of ``numbers`` numbers at the ends that hinder and help,
    all at once: those that move the figure alone. ``at_worst`` and ``at_best`` are the figure there
    under the cap that is the answer for what is assumed. ``alone`` are the most influential.
    """

    worst: CapAnswer
    best: CapAnswer
    at_worst: float | None
    at_best: float | None
    numbers: int
    moved: int
    alone: list[NumberCaps]
    tolerance: float


class TargetBudget(msgspec.Struct, frozen=True, kw_only=True):
    """A target, and what the NPU may draw for it.

    ``value`` and all figures are in ``unit``. The cap is the largest that keeps a life or a skin's
    temperature, the smallest that reaches frames a second. ``one_way`` says that a higher cap
    always moved the figure the same way; ``says`` is the answer in a line.
    """

    target: str
    kind: Literal["fps", "life", "skin"]
    value: float
    unit: str
    at_present: float
    met: bool
    cap: CapAnswer
    one_way: bool
    range: CapRange | None
    says: str


class TargetCut(msgspec.Struct, frozen=True, kw_only=True):
    """What a component must give for a target at the present cap, all else as it is.

    ``verdict`` is ``met`` without a cut, ``just``, or ``never``, where the target is missed even
    without the component. ``left_w`` is its mean power that just meets it, ``fall_w`` the fall.
    """

    kind: Literal["fps", "life", "skin"]
    verdict: Literal["met", "just", "never"]
    left_w: float | None
    fall_w: float | None


class ComponentCut(msgspec.Struct, frozen=True, kw_only=True):
    """A component, its mean power at present, and what a cut of 10 % of it does."""

    name: str
    power_mean_w: float
    life_gain_s: float
    skin_gain_c: float
    fps_gain: float
    targets: list[TargetCut]


class BudgetReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an NPU may draw for targets, and which component to cut first.

    ``present`` is the scenario as it is; ``curve`` are lives at other caps, ascending. ``least_w``
    and ``most_w`` are the caps between which all targets are met, ``together`` says whether there
    are any. ``cuts`` are ranked by what a cut of 10 % brings for ``ranked_by``. ``tolerance`` is
    the share by which caps differ that are not told apart.
    """

    schema_version: int = SCHEMA_VERSION
    scenario: str
    governor: str
    device: str
    cap_domain: str
    present: LifeFigures
    targets: list[TargetBudget]
    together: bool
    least_w: float | None
    most_w: float | None
    curve: list[LifeFigures]
    ranked_by: Literal["fps", "life", "skin"]
    cuts: list[ComponentCut]
    tolerance: float
    runs: int
    notes: list[str]
