"""A chain of steps: each transform works on what the one before it left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.network import Network, read_network
from dfsrt.network.load import load_as, model_as
from dfsrt.network.packed import STEPS, metadata, set_metadata, write_packings
from dfsrt.network.reading import Reading
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.dense import with_dense
from dfsrt.optimize.registry import transform_label
from dfsrt.optimize.survey import survey
from dfsrt.optimize.transform import ShapeTransform, SizeTransform, Transform

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class Stage:
    """A model after a step, which is empty for the model as it was given."""

    step: str
    model: onnx.ModelProto


def apply_steps(
    model: onnx.ModelProto, steps: Sequence[Transform], data: Calibration
) -> Iterator[Stage]:
    """Yield ``model`` as it is, and after each of ``steps``; its metadata say what was done.

    Raises:
        InputError: a step that does not fit the model or the data.
    """
    yield Stage("", model)
    model = with_dense(model)
    for step in steps:
        before, model = model, step.apply(model, data)
        done = [text for text in (metadata(before, STEPS), transform_label(step)) if text]
        write_packings(model, survey(model))
        set_metadata(model, STEPS, ",".join(done))
        yield Stage(transform_label(step), model)


def load_by_steps(source: str | Path, steps: Sequence[Transform], reading: Reading) -> Network:
    """Return the network of ``source``, read as said, with the sizes that ``steps`` leave of it.

    Steps that change the graph come first: sizes do not depend on the order.

    Raises:
        InputError: a step that needs values, or that applies to no layer.
        NetworkError: the file cannot be read, sized or costed.
    """
    first = [s for s in steps if isinstance(s, ShapeTransform) and s.changes_graph]
    if not first:
        return sized_by_steps(load_as(source, reading), steps)
    name, model, open_dims = read_network(source, reading.dims, weights=False)
    sized = reading.sized(open_dims)
    for step in first:
        model = step.on_shapes(model, sized)
    return sized_by_steps(model_as(model, name, sized), [s for s in steps if s not in first])


def sized_by_steps(network: Network, steps: Sequence[Transform]) -> Network:
    """Return a network without values with the sizes that ``steps`` leave of it.

    Raises:
        InputError: a step that needs values.
    """
    for step in steps:
        if not isinstance(step, SizeTransform):
            raise InputError(
                f"step '{transform_label(step)}' needs weights with values, and '{network.name}' "
                "is taken by its sizes alone; leave the step out, or give dfsrt optimize an .onnx "
                "file with trained weights"
            )
        network = step.on_sizes(network)
    return network
