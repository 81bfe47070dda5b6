"""Files of whole networks: their layers and what instruments showed of all of them in a row."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.json import encode
from dfsrt.base.reading import limit_bytes, open_raw, too_large
from dfsrt.network.layer import Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.power.measure.sample import Bench, Reading

FORMAT = 1
MOST_BYTES = 256 * 2**20
"""Of a file that is unpacked: larger ones are refused."""


class NetworkReading(msgspec.Struct, frozen=True, kw_only=True):
    """One network, run as one graph; ``layers`` are places in the file's list, in order.

    ``network`` names it, ``batch`` is how many pictures or sentences run at once.
    """

    network: str
    batch: int
    layout: str
    layers: tuple[int, ...]
    layouts: tuple[str, ...]
    reading: Reading
    bench: Bench


class NetworksFile(msgspec.Struct, frozen=True, kw_only=True):
    """Readings of networks, and each layer of theirs once, without its name."""

    format: int = FORMAT
    layers: tuple[Layer, ...]
    readings: tuple[NetworkReading, ...]

    def layers_of(self, reading: NetworkReading) -> list[Layer]:
        """Return the layers of a network in order."""
        return [self.layers[place] for place in reading.layers]


class NetworksWriter:
    """Collects readings; layers that are alike but for their names are kept once."""

    def __init__(self) -> None:
        self._places: dict[Layer, int] = {}
        self._readings: list[NetworkReading] = []

    def add(
        self,
        what: tuple[str, int, str],
        layers: Sequence[Layer],
        layouts: Sequence[str],
        reading: Reading,
        bench: Bench,
    ) -> None:
        """Add the reading of a network: its name, batch and layout, and its layers."""
        network, batch, layout = what
        places = tuple(self._places.setdefault(nameless(a), len(self._places)) for a in layers)
        self._readings.append(
            NetworkReading(
                network=network,
                batch=batch,
                layout=layout,
                layers=places,
                layouts=tuple(layouts),
                reading=reading,
                bench=bench,
            )
        )

    def encode(self) -> bytes:
        """Return the file's bytes, the same for the same readings."""
        file = NetworksFile(layers=tuple(self._places), readings=tuple(self._readings))
        return gzip.compress(encode(file), mtime=0)


def nameless(layer: Layer) -> Layer:
    """Return ``layer`` with its tensors named by their places alone."""
    sides = {"x": layer.inputs, "w": layer.weights, "y": layer.outputs}
    names = {t.name: f"{side}{i}" for side, tensors in sides.items() for i, t in enumerate(tensors)}

    def plain(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(replace(t, name=names[t.name], origin="") for t in tensors)

    def each(of: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names[name] for name in of)

    return replace(
        layer,
        name="",
        nodes=(),
        inputs=plain(layer.inputs),
        weights=plain(layer.weights),
        outputs=plain(layer.outputs),
        operands=tuple(
            Operands(each(o.a), each(o.b), names.get(o.out, "")) for o in layer.operands
        ),
    )


def read_networks(path: Path) -> NetworksFile:
    """Return the networks in ``path``.

    Raises:
        InputError: no such file, one that is broken, too large or of another format.
    """
    most = limit_bytes(MOST_BYTES)
    try:
        with open_raw(path) as raw, gzip.GzipFile(fileobj=raw) as packed:
            data = packed.read(most + 1)
        if len(data) <= most:
            file = msgspec.json.decode(data, type=NetworksFile)
    except (OSError, EOFError, zlib.error, RecursionError, ValueError) as error:
        raise InputError(
            f"'{path}' holds no readings of networks ({error}); make one with "
            "'dfsrt measure --whole'"
        ) from error
    if len(data) > most:
        raise InputError(too_large(f"'{path}', unpacked,", len(data), most))
    first = min((min(r.layers, default=0) for r in file.readings), default=0)
    last = max((max(r.layers, default=-1) for r in file.readings), default=-1)
    if file.format != FORMAT or first < 0 or last >= len(file.layers) or not file.readings:
        raise InputError(f"'{path}' is of another format or broken; measure the networks again")
    return file
