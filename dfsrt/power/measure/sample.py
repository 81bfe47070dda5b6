"""Samples: one measured layer each, with all that is needed to know what was measured."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from dfsrt.base.json import encode, json_text
from dfsrt.network.layer import Layer
from dfsrt.network.layout import PLAIN
from dfsrt.network.probe import Probe


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be measured: a probe, where it comes from and at which operating point.

    ``source`` is the network's name or ``"sweep"``; ``group`` is what cross-validation keeps
    together: the network, or the shape family. ``freq_hz`` and ``rail_uv`` are set points, None
    on a card whose firmware chooses. ``repeat`` counts the times that the layer came before.
    ``layout`` is how a layer on images has its tensors in memory, one of ``LAYOUTS``. ``memory_hz``
    is the memory point, None where a device has one.
    """

    probe: Probe
    source: str
    group: str
    freq_hz: int | None = None
    rail_uv: int | None = None
    repeat: int = 0
    layout: str = PLAIN
    memory_hz: int | None = None

    @property
    def key(self) -> str:
        """A digest by which a run that was cut off knows what it has measured."""
        told = msgspec.to_builtins(self)
        if not told["probe"]["layer"]["joined"]:  # as before layers named what joined them
            del told["probe"]["layer"]["joined"]
        if self.layout == PLAIN:  # as before subjects had a layout
            del told["layout"]
        if self.memory_hz is None:  # as before memories had points
            del told["memory_hz"]
        return hashlib.sha256(encode(told)).hexdigest()[:20]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What instruments showed of one subject.

    ``power_w`` is the mean over ``window_s``, in which the layer ran ``runs`` times;
    ``clock_hz`` the mean clock, ``held_share`` and ``hot_share`` the shares of time in which power
    and heat held it down. ``gaps`` counts the times that the device ran out of work meanwhile.
    Where a meter cannot tell, a field is None.
    """

    power_w: float
    latency_s: float
    clock_hz: float
    temp_c: float
    limit_w: float | None
    held_share: float | None
    window_s: float
    runs: int
    hot_share: float | None = None
    gaps: int | None = None
    at: str


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """What a device drew at rest, before or after a run."""

    power_w: float
    clock_hz: float
    temp_c: float
    at: str


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sample was taken: the same for all samples of one run.

    ``unit`` tells one specimen of a device from another, as far as the meter can.
    """

    meter: str
    device: str
    unit: str
    digest: str
    driver: str
    seed: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of one subject on one bench."""

    key: str
    subject: Subject
    reading: Reading
    bench: Bench

    @property
    def layer(self) -> Layer:
        """The measured layer."""
        return self.subject.probe.layer


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a row tells of its subject."""

    key: str
    source: str
    group: str
    layer: str
    operands: tuple[str, ...]
    attributes: str
    freq_hz: int | None
    rail_uv: int | None
    repeat: int
    layout: str = PLAIN
    memory_hz: int | None = None


def to_row(sample: Sample) -> dict[str, object]:
    """Return ``sample`` as a flat row: plain columns to read, JSON for what has no fixed shape."""
    s, layer = sample.subject, sample.layer
    tensors = (*layer.inputs, *layer.weights)
    return {
        "key": sample.key,
        "source": s.source,
        "group": s.group,
        "op": layer.op,
        "dtype": (layer.outputs or tensors)[0].dtype,
        "input_shapes": [list(t.shape) for t in tensors],
        "output_shapes": [list(t.shape) for t in layer.outputs],
        "attributes": json_text(s.probe.attributes),
        "operands": list(s.probe.operands),
        "layer": json_text(layer),
        "freq_hz": s.freq_hz,
        "rail_uv": s.rail_uv,
        "repeat": s.repeat,
        "layout": s.layout,
        "memory_hz": s.memory_hz,
        **msgspec.structs.asdict(sample.reading),
        **msgspec.structs.asdict(sample.bench),
    }


def from_row(row: Mapping[str, object]) -> Sample:
    """Return the sample that ``to_row`` made ``row`` of.

    Raises:
        msgspec.ValidationError: the row does not hold what a sample is.
    """
    told = msgspec.convert(_pick(row, _Told), _Told)
    return Sample(
        key=told.key,
        subject=Subject(
            probe=Probe(
                _decode_layer(told.layer), told.operands, msgspec.json.decode(told.attributes)
            ),
            source=told.source,
            group=told.group,
            freq_hz=told.freq_hz,
            rail_uv=told.rail_uv,
            repeat=told.repeat,
            layout=told.layout,
            memory_hz=told.memory_hz,
        ),
        reading=msgspec.convert(_pick(row, Reading), Reading),
        bench=msgspec.convert(_pick(row, Bench), Bench),
    )


def _decode_layer(text: str) -> Layer:
    """Return a layer; early files do not name what its first product multiplies.

    It was then the first input by the first constant with two axes, or else by the second input.
    """
    raw = msgspec.json.decode(text)
    if raw.get("gemms") and "operands" not in raw:
        matrices = [t for t in raw["weights"] if len(t["shape"]) > 1] or raw["inputs"][1:]
        a, b = ([t["name"] for t in tensors[:1]] for tensors in (raw["inputs"], matrices))
        raw["operands"] = [{"a": a, "b": b}, *({} for _ in raw["gemms"][1:])]
    return msgspec.convert(raw, Layer)


def _pick(row: Mapping[str, object], kind: type[msgspec.Struct]) -> dict[str, object]:
    return {name: row[name] for name in kind.__struct_fields__ if name in row}
