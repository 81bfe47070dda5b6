"""The tables of the experiment."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.report.tables import Grid
from dfsrt.reproduce.zheng.figures import BEST, PAPER, SCHEDULES
from dfsrt.reproduce.zheng.schema import AtSize, NetworkSchedules, Scope, ZhengReport


def bytes_grid(report: ZhengReport) -> Grid:
    """Return the table of bytes by schedule."""
    least, most = next(iter(PAPER.figures.values()))
    names = ", ".join(PAPER.figures)
    lines = (
        report.paper,
        f"Its {report.paper_source} says, {PAPER.what}: {least:+.0%} to {most:+.0%} on {names}.",
        f"Here: {report.precision}, batch 1, one buffer for all, {report.dram}.",
        f"Of its setting, {report.recalled}.",
        "",
        "Bytes against layer by layer with the best tiles; the last against the one kind of reuse",
        "that moves the most, if all layers keep to it",
    )
    heads = ["<network", "<layers", "buffer", "floor MB", "layerwise MB", *SCHEDULES]
    heads += [f"{BEST} MB", "of one reuse", "paper"]
    return Grid(heads, [row for n in report.networks for row in _rows(n)], lines)


def _rows(network: NetworkSchedules) -> Iterator[tuple[str, ...]]:
    for scope, size in _sizes(network):
        yield (
            *_first(network, scope, size),
            f"{scope.floor_bytes / 1e6:.2f}",
            f"{size.layerwise_bytes / 1e6:.2f}",
            *(f"{size.of(name).bytes:+.1%}" for name in SCHEDULES),
            f"{size.of(BEST).dram_bytes / 1e6:.2f}",
            f"{size.of(BEST).bytes_of_fixed:+.1%}",
            PAPER.said(network.network),
        )


def energy_grid(report: ZhengReport) -> Grid:
    """Return the table of energy: bytes times energy a byte, and the time of the DRAM."""
    lines = (f"Energy under '{BEST}' is bytes times energy a byte; seconds are the DRAM's own",)
    heads = ["<network", "<layers", "buffer", "bytes", "pJ/byte", "energy", "seconds"]
    rows = [
        (
            *_first(network, scope, size),
            *(f"{change:+.1%}" for change in _changes(size)),
        )
        for network in report.networks
        for scope, size in _sizes(network)
    ]
    return Grid(heads, rows, lines)


def verdicts_grid(report: ZhengReport) -> Grid:
    """Return in words what follows for each network."""
    said = (f"{network.network}: {network.verdict}" for network in report.networks)
    return Grid((), (), (f"What maps on chip can bring, under '{BEST}':", *said))


def _changes(size: AtSize) -> tuple[float, ...]:
    best = size.of(BEST)
    return best.bytes, best.energy_per_byte, best.energy, best.seconds


def _sizes(network: NetworkSchedules) -> Iterator[tuple[Scope, AtSize]]:
    yield from ((scope, size) for scope in network.scopes for size in scope.sizes)


def _first(network: NetworkSchedules, scope: Scope, size: AtSize) -> tuple[str, ...]:
    return network.network, scope.scope, size.buffer
