"""The passes of a loop: one that all are like, or each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.base.errors import NetworkError
from dfsrt.network.control.flow import Flow
from dfsrt.network.control.loop_entry import enter, first_states, lead, unchanged_states
from dfsrt.network.control.loop_form import LoopForm
from dfsrt.network.control.subgraph import Body

if TYPE_CHECKING:
    from dfsrt.network.shapes.inference import Walk

MAX_NODES = 20_000
"""Nodes that one loop may be written out to."""


class ByDataError(NetworkError):
    """The number of passes depends on data."""


@dataclass(frozen=True, slots=True)
class Passes:
    """Passes that were visited, ``count`` of them.

    ``goes_on`` is the condition after the last one, None where it depends on data. ``states`` are
    the tensors that go out of the last pass, ``parts`` what each pass adds to the stacked outputs.
    ``kept`` are tensors that the next pass or the condition needs, if no later node does.
    """

    count: int
    goes_on: bool | None
    states: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    kept: frozenset[str]


def alike_pass(form: LoopForm, flow: Flow) -> Passes:
    """Visit the body once, as a pass of which nobody knows the number.

    Raises:
        NetworkError: the body cannot be read so, or its states' shapes change.
    """
    walk, name = flow.walk, form.node.name
    given = dict(zip(form.body.inputs, lead(form, None, "", walk), strict=False))
    unchanged = unchanged_states(form)
    states = form.body.inputs[form.lead : form.lead + len(form.states)]
    if not walk.sequences.lists.keys().isdisjoint(form.states):
        raise NetworkError(f"node '{name}' ({form.node.op}): a state is a list of tensors")
    fresh = [
        (inner, outer)
        for inner, outer in zip(states, form.states, strict=True)
        if outer in walk.constants and inner not in unchanged
    ]
    given |= dict(zip(states, form.states, strict=True)) | enter(form, fresh, "", flow)
    body = form.body.write_out(walk.graph, walk.names, given)
    flow.run_body(form.node, body)
    after = body.outputs[form.state_outputs]
    after = tuple(
        given[i] if i in unchanged else result for i, result in zip(states, after, strict=True)
    )
    for inner, result in zip(states, after, strict=True):
        before = given[inner]
        if not _same_type(before, result, walk):
            raise NetworkError(
                f"node '{name}' ({form.node.op}): its state '{inner}' goes from shape "
                f"{list(walk.shape_of(before))} to {list(walk.shape_of(result))} in a pass"
            )
    read = set().union(*(node.reads for node in body.nodes), body.outputs)
    kept = {m for i, m in zip(states, after, strict=True) if given[i] in read}
    parts = (body.outputs[form.state_outputs.stop :],)
    return Passes(1, _goes_on(form, body, walk), after, parts, _kept(form, body, kept))


def every_pass(form: LoopForm, flow: Flow, count: int | None = None) -> Passes:
    """Visit the body pass by pass, each with its number, ``count`` times where that is said.

    Raises:
        ByDataError: after some pass the condition depends on data, and no count is said.
        NetworkError: the body cannot be read, or there are more nodes than are written out.
    """
    walk, most = flow.walk, form.most if count is None else count
    states, parts, kept = first_states(form, flow), list[tuple[str, ...]](), set[str]()
    passes, goes_on = 0, form.start
    nodes, before = max(len(form.body.graph.node), 1), flow.visits
    if count is None and (goes_on is None or form.counter):
        raise _by_data(form)
    while most is None or passes < most:
        if max((passes + 1) * nodes, flow.visits - before) > MAX_NODES:
            raise NetworkError(_too_long(form, most))
        body = one_pass(form, states, passes, flow)
        passes += 1
        states, goes_on = body.outputs[form.state_outputs], _goes_on(form, body, walk)
        parts.append(body.outputs[form.state_outputs.stop :])
        kept |= _kept(form, body, set())
        if count is None and goes_on is None:
            raise _by_data(form)
        if goes_on is False:
            break
    return Passes(passes, goes_on, states, tuple(parts), frozenset(kept))


def _by_data(form: LoopForm) -> ByDataError:
    return ByDataError(f"node '{form.node.name}' ({form.node.op}) runs as often as data say")


def _too_long(form: LoopForm, most: int | None) -> str:
    passes = "" if most is None else f" of {most:,} passes"
    return (
        f"node '{form.node.name}' ({form.node.op}): shapes change from pass to pass, and "
        f"{len(form.body.graph.node):,} nodes{passes} are more than the {MAX_NODES:,} that are "
        "written out; export it with states that keep their shape, such as a cache of full length"
    )


def one_pass(form: LoopForm, states: Sequence[str], number: int, flow: Flow) -> Body:
    """Visit the body as the pass of a number, and return it.

    Raises:
        NetworkError: the body cannot be read.
    """
    walk, suffix = flow.walk, f"/{number}"
    first = lead(form, number, suffix, walk)
    given = dict(zip(form.body.inputs, (*first, *states), strict=False))
    given |= enter(form, [], suffix, flow)
    body = form.body.write_out(walk.graph, walk.names, given, suffix)
    flow.run_body(form.node, body)
    return body


def _same_type(before: str, after: str, walk: Walk) -> bool:
    return (walk.element_of(before), walk.shape_of(before)) == (
        walk.element_of(after),
        walk.shape_of(after),
    )


def _goes_on(form: LoopForm, body: Body, walk: Walk) -> bool | None:
    """The condition after a pass; a Scan's is always true."""
    if not form.guarded:
        return True
    constant = walk.constants.get(body.outputs[0])
    if constant is None or constant.value is None or constant.value.size != 1:
        return None
    return bool(constant.value.reshape(-1)[0])


def _kept(form: LoopForm, body: Body, states: set[str]) -> frozenset[str]:
    return frozenset({*states, *(body.outputs[:1] if form.guarded else ())})
