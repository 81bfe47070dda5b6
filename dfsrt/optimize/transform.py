"""The contract of a transform: one method, a pure function of a model and calibration data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from dfsrt.network import Network
from dfsrt.network.reading import Reading
from dfsrt.optimize.calibration import Calibration

if TYPE_CHECKING:
    import onnx


@runtime_checkable
class Transform(Protocol):
    """Anything with ``apply``: it makes a model smaller, and dfsrt counts by how much.

    The file that it returns holds plain values that onnxruntime can run: zeros and shared values
    are written out. What they allow (patterns, code books) is measured afterwards, by ``survey``.
    """

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return a smaller model; the given one is left as it is.

        Raises:
            InputError: data that do not fit, or a step that applies to no layer.
        """
        ...


@runtime_checkable
class ShapeTransform(Protocol):
    """A transform that may change a graph, and can do so where weights have shapes alone."""

    @property
    def changes_graph(self) -> bool:
        """Whether it does; ``on_sizes`` tells all where it does not."""
        ...

    def on_shapes(self, model: onnx.ModelProto, reading: Reading) -> onnx.ModelProto:
        """Return a smaller model, read as ``reading`` says.

        Raises:
            InputError: a step that applies to no layer.
        """
        ...


@runtime_checkable
class SizeTransform(Protocol):
    """A transform that can tell of a network without values how its sizes change, too."""

    def on_sizes(self, network: Network) -> Network:
        """Return the network with the sizes and packings of what the transform makes.

        Raises:
            InputError: a step that applies to no layer.
        """
        ...
