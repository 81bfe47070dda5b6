"""Which measured row is of which layer, and what each layer takes by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.cost.naming import unlike
from dfsrt.cost.times.measured import MeasuredTimes, TimedRow
from dfsrt.cost.times.names import Names, Places
from dfsrt.cost.tool_names import multiplies
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.network import Network


@dataclass(frozen=True, slots=True)
class MatchedTimes:
    """Measured times of a network, which hold at the clock ``at_hz``.

    ``time_ns`` has those of each row that was measured, and ``places`` for each of them the numbers
    of the layers whose work it did, views left out. ``with_next`` counts rows for which the device
    runs nothing; left out are those ``without_time``, and those ``of_constants``, which work them
    out. ``how`` says by what rows were matched to layers: ``by name`` or ``in order``.
    """

    times: MeasuredTimes
    at_hz: int
    time_ns: tuple[float, ...]
    places: tuple[Places, ...]
    how: str
    with_next: int = 0
    without_time: int = 0
    of_constants: int = 0

    @property
    def total_ns(self) -> float:
        """Sum of all rows' times."""
        return float(np.sum(self.time_ns))

    def per_layer(self, model_ns: Floats) -> Floats:
        """Return each layer's time, ``(n_layers,)``, NaN where nothing was measured.

        A row of several layers is shared as ``model_ns``, ``(n_layers,)``, the device model's own
        times at that clock, are; evenly where these are 0.
        """
        total = np.full(len(model_ns), np.nan)
        for time_ns, places in zip(self.time_ns, self.places, strict=True):
            at = np.array(places, dtype=np.int64)
            weight = model_ns[at] if model_ns[at].sum() > 0 else np.ones(len(at))
            total[at] = np.nan_to_num(total[at]) + time_ns * (weight / weight.sum())
        return total


def running_layers(network: Network) -> list[Layer]:
    """Return the layers that take time, in order: all but views."""
    return [layer for layer in network.layers if layer.kind is not Kind.VIEW]


def match_times(times: MeasuredTimes, network: Network, at_hz: int) -> MatchedTimes:
    """Return what the rows of ``times`` say of ``network``, measured at the clock ``at_hz``.

    By name where every layer with products has a row, and every other row is of a layer, too, or a
    step of the tool's own: a copy, a change of layout. A row of nodes that need no time on the
    device (views, what is known before a run), or of such a step, counts with the layer of the row
    after it. Otherwise in order, where there are as many rows as layers that run and no name
    contradicts.

    Raises:
        InputError: no times, neither by name nor in order, or a row that belongs to no layer.
    """
    names = Names(network, running_layers(network))
    measured = [row for row in times.rows if row.time_ns is not None]
    rows = [row for row in measured if not names.is_constant(row)]
    if not rows:
        raise InputError(
            f"'{times.path}' has no time in any of its {len(times.rows)} rows; give a profile with "
            "times"
        )
    named, how = names.places_of(rows), "by name"
    if not _fits_by_name(times, network, rows, named):
        if not _fits_in_order(times, network, named):
            raise InputError(_mismatch(times, network, rows, named))
        named, how = [(place,) for place in range(len(rows))], "in order"
    return MatchedTimes(
        times,
        at_hz,
        tuple(row.time_ns or 0.0 for row in rows),
        _handed_on(named),
        how,
        with_next=sum(not places for places in named),
        without_time=len(times.rows) - len(measured),
        of_constants=len(measured) - len(rows),
    )


def _fits_by_name(
    times: MeasuredTimes, network: Network, rows: Sequence[TimedRow], named: Sequence[Places | None]
) -> bool:
    have = {place for places in named for place in places or ()}
    layers = running_layers(network)
    if not have or any(layer.gemms and i not in have for i, layer in enumerate(layers)):
        return False
    strange = [row for row, places in zip(rows, named, strict=True) if places is None]
    return not strange if times.own_nodes else not any(map(_has_products, strange))


def _has_products(row: TimedRow) -> bool:
    return bool(row.macs) or multiplies(row.op)


def _fits_in_order(times: MeasuredTimes, network: Network, named: Sequence[Places | None]) -> bool:
    if times.own_nodes or len(named) != len(running_layers(network)):
        return False
    return all(not places or place in places for place, places in enumerate(named))


def _handed_on(named: Sequence[Places | None]) -> tuple[Places, ...]:
    """The layers of each row; those of the next one that has any, or else of the one before."""
    places: list[Places] = []
    after: Places = ()
    for own in reversed(named):
        after = own or after
        places.append(after)
    last = next(own for own in reversed(named) if own)
    return tuple(own or last for own in reversed(places))


def _mismatch(
    times: MeasuredTimes, network: Network, rows: Sequence[TimedRow], named: Sequence[Places | None]
) -> str:
    have = {place for places in named for place in places or ()}
    layers = running_layers(network)
    products = [layer for layer in layers if layer.gemms]
    same = sum(bool(layer.gemms) and i in have for i, layer in enumerate(layers))
    theirs = [_called(row, place) for place, row in enumerate(rows)]
    strange = [name for name, places in zip(theirs, named, strict=True) if places is None]
    stranger = f"; {len(strange)} belong to none, '{strange[0][:60]}' first" if strange else ""
    in_order = "" if times.own_nodes else f", or in order one for each of {len(layers)} layers"
    return (
        f"{unlike(times.path, theirs, network, products, same)}{stranger}; give layer times of "
        f"this network, by the names of its nodes{in_order}"
    )


def _called(row: TimedRow, place: int) -> str:
    return next((n for n in row.names if n), row.op or str(place))
