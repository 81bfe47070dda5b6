"""What a plan is made of, before anybody asks whether it can be kept."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from numbers import Integral

from dfsrt.base.errors import InputError
from dfsrt.cost.schedule.schedule import LayerPlan, MemoryPlan
from dfsrt.cost.traffic.mapping import Fetches


def plain_plan(plan: object) -> MemoryPlan:
    """Return a plan in Python's own numbers, whatever whole numbers a schedule put in.

    Raises:
        InputError: what is no plan, or has something else where a number or a name belongs.
    """
    if not isinstance(plan, MemoryPlan):
        raise InputError(f"the plan is {plan!r}; return a dfsrt.cost.schedule.MemoryPlan")
    if not isinstance(plan.layers, tuple | list):
        raise InputError(f"the plan has {plan.layers!r} for its layers; give a tuple of LayerPlan")
    if not isinstance(plan.places, Mapping):
        raise InputError(f"the plan has {plan.places!r} for its places; give a place for each name")
    layers = tuple(_plain(number, own) for number, own in enumerate(plan.layers))
    return MemoryPlan(layers, plan.places)


def _plain(number: int, own: object) -> LayerPlan:
    if not isinstance(own, LayerPlan):
        raise InputError(f"the plan of layer number {number} is {own!r}; give a LayerPlan")
    if not isinstance(own.on_chip, Set) or not all(isinstance(n, str) for n in own.on_chip):
        raise _wrong(number, "on_chip", own.on_chip, "a frozenset of names")
    fetches = own.fetches
    if fetches is not None and not (isinstance(fetches, tuple) and len(fetches) == 3):
        raise _wrong(number, "fetches", fetches, "Fetches")
    return replace(
        own,
        kept_bytes=_whole(number, "kept_bytes", own.kept_bytes, 0),
        fetches=fetches and Fetches(*(_whole(number, "fetches", n, 1) for n in fetches)),
        group=None if own.group is None else _whole(number, "group", own.group, 0),
        on_chip=frozenset(own.on_chip),
        parts=None if own.parts is None else _whole(number, "parts", own.parts, 1),
    )


def _whole(number: int, name: str, value: object, least: int) -> int:
    if not isinstance(value, Integral) or value < least:
        raise _wrong(number, name, value, f"a whole number from {least} on")
    return int(value)


def _wrong(number: int, name: str, value: object, right: str) -> InputError:
    return InputError(f"{name} of layer number {number} is {value!r}; give {right}")
