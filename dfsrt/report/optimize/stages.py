"""The networks of a chain: as given, and after each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from dfsrt.network import Network
from dfsrt.network.load import from_onnx_model
from dfsrt.optimize import (
    Calibration,
    Transform,
    apply_steps,
    load_by_steps,
    sized_by_steps,
    transform_label,
)
from dfsrt.report.optimize.source import Given
from dfsrt.run.fields import said_of

if TYPE_CHECKING:
    import onnx

    from dfsrt.network.reading import ReadingFields

AS_GIVEN = "as given"
"""The step of the first row."""


@dataclass(frozen=True, slots=True)
class Point:
    """A network as its file has it after a ``step``, and the model, where there are values."""

    step: str
    network: Network
    model: onnx.ModelProto | None = None


def points(given: Given, steps: Sequence[Transform], data: Calibration | None) -> Iterator[Point]:
    """Yield the network as given and after each of ``steps``, which run as they are asked for.

    Raises:
        InputError: a step that does not fit the network or the data.
        NetworkError: a network that cannot be sized.
    """
    if given.model is not None and data is not None:
        reading = cast("ReadingFields", said_of(given.reading))
        for stage in apply_steps(given.model, steps, data):
            network = from_onnx_model(stage.model, given.name, **reading)
            yield Point(stage.step or AS_GIVEN, network, stage.model)
    elif given.network is not None:
        network = given.network
        yield Point(AS_GIVEN, network)
        for count, step in enumerate(steps, 1):
            if given.in_memory:
                network = sized_by_steps(network, (step,))
            else:
                network = load_by_steps(given.name, steps[:count], given.reading)
            yield Point(transform_label(step), network)
