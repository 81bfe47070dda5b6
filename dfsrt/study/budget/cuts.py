"""Cuts: how much less a component must draw for a target, and what a tenth of it brings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from dfsrt.study.budget.life import Life
from dfsrt.study.budget.lives import Lives
from dfsrt.study.budget.schema import ComponentCut, TargetCut
from dfsrt.study.budget.search import Search, search, straight
from dfsrt.study.budget.target import Kind, Target
from dfsrt.study.budget.trial import Trial

TENTH = 0.9
"""What is left after the cut that all components are compared by."""
NEAR = 1e-3
"""A cut is found when the figure is within this share of the target on the side that meets it."""
SHARE = 5e-3
"""Or when shares of the component's power that meet it and miss it differ by no more."""


def component_cuts(lives: Lives, present: Life, targets: Sequence[Target]) -> list[ComponentCut]:
    """Return each component that draws anything, the one that is worth most first.

    Raises:
        InputError: a life with less than now that cannot be.
    """
    names = [name for name, watts in present.power_w.items() if watts > 0]
    missed = [target for target in targets if not target.met(present)]
    searches = {(name, t.kind): _search(lives, name, t) for name in names for t in missed}
    lives.run([_left(name, TENTH) for name in names])
    search(lives, list(searches.values()))
    kind = ranking(present, targets)
    by = next((t for t in targets if t.kind == kind), Target(kind, 1.0, kind))
    ranked = sorted(
        names,
        key=lambda name: (
            -by.gain(present, lives.sure(_left(name, TENTH))),
            -present.power_w[name],
        ),
    )
    return [_cut(lives, present, name, targets, searches) for name in ranked]


def ranking(present: Life, targets: Sequence[Target]) -> Kind:
    """Return what components are ranked by: the first missed of life and skin, or life."""
    kinds = [t.kind for t in targets if t.kind != "fps"]
    missed = [t.kind for t in targets if t.kind != "fps" and not t.met(present)]
    return next(iter([*missed, *kinds]), "life")


def _left(name: str, share: float) -> Trial:
    return Trial() if share == 1 else Trial(shares=((name, share),))


def _search(lives: Lives, name: str, target: Target) -> Search:
    places = (0.0, TENTH, 1.0)
    return Search(target, lives, places, partial(_left, name), straight(NEAR, SHARE))


def _cut(
    lives: Lives,
    present: Life,
    name: str,
    targets: Sequence[Target],
    searches: dict[tuple[str, Kind], Search],
) -> ComponentCut:
    tenth, now_w = lives.sure(_left(name, TENTH)), present.power_w[name]
    return ComponentCut(
        name=name,
        power_mean_w=now_w,
        life_gain_s=tenth.life_s - present.life_s,
        skin_gain_c=present.skin_max_c - tenth.skin_max_c,
        fps_gain=tenth.fps - present.fps,
        targets=[_needed(t, name, now_w, searches.get((name, t.kind))) for t in targets],
    )


def _needed(target: Target, name: str, now_w: float, one: Search | None) -> TargetCut:
    """What the component must give; there is no search for a target that is met."""
    if one is None:
        return TargetCut(kind=target.kind, verdict="met", left_w=now_w, fall_w=0.0)
    life = one.life(one.bracket()[0])
    if not isinstance(life, Life):
        return TargetCut(kind=target.kind, verdict="never", left_w=None, fall_w=None)
    left_w = life.power_w[name]
    return TargetCut(kind=target.kind, verdict="just", left_w=left_w, fall_w=now_w - left_w)
