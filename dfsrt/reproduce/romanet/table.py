"""The tables of the experiment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dfsrt.report.tables import Grid
from dfsrt.reproduce.romanet.figures import AFTER, BEFORE, LAYOUTS, OWN, PAPER, POLICIES
from dfsrt.reproduce.romanet.schema import NetworkParts, Placement, RomanetReport, Scope


def bytes_grid(report: RomanetReport) -> Grid:
    """Return the table of bytes by policy."""
    said = ", ".join(f"{PAPER.said(name)} {name}" for name in PAPER.figures)
    lines = (
        report.paper,
        f"Its {report.paper_source} says, {PAPER.what}: {said}.",
        f"Here: {report.precision}, batch 1, buffers {report.buffer}, {report.dram}.",
        f"Not in its abstract: {report.recalled}.",
        "",
        "1. Bytes: what crosses under each policy, as a multiple of every operand once",
    )
    heads = ["<network", "<layers", "once MB", "bound MB", *POLICIES, "romanet MB", "over bound"]
    return Grid(heads, [row for n in report.networks for row in _bytes_rows(n)], lines)


def _bytes_rows(network: NetworkParts) -> Iterator[tuple[str, ...]]:
    for scope in network.scopes:
        own = scope.of(OWN)
        yield (
            network.network,
            scope.scope,
            _mb(scope.once_bytes),
            _mb(scope.bound_bytes),
            *(f"{scope.of(policy).over_once:.3f}" for policy in POLICIES),
            _mb(own.dram_bytes),
            f"{own.over_bound:.3f}",
        )


def rows_grid(report: RomanetReport) -> Grid:
    """Return the table of rows: convolutions with ROMANet's tiles, by how maps lie."""
    first = [network.scopes[0] for network in report.networks]
    heads = ["<network", "<maps lie", "<addresses", "hits", "bursts", "pJ/byte"]
    rows = [
        (network.network, place.layout, place.map, *_placed(place))
        for network in report.networks
        for place in network.scopes[0].placements
    ]
    lines = (
        "2. Placement: convolutions, ROMANet's tiles; bursts that find their row open, bytes of",
        "whole bursts over those of use, and energy of a byte of use, standby at work included",
        f"(one endless run {_pj(report.best_energy_per_byte_j)}; a row opened for every burst, in "
        f"the same bank, {_pj(report.worst_energy_per_byte_j)} pJ a byte)",
    )
    return Grid(heads, rows, (*lines, *_alike(first)))


def _alike(scopes: Sequence[Scope]) -> Iterator[str]:
    """Say where two orders of addresses are one on this part."""
    pairs = [
        (s.placed(layout, "drmap"), s.placed(layout, OWN)) for s in scopes for layout in LAYOUTS
    ]
    if all(drmap.energy_j == own.energy_j for drmap, own in pairs):
        yield "with one rank of chips and no subarrays, ROMANet's order and DRMap's are the same"


def _placed(place: Placement) -> Iterator[str]:
    yield f"{place.row_hit_rate:.1%}"
    yield f"{place.overfetch:.2f}"
    yield _pj(place.energy_per_byte_j)


def product_grid(report: RomanetReport) -> Grid:
    """Return the table of both parts and their product against every baseline."""
    heads = ["<network", "<against", "bytes", "pJ/byte", "energy"]
    heads += ["whole network: bytes", "pJ/byte", "energy", "paper"]
    lines = (
        f"3. Product: ROMANet's tiles, stored whole ({', '.join(AFTER)}), against another policy's",
        f"tiles, cut out of maps ({', '.join(BEFORE)}); energy is bytes times energy a byte",
    )
    return Grid(heads, [row for n in report.networks for row in _product_rows(n)], lines)


def _product_rows(network: NetworkParts) -> Iterator[tuple[str, ...]]:
    pairs = zip(*(scope.changes for scope in network.scopes), strict=True)
    for changes in pairs:
        cells = (f"{x:+.1%}" for c in changes for x in (c.bytes, c.energy_per_byte, c.energy))
        yield network.network, changes[0].baseline, *cells, PAPER.said(network.network)


def verdicts_grid(report: RomanetReport) -> Grid:
    """Return in words what follows for each network."""
    said = (f"{network.network}: {network.verdict}" for network in report.networks)
    return Grid((), (), ("What can come from where, of convolutions:", *said))


def _mb(size: int) -> str:
    return f"{size / 1e6:.2f}"


def _pj(joules: float) -> str:
    return f"{joules * 1e12:.1f}"
