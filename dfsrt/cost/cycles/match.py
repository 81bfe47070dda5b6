"""Which row of a report belongs to which layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.cost.cycles.report import CycleReport, Row
from dfsrt.cost.naming import least_cycles, names_of, plain, some, unlike
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer
from dfsrt.network.network import Network


@dataclass(frozen=True, slots=True)
class Matched:
    """A report's cycles for each layer of a network, None where it has no products.

    ``how`` says by what rows were matched to layers: ``by name`` or ``in order``.
    """

    report: CycleReport
    cycles: tuple[int | None, ...]
    how: str

    def notes(self, network: Network, npu: Npu) -> list[str]:
        """Return what a reader must know of where the cycles come from, one line each."""
        used = sum(cycles is not None for cycles in self.cycles)
        notes = [
            f"the array's cycles of {used} layers come from {self.report} (sha256 "
            f"{self.report.sha256[:12]}, {len(self.report.rows)} rows, matched {self.how}); "
            "bytes and energy are counted by dfsrt"
        ]
        pairs = zip(network.layers, self.cycles, strict=True)
        faster = [
            layer.name for layer, c in pairs if c is not None and c < least_cycles(layer, npu)
        ]
        if faster:
            notes.append(
                f"{len(faster)} of them take fewer cycles than {npu.name} could at full use: "
                f"{some(faster)}; the report is of a larger array"
            )
        return notes


def match(report: CycleReport, network: Network) -> Matched:
    """Return the report's cycles for each layer of ``network`` with products.

    By name where every such layer's own name, or that of a node in it or of its output, is in the
    report ('/' and '_' are the same: files are named with the latter); rows that are left over then
    belong to layers that dfsrt does not run on the array. Otherwise in order, where the report has
    one and there are as many rows as such layers.

    Raises:
        InputError: neither fits; both counts and the first names are said.
    """
    layers = [layer for layer in network.layers if layer.gemms]
    named = _by_name(report, layers)
    if layers and all(row is not None for row in named):
        return _matched(report, network, [row for row in named if row is not None], "by name")
    in_order = report.ordered and len(report.rows) == len(layers)
    if not in_order or _contradicted(report, named):
        raise InputError(_mismatch(report, network, layers, named))
    return _matched(report, network, report.rows, "in order")


def _matched(report: CycleReport, network: Network, rows: Sequence[Row], how: str) -> Matched:
    left = iter(rows)
    cycles = tuple(next(left).cycles if layer.gemms else None for layer in network.layers)
    return Matched(report, cycles, how)


def _by_name(report: CycleReport, layers: Sequence[Layer]) -> list[Row | None]:
    """The row of each layer whose name, a node's or an output's, one row alone has; none twice.

    What a row's name may stand for counts where the name itself belongs to no layer.
    """
    rows = _named((row.name, row) for row in report.rows)
    matched = [_taken(rows, layer) for layer in layers]
    if any(row is None for row in matched) and any(row.other_names for row in report.rows):
        free = _named((name, row) for row in rows.values() for name in row.other_names)
        for place, layer in enumerate(layers):
            if matched[place] is None:
                matched[place] = _taken(free, layer)
    return matched


def _named(pairs: Iterable[tuple[str, Row]]) -> dict[str, Row]:
    """Rows by their names, plain; a name that several have is nobody's."""
    rows: dict[str, Row] = {}
    times: Counter[str] = Counter()
    for name, row in pairs:
        if name:
            rows[plain(name)] = row
            times[plain(name)] += 1
    return {name: row for name, row in rows.items() if times[name] == 1}


def _taken(rows: dict[str, Row], layer: Layer) -> Row | None:
    """Take the row of ``layer`` from ``rows``, under all of its names."""
    row = next((rows[name] for name in names_of(layer) if name in rows), None)
    for name in (row.name, *row.other_names) if row else ():
        if rows.get(plain(name)) is row:
            del rows[plain(name)]
    return row


def _contradicted(report: CycleReport, named: Sequence[Row | None]) -> bool:
    """Whether some layer is known by name, and its row is not at its place in the order."""
    pairs = zip(named, report.rows, strict=True)
    return any(known is not None and known is not row for known, row in pairs)


def _mismatch(
    report: CycleReport, network: Network, layers: Sequence[Layer], named: Sequence[Row | None]
) -> str:
    theirs = [row.name or str(place) for place, row in enumerate(report.rows)]
    same = sum(row is not None for row in named)
    return (
        f"{unlike(report.path, theirs, network, layers, same)}; give a {report.kind} report of "
        f"this network, with all names{_or_in_order(report)}"
    )


def _or_in_order(report: CycleReport) -> str:
    return " or in the same order" if report.ordered else "; its files' names tell no order"
