"""Loop and Scan: their body counts as often as it runs.

A body whose shapes stay from pass to pass is visited once, and its nodes run so many times. One
whose shapes change, or hang on the number of the pass, is written out pass by pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.base.errors import NetworkError
from dfsrt.network.control.flow import Flow, Made
from dfsrt.network.control.loop_ends import finish, finish_without_pass
from dfsrt.network.control.loop_form import LoopForm, loop_form
from dfsrt.network.control.loop_growth import WRITTEN_OUT, growing_passes
from dfsrt.network.control.loop_passes import ByDataError, Passes, alike_pass, every_pass
from dfsrt.network.reading import TooMuchError, UnsaidError

if TYPE_CHECKING:
    from dfsrt.network.graph import Node

WORTH_A_LOOK = 2_000
"""Nodes in all passes up to which they are written out to see which branches they take."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way of counting passes, taken back: what it made, or the error that it ends with."""

    made: Made
    passes: Passes | None = None
    error: NetworkError | None = None

    @property
    def decisions(self) -> int:
        """Branches that were taken without knowing their condition."""
        return len(self.made[1])


def run_loop(node: Node, flow: Flow) -> None:
    """Count a loop's body as often as it runs.

    Raises:
        NetworkError: the count depends on data and is not said, or the body cannot be read.
    """
    form = loop_form(node, flow.walk)
    if form.most == 0 or form.start is False:
        flow.refuse_trips(node, 0)
        finish_without_pass(form, flow)
        return
    alike = _way(lambda: alike_pass(form, flow), flow)
    count = _count(form, alike.passes)
    if alike.passes is None or _may_know_more(form, alike, count):
        exact = _way(lambda: _each(form, flow, None), flow)
        if exact.passes is not None:
            flow.refuse_trips(node, exact.passes.count)
            if alike.passes is None or exact.decisions < alike.decisions:
                _take(form, exact, 1, flow)
                return
            count = exact.passes.count
        elif alike.passes is None:
            _as_said(form, exact.error or alike.error, flow)
            return
    if count is None:
        count = flow.trips_of(node, form.most, form.counter)
    else:
        flow.refuse_trips(node, count)
    _take(form, alike, count, flow)


def _may_know_more(form: LoopForm, alike: _Way, count: int | None) -> bool:
    """Whether conditions may be known pass by pass: the loop's own, or those of branches in it."""
    if count is None:
        return alike.passes is not None and alike.passes.goes_on is None
    return alike.decisions > 0 and count * len(form.body.graph.node) <= WORTH_A_LOOK


def _count(form: LoopForm, passes: Passes | None) -> int | None:
    """How often a body runs whose passes are alike; None where that depends on data."""
    if passes is None or passes.goes_on is None or form.start is None or form.counter:
        return None
    return form.most if passes.goes_on else 1


def _as_said(form: LoopForm, error: NetworkError | None, flow: Flow) -> None:
    """Write out as many passes as ``--trips`` says, of a body whose passes differ."""
    if not isinstance(error, ByDataError):
        raise error or NetworkError(f"node '{form.node.name}' cannot be read")
    count = flow.trips_of(form.node, form.most, form.counter)
    mark = flow.mark()
    passes = _each(form, flow, count)
    finish(form, passes, mark[0], 1, flow)


def _each(form: LoopForm, flow: Flow, said: int | None) -> Passes:
    """Visit passes that differ: all, or where they are many some that stand for others."""
    count = said if said is not None else form.most if form.always and not form.counter else None
    if count is not None and count * len(form.body.graph.node) > WRITTEN_OUT:
        way = _way(lambda: growing_passes(form, flow, count), flow)
        if way.passes is not None:
            flow.put_back(way.made)
            return way.passes
    return every_pass(form, flow, said)


def _way(run: Callable[[], Passes], flow: Flow) -> _Way:
    mark = flow.mark()
    try:
        passes = run()
    except (UnsaidError, TooMuchError):
        raise
    except NetworkError as error:
        return _Way(flow.take_back(mark), error=error)
    return _Way(flow.take_back(mark), passes)


def _take(form: LoopForm, way: _Way, times: int, flow: Flow) -> None:
    if way.passes is None:
        raise way.error or NetworkError(f"node '{form.node.name}' cannot be read")
    mark = flow.mark()
    flow.put_back(way.made)
    finish(form, way.passes, mark[0], times, flow)
