"""What groups of a plan must keep to: consecutive layers that can run as one in what they keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dfsrt.base.errors import InputError
from dfsrt.cost.schedule.attention import Attention, attention_at
from dfsrt.cost.schedule.groups import ONCE
from dfsrt.cost.schedule.lifetimes import Map
from dfsrt.cost.schedule.part_group import PartGroup
from dfsrt.cost.schedule.row_group import RowGroup
from dfsrt.cost.schedule.rows import RowLayers
from dfsrt.cost.schedule.schedule import ROWS, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.cost.traffic.mapping import Fetches
from dfsrt.network.layer import Kind


def group_needs(work: MemoryWork, plan: MemoryPlan, maps: Mapping[str, Map]) -> list[int]:
    """Return the bytes that the group of each layer needs on chip, 0 without one, ``(n_layers,)``.

    Raises:
        InputError: a group of layers that do not follow each other, or cannot run row by row or by
            blocks of queries; rows of a map that is needed outside.
    """
    needs, groups = [0] * len(work.layers), _consecutive(work, plan)
    _check_rows(plan, maps)
    for group in groups:
        needed = _needed(work, plan, group, maps)
        for layer in group:
            needs[layer] = needed
    return needs


def _consecutive(work: MemoryWork, plan: MemoryPlan) -> list[range]:
    """Return the layers of each group."""
    groups: dict[int, list[int]] = {}
    for index, own in enumerate(plan.layers):
        name = work.layers[index].name
        if own.group is not None:
            groups.setdefault(own.group, []).append(index)
        elif own.fetches is not None:
            raise InputError(f"layer '{name}' has fetches and no group; give it one, or no fetches")
        if own.group is not None and own.fetches is None:
            raise InputError(f"layer '{name}' has a group and no fetches; give it both or none")
    for number, group in groups.items():
        if group != list(range(group[0], group[-1] + 1)):
            raise InputError(
                f"group {number} is not of layers that follow each other; '"
                f"{work.layers[group[0]].name}' and '{work.layers[group[-1]].name}' are in it: "
                "number the parts apart"
            )
    return [range(group[0], group[-1] + 1) for group in groups.values()]


def _check_rows(plan: MemoryPlan, maps: Mapping[str, Map]) -> None:
    for name, place in plan.places.items():
        if place != ROWS:
            continue
        each = maps.get(name)
        groups = {plan.layers[i].group for i in (each.users if each else ())}
        if each is not None and len(each.readers) > 1 and plan.layers[each.first].parts:
            groups.add(None)  # parts are handed to one reader
        if each is None or each.comes or each.goes or len(groups) != 1 or None in groups:
            raise InputError(
                f"rows of '{name}' are needed outside of one group; leave it out of 'places'"
            )


def _needed(
    work: MemoryWork, plan: MemoryPlan, group: Sequence[int], maps: Mapping[str, Map]
) -> int:
    running = [i for i in group if work.layers[i].kind is not Kind.VIEW]
    name = work.layers[group[0]].name
    if not running:
        return 0
    if len({plan.layers[i].parts for i in group}) > 1:
        raise InputError(f"the group of layer '{name}' has several numbers of parts; give it one")
    if len({work.passes[i] for i in group}) > 1:
        raise InputError(f"the group of layer '{name}' goes in or out of a loop; cut it there")
    if plan.layers[running[0]].parts is not None:
        return _needed_by_parts(work, plan, running, maps)
    attention = attention_at(work, running[0], maps)
    if attention is None or attention.last != running[-1]:
        return _needed_by_rows(work, plan, running, maps)
    blocks = _needed_by_blocks(plan, attention)
    try:  # queries of all heads by one matrix run row by row, too
        return min(blocks, _needed_by_rows(work, plan, running, maps))
    except InputError:
        return blocks


def _needed_by_rows(
    work: MemoryWork, plan: MemoryPlan, running: Sequence[int], maps: Mapping[str, Map]
) -> int:
    name = work.layers[running[0]].name
    rows = RowGroup(RowLayers(work.layers), maps, plan.places, work.buffer.double)
    for layer in running:
        if max(plan.layers[layer].fetches or (1,)) > 1:
            raise InputError(f"layer '{name}' runs row by row; its operands cross once")
        if not rows.add(layer):
            raise InputError(
                f"layer '{work.layers[layer].name}' cannot run row by row after '{name}'; let "
                "another group begin there"
            )
    return rows.bytes


def _needed_by_blocks(plan: MemoryPlan, attention: Attention) -> int:
    """Return the least that so many passes over keys and values need."""
    keys, values = (plan.layers[i].fetches or ONCE for i in (attention.first, attention.last))
    passes = min(keys[1] // attention.keys_shared_by, values[1] // attention.values_shared_by)
    held = attention.held_bytes + attention.block_bytes(1)
    if not passes:
        return held
    rows = -(-attention.scores.m // passes)
    return min(held, attention.streamed_bytes(rows), attention.online_bytes(rows))


def _needed_by_parts(
    work: MemoryWork, plan: MemoryPlan, running: Sequence[int], maps: Mapping[str, Map]
) -> int:
    parts = plan.layers[running[0]].parts or 1
    group = PartGroup(RowLayers(work.layers), parts, plan.places, work.buffer.double)
    names = frozenset[str]()
    for layer in running:
        if not group.add(layer, names):
            raise InputError(
                f"layer '{work.layers[layer].name}' cannot run in {parts} parts after the one "
                "before; let another group begin there"
            )
        names = next((m.names for m in _made(work, layer, maps) if m.readers), frozenset())
    fetches = {i: plan.layers[i].fetches or ONCE for i in running}
    if any(each not in (ONCE, Fetches(1, group.passes, 1)) for each in fetches.values()):
        raise InputError(
            f"operands in the group of layer '{work.layers[running[0]].name}' cross once, or those "
            f"on the right {group.passes} times; give it such fetches"
        )
    return group.staying_bytes([i for i in running if fetches[i][1] == 1])


def _made(work: MemoryWork, layer: int, maps: Mapping[str, Map]) -> list[Map]:
    return [maps[t.name] for t in work.layers[layer].outputs if t.name in maps]
