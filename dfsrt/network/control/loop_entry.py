"""What goes into a pass of a loop: its number, the condition, states, and slices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import onnx

from dfsrt.network.control.flow import Flow
from dfsrt.network.control.loop_form import LoopForm, typed
from dfsrt.network.control.subgraph import edge
from dfsrt.network.file.constants import constant_of_array

if TYPE_CHECKING:
    from dfsrt.network.shapes.inference import Walk


def lead(form: LoopForm, number: int | None, suffix: str, walk: Walk) -> tuple[str, ...]:
    """Return what a Loop's body takes first: the number of the pass and the condition, if known."""
    if not form.guarded:
        return ()
    place, kind = f"{form.node.name}{suffix}", onnx.TensorProto
    iteration, condition = f"{place}/iteration", f"{place}/condition"
    if number is None:
        _run_time(iteration, typed(kind.INT64, ()), walk)
    else:
        _define(iteration, number, np.int64, walk)
    if form.start is None and not number:
        _run_time(condition, typed(kind.BOOL, ()), walk)
    else:
        _define(condition, True, np.bool_, walk)
    return iteration, condition


def enter(
    form: LoopForm, fresh: Sequence[tuple[str, str]], suffix: str, flow: Flow
) -> dict[str, str]:
    """Let into a pass what is no tensor around it: constants that states start from, and slices.

    ``fresh`` are such states, inside and outside. Returns the names by the body's inputs.
    """
    walk, place = flow.walk, f"{form.node.name}{suffix}"
    given, sources = {}, []
    for inner, outer in fresh:
        kind = typed(walk.element_of(outer), walk.shape_of(outer))
        given[inner] = _run_time(f"{place}/{inner}", kind, walk)
        sources.append(outer)
    scanned = form.body.inputs[form.lead + len(form.states) :]
    for inner, (outer, axis) in zip(scanned, form.slices, strict=True):
        shape = walk.shape_of(outer)
        kind = typed(walk.element_of(outer), (*shape[:axis], *shape[axis + 1 :]))
        given[inner] = _run_time(f"{place}/{inner}", kind, walk)
        sources.append(outer)
    if sources:
        walk.running.append(
            edge(f"{place}/in", form.node.op, sources, given.values(), form.node.name)
        )
    return given


def first_states(form: LoopForm, flow: Flow) -> tuple[str, ...]:
    """Return the states before the first pass; numbers to count by stay constants."""
    walk = flow.walk
    names = form.body.inputs[form.lead : form.lead + len(form.states)]
    fresh = []
    for inner, outer in zip(names, form.states, strict=True):
        constant = walk.constants.get(outer)
        if constant is None or inner in unchanged_states(form):
            continue
        is_count = constant.value is not None and constant.value.dtype.kind in "iub"
        if not is_count and constant.shape not in ((), (1,)):
            fresh.append((inner, outer))
    if not fresh:
        return form.states
    given = {}
    for inner, outer in fresh:
        kind = typed(walk.element_of(outer), walk.shape_of(outer))
        given[outer] = _run_time(f"{form.node.name}/{inner}", kind, walk)
    walk.running.append(edge(f"{form.node.name}/start", form.node.op, given.keys(), given.values()))
    return tuple(given.get(outer, outer) for outer in form.states)


def unchanged_states(form: LoopForm) -> set[str]:
    """Return the states that every pass hands on as they are, by the names of the body's inputs."""
    graph = form.body.graph
    source = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Identity"}
    states = form.body.inputs[form.lead : form.lead + len(form.states)]
    unchanged = set()
    for inner, output in zip(states, graph.output[form.state_outputs], strict=True):
        name = output.name
        for _ in range(len(source) + 1):
            name = source.get(name, name)
        if name == inner:
            unchanged.add(inner)
    return unchanged


def _define(name: str, value: object, kind: type[np.generic], walk: Walk) -> str:
    """Return the name of a constant that holds ``value``."""
    walk.constants[name] = constant_of_array(np.array(value, kind))
    walk.names.add(name)
    return name


def _run_time(name: str, like: onnx.TypeProto, walk: Walk) -> str:
    """Return the name of a run-time tensor of a type like another's."""
    walk.declare(name, like)
    walk.names.add(name)
    return name
