"""A ladder: a baseline and the levers that can be pulled on one load, each set of them a run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.run.fields import RunFields
from dfsrt.run.job import make_spec
from dfsrt.run.source import SCENARIO, kind_of, open_scenario
from dfsrt.run.spec import RunSpec
from dfsrt.study.levers.applies import Ground, ground_of, typed_options
from dfsrt.study.levers.baseline import check_baseline, computable, fitted
from dfsrt.study.levers.file import FORMAT, SHIPPED, LeversFile, merged, read_levers
from dfsrt.study.levers.lever import Lever
from dfsrt.study.levers.schema import LeftOut
from dfsrt.study.levers.surroundings import surrounded


@dataclass(frozen=True, slots=True)
class Ladder:
    """Levers on one load, in order; ``others`` were not picked, ``left_out`` cannot be pulled.

    ``asked`` are levers that somebody named or wrote: what keeps one from being pulled is an error.
    """

    ground: Ground
    baseline: Lever
    levers: tuple[Lever, ...]
    others: tuple[Lever, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    asked: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """The levers' names, in order."""
        return tuple(lever.name for lever in self.levers)

    def spec(self, names: Collection[str] = ()) -> RunSpec:
        """Return the run with the levers of ``names`` on: in the ladder's order, whatever theirs.

        A lever of the same fields as one before it takes that one's place.
        """
        spec = self.baseline.apply(self.ground.spec)
        for lever in (*self.levers, *self.others):
            if lever.name in names:
                spec = lever.apply(spec)
        return spec

    def vain(self, lever: Lever) -> str:
        """Return why pulling a lever would change nothing, empty where it does change the run."""
        spec = self.spec()
        return "the baseline has it already" if lever.apply(spec) == spec else ""

    def less(self, why: Sequence[LeftOut]) -> Ladder:
        """Return the ladder without levers that turned out not to run.

        Raises:
            InputError: one that was asked for by name.
        """
        gone = {one.lever for one in why}
        for one in why:
            if one.lever in self.asked:
                raise InputError(f"lever {one.lever} cannot be pulled here: {one.why}")
        return replace(
            self,
            levers=tuple(lever for lever in self.levers if lever.name not in gone),
            others=tuple(lever for lever in self.others if lever.name not in gone),
            left_out=(*self.left_out, *why),
        )


def ladder_of(
    load: object,
    surroundings: str | None = None,
    file: Path | None = None,
    names: Sequence[str] | None = None,
    **fields: Unpack[RunFields],
) -> Ladder:
    """Return the ladder of ``load``, with the shipped levers and those of ``file``.

    ``surroundings`` is the scenario that the load is put into, ``none`` for none, else that of the
    shelf which runs this pipeline. ``names`` picks levers, in their order. ``fields`` are those of
    ``RunSpec`` that hold for all runs.

    Raises:
        InputError: no such load, scenario or lever, one that is named and cannot be pulled, or a
            baseline of the file that cannot be had.
    """
    typed = {} if kind_of(load) == SCENARIO else typed_options(load)
    whole = open_scenario(load) if kind_of(load) == SCENARIO else surrounded(load, surroundings)
    if kind_of(load) == SCENARIO and surroundings is not None:
        raise InputError(f"scenario '{load}' has its own surroundings; leave --in out")
    ground = ground_of(make_spec(whole, **fields), typed, defaults.DEVICE)
    shipped = read_levers(SHIPPED)
    own = LeversFile(format=FORMAT) if file is None else read_levers(file)
    shelf = merged(shipped, own)
    baseline = shelf.baseline or Lever(name="baseline", what="as said")
    if own.baseline is not None:
        check_baseline(own.baseline, ground)
    baseline = fitted(baseline if own.baseline else computable(baseline, ground.npu), ground)
    asked = frozenset(lever.name for lever in own.lever)
    ladder = Ladder(ground, baseline, shelf.lever, asked=asked)
    return _pickable(ladder if names is None else _picked(ladder, names))


def _pickable(ladder: Ladder) -> Ladder:
    every = (*ladder.levers, *ladder.others)
    why = [(lever.name, ladder.ground.why_not(lever) or ladder.vain(lever)) for lever in every]
    ladder = ladder.less([LeftOut(lever=name, why=text) for name, text in why if text])
    if not ladder.levers:
        raise InputError("no lever of the ladder can be pulled on this load; give some in a file")
    return ladder


def _picked(ladder: Ladder, names: Sequence[str]) -> Ladder:
    by_name = {lever.name: lever for lever in ladder.levers}
    if not names:
        raise InputError(f"no lever is named; name some of {', '.join(by_name)}")
    for number, name in enumerate(names):
        if name not in by_name:
            raise InputError(unknown_name("lever", name, by_name))
        if name in names[:number]:
            raise InputError(f"lever {name} is named twice; name it once")
    picked = tuple(by_name[name] for name in names)
    others = tuple(lever for name, lever in by_name.items() if name not in names)
    return replace(ladder, levers=picked, others=others, asked=frozenset(names))
