"""What every plan must keep to: ours are checked here as those of others are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from dfsrt.base.errors import InputError
from dfsrt.cost.schedule.check_types import plain_plan
from dfsrt.cost.schedule.layerwise import RESIDENT, resident_places
from dfsrt.cost.schedule.lifetimes import Map, Span, alive_bytes, maps_of
from dfsrt.cost.schedule.schedule import BUFFER, ROWS, SYSTEM_SRAM, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork

PLACES = (BUFFER, SYSTEM_SRAM, ROWS, RESIDENT)


def check_plan(work: MemoryWork, plan: MemoryPlan) -> None:
    """Check that what a plan keeps on chip fits there, and that nothing of the caller's is lost.

    Tiles beside the maps are checked where they are made.

    Raises:
        InputError: a plan that cannot be kept, with the layer or the tensor at fault.
    """
    plan = plain_plan(plan)
    _check_layers(work, plan)
    if not plan.places and not any(own.on_chip or own.fetches for own in plan.layers):
        return  # nothing stays, as on most devices
    from dfsrt.cost.schedule.check_groups import group_needs

    by_name = {name: each for each in maps_of(work) for name in each.names}
    _check_places(work, plan, by_name)
    n, needs = len(work.layers), group_needs(work, plan, by_name)
    in_buffer = alive_bytes((*_staying(plan, by_name, BUFFER), *_visits(work, plan, by_name)), n)
    taken = [need + max(b - work.other_bytes, 0) for need, b in zip(needs, in_buffer, strict=True)]
    _check_room(work, taken, [own.kept_bytes for own in plan.layers], "kept_bytes")
    in_sram = alive_bytes(_staying(plan, by_name, SYSTEM_SRAM), n)
    _check_room(work, in_sram, [work.memory.system_sram_bytes] * n, "the system SRAM")


def _check_layers(work: MemoryWork, plan: MemoryPlan) -> None:
    n, total = len(work.layers), work.buffer.total_bytes
    if len(plan.layers) != n:
        raise InputError(f"the plan has {len(plan.layers)} layers; give one for each of {n}")
    for layer, own in zip(work.layers, plan.layers, strict=True):
        if not 0 <= own.kept_bytes <= total:
            raise InputError(
                f"layer '{layer.name}' keeps {own.kept_bytes} bytes of the buffer; 0 to {total} "
                "are allowed: keep fewer maps"
            )


def _check_places(work: MemoryWork, plan: MemoryPlan, by_name: Mapping[str, Map]) -> None:
    resident = resident_places(work) if RESIDENT in plan.places.values() else {}
    for name, place in plan.places.items():
        if place not in PLACES:
            raise InputError(f"tensor '{name}' lies in '{place}'; use one of {', '.join(PLACES)}")
        if name in work.outer:
            raise InputError(
                f"tensor '{name}' is the caller's and crosses; leave it out of 'places', and name "
                "it in 'on_chip' of layers that read it again"
            )
        if place == RESIDENT and name not in resident:
            raise InputError(f"tensor '{name}' does not fit in the {RESIDENT}; leave it out")
        if place in (BUFFER, SYSTEM_SRAM) and (name not in by_name or by_name[name].comes):
            raise InputError(f"tensor '{name}' is no map that can stay whole; leave it out")


def _staying(plan: MemoryPlan, by_name: Mapping[str, Map], place: str) -> Iterator[Span]:
    """Yield the spans of the maps that lie in ``place``, each once."""
    maps = {id(by_name[n]): by_name[n] for n, where in plan.places.items() if where == place}
    for each in maps.values():
        yield each.span


def _visits(work: MemoryWork, plan: MemoryPlan, by_name: Mapping[str, Map]) -> Iterator[Span]:
    """Yield the spans of maps that some layers find on chip: from the layer before that had it."""
    finds: dict[int, set[int]] = {}
    maps = {id(each): each for each in by_name.values()}
    for index, own in enumerate(plan.layers):
        for each in (by_name.get(name) for name in own.on_chip):
            if each is not None:
                finds.setdefault(id(each), set()).add(index)
    for key, layers in finds.items():
        each, at = maps[key], -1
        lost = each.first in layers and (each.comes or each.goes or set(each.users) - layers)
        if lost:
            raise InputError(
                f"'{min(each.names)}' is in 'on_chip' of layer '{work.layers[each.first].name}', "
                "the first to have it, and yet needed in DRAM; leave it out there"
            )
        for before, user in pairwise(each.users):
            if user in layers and not _in_one_group(plan, each, user):
                yield Span(max(before, at + 1), user, each.bytes)
                at = user


def _in_one_group(plan: MemoryPlan, each: Map, user: int) -> bool:
    """Whether a layer finds rows of a map that its own group makes, and not all of it."""
    maker = None if each.producer is None else plan.layers[each.producer].group
    return maker is not None and maker == plan.layers[user].group


def _check_room(work: MemoryWork, taken: Sequence[int], room: Sequence[int], where: str) -> None:
    for layer, size, most in zip(work.layers, taken, room, strict=True):
        if size > most:
            raise InputError(
                f"what lies on chip at layer '{layer.name}' takes {size} bytes; {where} holds "
                f"{most}: keep fewer maps"
            )
