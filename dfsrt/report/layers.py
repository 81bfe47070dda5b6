"""A network's layers, with their cost where a device is named: as JSON and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console

from dfsrt.cost import LayerCost, LayerTraffic
from dfsrt.network.layer import Layer
from dfsrt.network.left_out import LeftOut
from dfsrt.network.network import Network
from dfsrt.network.precision import weight_precision
from dfsrt.report.notes import converted_notes
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.report.tables import say, show


class LayerEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One layer; cycles and DRAM bytes are there when a device is named.

    ``steps`` wait for each other, as those of a recurrent layer do; it is there above 1.
    ``dram_s``, ``dram_j`` and ``row_hit_rate`` are there where the device's DRAM is a part.
    A layer in a loop runs ``times`` times, and all numbers are of all passes.
    ``weight_precision`` is there where weights are stored in other numbers than they are used in.
    """

    name: str
    op: str
    kind: str
    precision: str
    weight_precision: str | None = None
    macs: int = msgspec.field()
    weight_bytes: int = msgspec.field()
    input_bytes: int = msgspec.field()
    output_bytes: int = msgspec.field()
    nodes: list[str]
    steps: int = 1
    times: int = 1
    compute_cycles: int | None = None
    dram_bytes: int | None = None
    dram_s: float | None = None
    dram_j: float | None = None
    row_hit_rate: float | None = None
    tiling: str | None = None


class LayerTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over a network; ``params`` counts constant elements as the file has them."""

    layers: int
    macs: int
    params: int
    weight_bytes: int


class LayersReport(msgspec.Struct, frozen=True, kw_only=True):
    """The layers of a network, on a device or on none.

    ``cycles`` and ``converted_layers`` are as in a run's report. ``left_out`` is there where
    ``--unknown-ops memory`` leaves something out.
    """

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str | None
    fused: bool
    totals: LayerTotals
    layers: list[LayerEntry]
    unknown_ops: dict[str, int]
    left_out: LeftOut | None = None
    converted_layers: dict[str, int] = {}
    cycles: str | None = None
    notes: list[str] = []


def layers_report(
    network: Network,
    device: str | None = None,
    costs: tuple[LayerCost, ...] = (),
    cycles: str | None = None,
    notes: Sequence[str] = (),
) -> LayersReport:
    """Return every layer of ``network``; ``costs``, if given, has one entry for each.

    ``cycles`` names the report that the array's cycles come from, and ``notes`` tell of it; the
    network's own stand before.
    """
    paired: list[LayerCost | None] = list(costs) or [None] * len(network.layers)
    converted = {f"{source} to {target}": count for source, target, count in network.converted}
    return LayersReport(
        network=network.name,
        device=device,
        fused=network.fused,
        totals=LayerTotals(
            layers=len(network.layers),
            macs=network.macs,
            params=network.params,
            weight_bytes=network.weight_bytes,
        ),
        layers=[_entry(a, cost) for a, cost in zip(network.layers, paired, strict=True)],
        unknown_ops=dict(network.unknown_ops),
        left_out=network.left_out,
        converted_layers=converted,
        cycles=cycles,
        notes=[*network.notes, *converted_notes(converted, network.layers), *notes],
    )


def _entry(layer: Layer, cost: LayerCost | None) -> LayerEntry:
    tiling = None if cost is None or not layer.gemms else _tiling_text(cost.traffic, layer)
    dram = None if cost is None else cost.dram
    return LayerEntry(
        name=layer.name,
        op=layer.op,
        kind=str(layer.kind),
        precision=layer.precision if cost is None or not layer.computes else cost.precision,
        weight_precision=weight_precision(layer),
        macs=layer.macs,
        weight_bytes=layer.weight_bytes,
        input_bytes=layer.input_bytes,
        output_bytes=layer.output_bytes,
        nodes=list(layer.nodes),
        steps=layer.steps,
        times=layer.times,
        compute_cycles=None if cost is None else cost.compute_cycles,
        dram_bytes=None if cost is None else cost.dram_bytes,
        dram_s=None if dram is None else dram.seconds,
        dram_j=None if dram is None else dram.access_j + dram.background_w * dram.seconds,
        row_hit_rate=None if dram is None else dram.row_hit_rate,
        tiling=tiling,
    )


def _tiling_text(traffic: LayerTraffic, layer: Layer) -> str:
    if not traffic.nests:  # an engine that leaves nothing to tile, or steps that hold their weights
        text = f"{traffic.stays} stay"
    else:
        first, tile = traffic.mappings[0], "x".join(str(n) for n in traffic.mappings[0].tile)
        text = f"{traffic.stays} stay, tile {tile} in {first.order}"
    if not traffic.step_reads:
        return text
    often = "once" if traffic.step_reads == 1 else "in each"
    return f"{text}, weights of {layer.steps} steps read {often}"


def layers_table(console: Console, report: LayersReport) -> None:
    """Print every layer and the totals."""
    t = report.totals
    say(
        console,
        f"{report.network}: {t.layers} layers, {t.macs:,} MACs, {t.params:,} constants, "
        f"{t.weight_bytes:,} weight bytes",
        *(f"note: {n}" for n in report.notes),
    )
    heads = ["", "<layer", "<op", "<precision", "MACs", "weight B", "input B", "output B"]
    if report.device is not None:
        heads += ["cycles", "DRAM B"]
    if _has_part(report):
        heads += ["DRAM mJ"]
    looped = any(a.times > 1 for a in report.layers)
    show(console, (*heads, *(("passes",) if looped else ()), "nodes"), _layer_rows(report, looped))


def _has_part(report: LayersReport) -> bool:
    return any(a.dram_j is not None for a in report.layers)


def _layer_rows(report: LayersReport, looped: bool) -> Iterable[tuple[str, ...]]:
    for index, a in enumerate(report.layers):
        sizes = [a.macs, a.weight_bytes, a.input_bytes, a.output_bytes]
        if report.device is not None:
            sizes += [a.compute_cycles or 0, a.dram_bytes or 0]
        if looped:
            sizes.append(a.times)
        numbers = [f"{n:,}" for n in sizes]
        if _has_part(report):
            numbers.insert(6, f"{(a.dram_j or 0.0) * 1e3:.3f}")
        precision = f"{a.precision}, w {a.weight_precision}" if a.weight_precision else a.precision
        yield (str(index), a.name, a.op, precision, *numbers, str(len(a.nodes)))
