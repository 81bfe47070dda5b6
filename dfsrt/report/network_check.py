"""Checking a network's file: what is in it, what it costs, and what to type next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Unpack

from dfsrt.base.errors import DfsrtError, NetworkError
from dfsrt.base.names import unknown_name
from dfsrt.network import Network, network_file
from dfsrt.network.check.survey import Survey, survey_of
from dfsrt.network.file.plain import plain_text
from dfsrt.network.load import open_sizes
from dfsrt.network.passes import pass_name
from dfsrt.network.reading import ReadingFields, reading_of
from dfsrt.power.table import LayerTable
from dfsrt.report.network_check_schema import (
    BesideFile,
    CheckedInput,
    CheckedOperator,
    CheckedSize,
    NetworkCheck,
    OnDevice,
    OutOfRule,
    StoredConstants,
)
from dfsrt.report.network_read import AsRead, command, job_of, read_as_it_goes


def check_network(source: str, **said: Unpack[ReadingFields]) -> NetworkCheck:
    """Return what the network ``source`` holds, costs and asks for, read as far as can be.

    ``said`` is as in ``Reading``; likely sizes stand in for those that are not. Of a language model
    it is a pass of one token.

    Raises:
        NetworkError: no such network, no ONNX graph in the file, or sizes that it does not have.
    """
    given, source = reading_of(**said), pass_name(source)
    file = network_file(source)
    size = None if file is None else file.stat().st_size
    facts = survey_of(source, given.dims)
    read, problems = read_as_it_goes(source, facts, given, count_loops=True)
    if read is None:
        _check_given(source, given.dims, facts)
    table, refused = _table(source, read)
    network = None if read is None else read.network
    return NetworkCheck(
        network=source,
        file_bytes=size,
        ir_version=facts.ir_version,
        opsets=dict(facts.opsets),
        producer=facts.producer,
        functions=facts.functions,
        nodes=facts.nodes,
        inputs=list(map(str, facts.inputs)),
        outputs=list(map(str, facts.outputs)),
        open_sizes=_sizes(facts, (given if read is None else read.reading).dims),
        may_set=[] if file is not None else sorted(open_sizes(source)),
        steering=_steering(facts),
        on_data=list(facts.steering.on_data),
        macs=None if network is None else network.macs,
        params=None if network is None else network.params,
        operators=[] if network is None else _operators(network, table),
        out_of_rule=_out_of_rule(facts, network),
        left_out=None if network is None else network.left_out,
        notes=[] if network is None else list(network.notes),
        stored=_stored(facts),
        stripped=size is not None and facts.inline_bytes > size,
        weights={} if network is None else _weights(network),
        outside=[BesideFile(location=f.location, tensors=f.tensors, bytes=f.bytes, state=f.state)
                 for f in facts.outside],
        on_device=None if table is None else _on_device(table),
        problems=refused if read is not None else problems,
        next=_next(source, read, table),
    )  # fmt: skip


def _check_given(source: str, given: Mapping[str, int], facts: Survey) -> None:
    """Check that sizes are of the network; names with a point may be of what only a run knows."""
    known = {name for size in facts.open_sizes for name in (size.name, *size.places)}
    for name in given:
        if name not in known and "." not in name:
            raise NetworkError(f"network '{source}': {unknown_name('dimension', name, known)}")


def _table(source: str, read: AsRead | None) -> tuple[LayerTable | None, list[str]]:
    if read is None:
        return None, []
    try:
        return job_of(source, read.reading).table, []
    except DfsrtError as error:
        return None, [str(error)]


def _next(source: str, read: AsRead | None, table: LayerTable | None) -> str | None:
    """The command that goes on from here: a run, or where the device cannot, its layers."""
    verb = "layers" if table is None else "run"
    return None if read is None else command(verb, source, read.reading)


def _sizes(facts: Survey, used: Mapping[str, int]) -> list[CheckedSize]:
    sizes = []
    for s in facts.open_sizes:
        size = next((used[name] for name in (s.name, *s.places) if name in used), s.likely)
        sizes.append(CheckedSize(name=s.name, places=list(s.places), size=size))
    return sizes


def _steering(facts: Survey) -> list[CheckedInput]:
    return [
        CheckedInput(
            input=s.input,
            dtype=s.dtype,
            nodes=list(s.nodes),
            values=list(s.values),
            option=f"--set {s.input}={s.example}",
        )
        for s in facts.steering.inputs
    ]


def _operators(network: Network, table: LayerTable | None) -> list[CheckedOperator]:
    """A row for each operator that runs, the dearest first: by time, then products, then bytes."""
    nodes, macs, moved = Counter[str](), Counter[str](), Counter[str]()
    for layer in network.layers:
        nodes[layer.op] += 1
        macs[layer.op] += layer.macs
        moved[layer.op] += layer.moved_bytes
    time = Counter[str]() if table is None else _times(table)
    rows = [
        CheckedOperator(
            op=op,
            nodes=count,
            macs=macs[op],
            bytes=moved[op],
            mac_share=share(macs[op], macs.total()),
            byte_share=share(moved[op], moved.total()),
            time_share=share(time[op], time.total()) if op in time else None,
        )
        for op, count in nodes.items()
    ]
    return sorted(rows, key=lambda r: (-(r.time_share or 0), -r.macs, -r.bytes, r.op))


def _times(table: LayerTable) -> Counter[str]:
    """Nanoseconds of the layers that each operator leads, at the highest clock."""
    times = Counter[str]()
    for cost, duration_ns in zip(table.costs, table.duration_ns[:, -1].tolist(), strict=True):
        times[cost.layer.op] += duration_ns
    return times


def share(part: float, whole: float) -> float | None:
    """Return a part as a share, None of nothing."""
    return part / whole if whole else None


def _out_of_rule(facts: Survey, network: Network | None) -> list[OutOfRule]:
    """Operators without a rule: those that run, or where nothing could be read all in the file."""
    runs = None if network is None else dict(network.unknown_ops)
    return [
        OutOfRule(op=use.name, nodes=use.nodes, why=plain_text(use.why))
        for use in facts.operators
        if not use.has_rule and (runs is None or use.op in runs)
    ]


def _stored(facts: Survey) -> list[StoredConstants]:
    whole = sum(s.bytes for s in facts.stored)
    return [
        StoredConstants(
            dtype=s.dtype, tensors=s.tensors, bytes=s.bytes, share=share(s.bytes, whole)
        )
        for s in facts.stored
    ]


def _weights(network: Network) -> dict[str, int]:
    """Bytes of what layers read of constants, each once, by element type."""
    read = {t.name: t for layer in network.layers for t in layer.weights}
    sizes = Counter[str]()
    for tensor in read.values():
        sizes[tensor.dtype] += tensor.bytes
    return dict(sizes.most_common())


def _on_device(table: LayerTable) -> OnDevice:
    return OnDevice(
        device=table.npu.name,
        precisions=_count(cost.precision for cost in table.costs),
        layers=len(table.costs),
        latency_s=float(table.duration_ns[:, -1].sum()) * 1e-9,
    )


def _count(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())
