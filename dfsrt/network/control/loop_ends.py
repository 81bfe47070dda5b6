"""Where a loop's results leave it: last states, and what its passes wrote, stacked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import NetworkError
from dfsrt.network.control.flow import MAX_TRIPS, Flow
from dfsrt.network.control.loop_form import LoopForm, typed
from dfsrt.network.control.loop_passes import Passes, one_pass
from dfsrt.network.control.subgraph import alias, edge
from dfsrt.network.file.constants import VALUE_LIMIT, Array, Constant, constant_of_array
from dfsrt.network.rules.movement import LOOP_ENDS

if TYPE_CHECKING:
    from dfsrt.network.shapes.inference import Walk


def finish(form: LoopForm, passes: Passes, start: int, times: int, flow: Flow) -> None:
    """Let the nodes from ``start`` on run ``times`` times, and name what comes out of the loop.

    Raises:
        NetworkError: passes that stack tensors of different shapes.
    """
    walk, node = flow.walk, form.node
    if times != 1:
        _multiply(walk, node.name, start, times)
    walk.kept |= passes.kept
    sources: list[str] = []
    targets: list[str] = []
    for place, target in enumerate(node.outputs):
        stack = place - len(form.states)
        if not target:
            continue
        if stack >= 0:
            pieces = tuple(dict.fromkeys(part[stack] for part in passes.parts))
            count = passes.count * times
            left = _stacked(form, target, pieces, (stack, count), walk)
        else:
            pieces = (passes.states[place],)
            left = _last_state(form, target, pieces[0], walk)
        if left:
            sources += pieces
            targets.append(target)
    if targets:
        walk.running.append(edge(node.name, node.op, dict.fromkeys(sources), targets))


def finish_without_pass(form: LoopForm, flow: Flow) -> None:
    """Name what comes out of a loop that never runs: its first states, and nothing stacked.

    Raises:
        NetworkError: a body of which nobody can say what it would have stacked.
    """
    walk, node = flow.walk, form.node
    parts: tuple[str, ...] = ()
    if any(node.outputs[len(form.states) :]):
        mark = flow.mark()
        parts = one_pass(form, form.states, 0, flow).outputs[form.state_outputs.stop :]
        flow.take_back(mark)
    for place, target in enumerate(node.outputs):
        stack = place - len(form.states)
        if target and stack < 0:
            walk.visit(alias(f"{node.name}/output_{place}", form.states[place], target))
        elif target:
            shape, element = _stacked_type(form, parts[stack], (stack, 0), walk)
            walk.constants[target] = Constant(shape, element)


def _multiply(walk: Walk, name: str, start: int, times: int) -> None:
    """Count what a loop holds; its way in is passed once."""
    for place in range(start, len(walk.running)):
        node = walk.running[place]
        if node.times * times > MAX_TRIPS:
            raise NetworkError(
                f"node '{node.name}' ({node.op}) runs {node.times * times:,} times in all; dfsrt "
                f"counts to {MAX_TRIPS:,}: give smaller counts"
            )
        if node.op not in LOOP_ENDS or node.loop != name:
            loop = node.loop or name
            walk.running[place] = replace(node, times=node.times * times, loop=loop)


def _last_state(form: LoopForm, target: str, made: str, walk: Walk) -> bool:
    """Name a last state; returns whether it leaves by the loop's own node."""
    if made in walk.sequences.lists:
        walk.sequences.lists[target] = walk.sequences.lists[made]
        return False
    if made in walk.constants or made in form.states:
        place = form.node.outputs.index(target)
        walk.visit(alias(f"{form.node.name}/output_{place}", made, target))
        return False
    walk.declare(target, typed(walk.element_of(made), walk.shape_of(made)))
    return True


def _stacked(
    form: LoopForm, target: str, made: Sequence[str], stack: tuple[int, int], walk: Walk
) -> bool:
    """Name a stacked output, the so-many-th of so many passes; as ``_last_state``."""
    shapes = {walk.shape_of(name) for name in made}
    if len(shapes) > 1:
        raise NetworkError(
            f"node '{form.node.name}' ({form.node.op}) stacks tensors of the shapes "
            f"{', '.join(str(list(shape)) for shape in sorted(shapes))} as '{target}'; they must "
            "be alike: export the file again"
        )
    shape, element = _stacked_type(form, made[0], stack, walk)
    known = [walk.constants[name].value for name in made if name in walk.constants]
    if len(known) < len(made):
        walk.declare(target, typed(element, shape))
        return True
    values = [value for value in known if value is not None]
    constant = Constant(shape, element)
    if len(values) == len(made) and math.prod(shape) <= VALUE_LIMIT:
        constant = constant_of_array(_joined(values, shape, form.axes[stack[0]]))
    walk.constants[target] = constant
    return False


def _joined(values: Sequence[Array], shape: tuple[int, ...], axis: int) -> Array:
    axis %= len(shape)
    every = list(values) * (shape[axis] // len(values))
    joined: Array = np.stack(every, axis=axis)
    return joined


def _stacked_type(
    form: LoopForm, part: str, stack: tuple[int, int], walk: Walk
) -> tuple[tuple[int, ...], int]:
    shape, axis = walk.shape_of(part), form.axes[stack[0]]
    if not -len(shape) - 1 <= axis <= len(shape):
        raise NetworkError(
            f"node '{form.node.name}' ({form.node.op}) stacks along axis {axis} what has "
            f"{len(shape)} axes; export the file again"
        )
    axis %= len(shape) + 1
    return (*shape[:axis], stack[1], *shape[axis:]), walk.element_of(part)
