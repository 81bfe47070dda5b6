"""The numbers of docs/memory_papers.md: what two papers on memory report, part by part."""

from __future__ import annotations

from dfsrt.cost.buffer_size import parse_buffer, parse_buffers
from dfsrt.device.dram import load_dram
from dfsrt.reproduce import romanet, zheng
from dfsrt.reproduce.bare import NETWORKS, load_int8
from dfsrt.reproduce.romanet.schema import NetworkParts
from dfsrt.reproduce.zheng.schema import NetworkSchedules


def parts() -> dict[str, str]:
    """Return what stands between the marks of docs/memory_papers.md."""
    networks = [load_int8(name) for name in NETWORKS]
    tiles = romanet.reproduce(networks, parse_buffer("64KiB+64KiB+64KiB"), "ddr3-1600")
    dram = load_dram("ddr3-1600:layout=tiled")
    maps = zheng.reproduce(networks, parse_buffers("256KiB,1MiB"), dram)
    return {"romanet": romanet_text(tiles.networks), "zheng": zheng_text(maps.networks)}


def romanet_text(networks: tuple[NetworkParts, ...]) -> str:
    """Return the table of both parts of the convolutions, and the words below it."""
    lines = [
        "| network | bytes over every operand once | over the bound | bytes give at most "
        "| placement gives | of it bursts | rows | both at most | the paper |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for network in networks:
        scope = network.scopes[0]
        own = scope.of("romanet")
        changes = (
            min(change.bytes for change in scope.changes),
            scope.placement_change,
            scope.bursts_change,
            scope.rows_change,
            min(change.energy for change in scope.changes),
        )
        cells = [f"x {own.over_once:.3f}", f"x {own.over_bound:.3f}", *map(_percent, changes)]
        cells.append("" if network.paper is None else f"{network.paper:+.0%}")
        lines.append(f"| {network.network} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_words(networks)]) + "\n"


def zheng_text(networks: tuple[NetworkSchedules, ...]) -> str:
    """Return the table of schedules by size of the buffer, and the words below it."""
    names = [each.schedule for each in networks[0].scopes[0].sizes[0].schedules]
    lines = [
        f"| network | layers | buffer | layer by layer, MB | {' | '.join(names)} "
        "| best against one reuse | the paper |",
        f"|{'---|' * (6 + len(names))}",
    ]
    for network in networks:
        said = zheng.PAPER.said(network.network)
        for scope in network.scopes:
            for size in scope.sizes:
                cells = [network.network, scope.scope, size.buffer]
                cells.append(f"{size.layerwise_bytes / 1e6:.1f}")
                cells += [_percent(each.bytes) for each in size.schedules]
                cells += [_percent(size.of("best").bytes_of_fixed), said]
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_words(networks)]) + "\n"


def _words(networks: tuple[NetworkParts, ...] | tuple[NetworkSchedules, ...]) -> list[str]:
    return [f"- **{network.network}**: {network.verdict}" for network in networks]


def _percent(change: float) -> str:
    return f"{change:+.1%}"
