"""What is made smaller: a model with values, or a network of sizes alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.network import Network, network_names
from dfsrt.network.load import load_as, network_file
from dfsrt.network.reading import Reading
from dfsrt.network.zoo import locate
from dfsrt.optimize.source import check_has_values, model_with_values

if TYPE_CHECKING:
    import onnx

Source: TypeAlias = "str | Path | Network | onnx.ModelProto"
"""A network by name, a file, or in memory."""


@dataclass(frozen=True, slots=True)
class Given:
    """A network as it was given: a ``model`` with values, or a ``network`` of sizes alone.

    ``file`` is where it stands, if anywhere; ``reading`` is how what is left to say is read. With
    ``in_memory`` nothing else can be loaded by its ``name``.
    """

    name: str
    reading: Reading
    model: onnx.ModelProto | None = None
    network: Network | None = None
    file: Path | None = None
    in_memory: bool = False

    @property
    def file_bytes(self) -> int | None:
        """Bytes of the file, of a model in memory as it would be written; None of sizes alone.

        Values that lie in files beside it count as if they lay in it.
        """
        if self.model is None:
            return None
        whole = int(self.model.ByteSize())
        return whole if self.file is None else max(whole, self.file.stat().st_size)


def open_given(source: Source, reading: Reading) -> Given:
    """Return what ``source`` names or is; a name on the shelf may have sizes alone.

    Raises:
        InputError: nothing of the kind.
        NetworkError: a file without values, or one that cannot be read or sized.
    """
    if isinstance(source, Network):
        return Given(source.name, reading, network=source, in_memory=True)
    if not isinstance(source, str | Path):
        return _in_memory(source, reading)
    path = network_file(source)
    if path is None:
        return Given(str(source), reading, network=load_as(source, reading))
    try:
        model = model_with_values(source, reading.dims)
    except NetworkError:
        if source not in network_names():
            raise
        return Given(str(source), reading, network=load_as(source, reading), file=path)
    return Given(locate(source)[0], reading.sized({}), model, file=path)


def _in_memory(source: object, reading: Reading) -> Given:
    import onnx

    if not isinstance(source, onnx.ModelProto):
        raise InputError(
            f"model {source!r} is nothing that can be made smaller; give a name, a path, an "
            "onnx.ModelProto or a Network"
        )
    name = source.graph.name or "model"
    check_has_values(source, name)
    return Given(name, reading, source)
