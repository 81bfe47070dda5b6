"""What a network's check says in lines: a word, and lines about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dfsrt.base.units import format_si
from dfsrt.report.counted import counted
from dfsrt.report.network_check_schema import CheckedInput, NetworkCheck

MOST = 12
"""Things of a kind that fit on a page; what is left is one line."""

Block = tuple[str, Sequence[str]]
"""A word, and lines about it."""


def facts_above(check: NetworkCheck) -> Iterator[Block]:
    """Yield what the file says of itself."""
    yield "file", [_file(check)]
    yield "inputs", _most(check.inputs) or ["none"]
    yield "outputs", _most(check.outputs) or ["none"]
    sizes = [
        f"--dim {s.name}={s.size} sets {_named(s.places, 3)}" for s in check.open_sizes
    ]  # fmt: skip
    yield "sizes", _most(sizes)
    yield "sizes", [f"--dim NAME=SIZE sets {', '.join(check.may_set)}"] * bool(check.may_set)
    yield "steered", _most([_steers(s) for s in check.steering])
    yield "on data", list(_by_data(check.on_data))
    yield from _weights(check)


def _by_data(nodes: Sequence[str]) -> Iterator[str]:
    """What says of branches and of loops that hang on data how they run."""
    if ifs := [node for node in nodes if node.startswith("If ")]:
        yield f"--branch then or else says what {_named(ifs, 3)} takes"
    if loops := [node for node in nodes if not node.startswith("If ")]:
        yield f"--trips NODE=N says how often {_named(loops, 3)} runs"


def facts_below(check: NetworkCheck) -> Iterator[Block]:
    """Yield what it costs, and what is not known of it."""
    if (d := check.on_device) is not None:
        precisions = ", ".join(f"{n} in {p}" for p, n in d.precisions.items())
        time = f"{format_si(d.latency_s, 's')} at its highest clock for {check.macs or 0:,} MACs"
        yield "device", [f"{d.device}: {time}; {counted(d.layers, 'layer')}, {precisions}"]
    yield "no rule", _most([f"{o.nodes} x {o.op}: {o.why}" for o in check.out_of_rule])
    yield "note", _most(check.notes)
    yield "problem", check.problems


def _file(check: NetworkCheck) -> str:
    opsets = ", ".join(f"{domain} {version}" for domain, version in check.opsets.items())
    size = "not stored" if check.file_bytes is None else format_si(check.file_bytes, "B")
    parts = [
        size + (f", by {check.producer}" if check.producer else ""),
        f"ONNX IR {check.ir_version}, operator sets: {opsets or 'none'}",
        counted(check.nodes, "node"),
        *([f"{counted(check.functions, 'function')} of its own"] if check.functions else []),
    ]
    return "; ".join(parts)


def _steers(steering: CheckedInput) -> str:
    compared = ", ".join(steering.values)
    others = f" (compared with {compared})" if len(steering.values) > 1 else ""
    return f"{steering.option} steers {_named(steering.nodes, 2)}{others}"


def _weights(check: NetworkCheck) -> Iterator[Block]:
    stored = (
        f"{format_si(s.bytes, 'B')} {s.dtype}" + (f" ({s.share:.1%})" if s.share else "")
        for s in check.stored
    )
    yield "stored", [", ".join(stored)] * bool(check.stored)
    if check.stripped:
        yield "", ["more than the file has: constants are there by their shapes, without data"]
    if check.weights:
        read = ", ".join(f"{format_si(n, 'B')} {dtype}" for dtype, n in check.weights.items())
        yield "weights", [f"{check.params or 0:,} parameters; layers read {read}"]
    beside = [
        f"{f.location}: {f.state}; {counted(f.tensors, 'constant')}, {format_si(f.bytes, 'B')}"
        for f in check.outside
    ]
    yield "beside", _most(beside)


def _most(texts: Sequence[str]) -> list[str]:
    left = len(texts) - MOST
    return [*texts[:MOST], f"and {left} more"] if left > 1 else list(texts)


def _named(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
