"""Loops whose states grow steadily: some passes stand for those around them.

A pass in the middle of a stretch takes the mean of what grows in proportion to the passes before
it; of what grows with the square (attention over all that came before, at every place) the error
of 8 stretches is below 1 % of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import NetworkError
from dfsrt.network.control.flow import Flow
from dfsrt.network.control.loop_entry import first_states
from dfsrt.network.control.loop_form import LoopForm, typed
from dfsrt.network.control.loop_passes import Passes, one_pass
from dfsrt.network.control.subgraph import edge
from dfsrt.network.file.constants import constant_of_array
from dfsrt.network.rules.movement import LOOP_ENDS

if TYPE_CHECKING:
    from dfsrt.network.shapes.inference import Walk

WRITTEN_OUT = 2_000
"""Nodes up to which passes are written out one by one."""
STRETCHES = 8
_LOOKED_AT = 3


@dataclass(frozen=True, slots=True)
class _State:
    """A state before the first pass and what a pass adds: to its shape, or to its known value.

    ``dtype`` is that of a known value, None of a tensor that comes at run time.
    """

    element: int
    first: Floats
    step: Floats
    dtype: np.dtype[np.generic] | None

    def at(self, number: int) -> Floats:
        """Return the shape, or the value, before a pass."""
        return self.first + number * self.step


def growing_passes(form: LoopForm, flow: Flow, count: int) -> Passes:
    """Visit a few of ``count`` passes, each as often as it stands for others.

    Raises:
        NetworkError: states do not grow steadily, or the body cannot be read.
    """
    mark = flow.mark()
    states = _steady(form, flow)
    flow.take_back(mark)
    parts, kept = list[tuple[str, ...]](), set[str]()
    last: tuple[str, ...] = ()
    for number, times in _samples(count):
        start = len(flow.walk.running)
        names = _enter(form, states, number, flow.walk)
        body = one_pass(form, names, number, flow)
        after = body.outputs[form.state_outputs]
        _check(form, states, after, number + 1, flow.walk)
        _repeat(form, start, times, flow.walk)
        parts.append(body.outputs[form.state_outputs.stop :])
        kept.update(after, body.outputs[:1] if form.guarded else ())
        last = after
    ends = _between(form, last, states, ("after", count), flow.walk)
    flow.notes.append(
        f"{form.node.op} '{flow.title(form.node)}' grows from pass to pass: {len(parts)} of its "
        f"{count:,} passes are counted, each for those around it"
    )
    return Passes(count, True, ends, tuple(parts), frozenset(kept))


def _samples(count: int) -> list[tuple[int, int]]:
    """Passes by number, and how many each stands for: the middle ones of each stretch."""
    bounds = [count * i // STRETCHES for i in range(STRETCHES + 1)]
    samples = []
    for first, stop in pairwise(bounds):
        length = stop - first
        if length % 2:
            samples.append((first + length // 2, length))
        elif length:
            middle = first + length // 2
            samples += [(middle - 1, length // 2), (middle, length // 2)]
    return samples


def _steady(form: LoopForm, flow: Flow) -> list[_State]:
    """How the states grow, learned from the first passes."""
    walk, names = flow.walk, first_states(form, flow)
    seen = [[_look(name, walk) for name in names]]
    for number in range(_LOOKED_AT):
        names = one_pass(form, names, number, flow).outputs[form.state_outputs]
        seen.append([_look(name, walk) for name in names])
    elements = [walk.element_of(name) for name in names]
    return [_state(form, *a) for a in zip(zip(*seen, strict=True), elements, strict=True)]


_Look = tuple[np.dtype[np.generic] | None, Floats]
"""The type and the value of what is known, or None and the shape of what is not."""


def _look(name: str, walk: Walk) -> _Look:
    constant = walk.constants.get(name)
    if constant is not None and constant.value is not None:
        return constant.value.dtype, constant.value.astype(np.float64)
    return None, np.array(walk.shape_of(name), np.float64)


def _state(form: LoopForm, history: Sequence[_Look], element: int) -> _State:
    types, values = {dtype for dtype, _ in history}, [value for _, value in history]
    if len(types) == 1 and len({value.shape for value in values}) == 1:
        steps = [after - before for before, after in pairwise(values)]
        if all(np.array_equal(step, steps[0]) for step in steps):
            return _State(element, values[0], steps[0], types.pop())
    raise NetworkError(
        f"node '{form.node.name}' ({form.node.op}): its states do not grow by as much in every pass"
    )


def _enter(form: LoopForm, states: Sequence[_State], number: int, walk: Walk) -> tuple[str, ...]:
    """Let the states of a pass be there, as if the passes before had made them."""
    return _between(form, form.states, states, (f"{number}/before", number), walk)


def _between(
    form: LoopForm,
    sources: Sequence[str],
    states: Sequence[_State],
    place: tuple[str, int],
    walk: Walk,
) -> tuple[str, ...]:
    """Name the states before the pass of a number, whoever made them of ``sources``."""
    end, number = f"{form.node.name}/{place[0]}", place[1]
    names = tuple(f"{end}/{index}" for index in range(len(states)))
    passed = []
    for name, source, state in zip(names, sources, states, strict=True):
        if state.dtype is not None:
            walk.constants[name] = constant_of_array(state.at(number).astype(state.dtype))
        else:
            walk.declare(name, typed(state.element, [int(size) for size in state.at(number)]))
            passed.append((source, name))
    if passed:
        given, made = zip(*passed, strict=True)
        walk.running.append(edge(end, form.node.op, given, made, form.node.name))
    return names


def _check(
    form: LoopForm, states: Sequence[_State], after: Sequence[str], number: int, walk: Walk
) -> None:
    """Check that a pass makes of its states what they are before the next."""
    for state, name in zip(states, after, strict=True):
        dtype, value = _look(name, walk)
        if dtype != state.dtype or not np.array_equal(value, state.at(number)):
            raise NetworkError(
                f"node '{form.node.name}' ({form.node.op}): its states do not grow by as much in "
                f"pass {number - 1} as in the first"
            )


def _repeat(form: LoopForm, start: int, times: int, walk: Walk) -> None:
    place = f"{form.node.name}/{start}"
    for index in range(start, len(walk.running)):
        node = walk.running[index]
        if times != 1 and (node.op not in LOOP_ENDS or node.loop != form.node.name):
            loop = node.loop or place
            walk.running[index] = replace(node, times=node.times * times, loop=loop)
