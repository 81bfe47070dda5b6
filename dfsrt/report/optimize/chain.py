"""A chain of steps, measured: each network on the device, and its answers on the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dfsrt.optimize import Calibration, Transform, transform_label
from dfsrt.optimize.progress import parts_told_to
from dfsrt.report.optimize.fidelity import step_fidelity
from dfsrt.report.optimize.row import Measured, measured, row_of
from dfsrt.report.optimize.schema import OptimizeRow
from dfsrt.report.optimize.source import Given
from dfsrt.report.optimize.stages import AS_GIVEN, Point, points
from dfsrt.run.fields import RunFields

if TYPE_CHECKING:
    from dfsrt.optimize.fidelity import Fidelity

OnStep = Callable[[str, int, int], None]
"""Is told the step at work, how many are done, and how many there are."""


@dataclass
class Chain:
    """What a chain of steps left: a measured point and a row for each, the answers of the last."""

    measured: list[Measured] = field(default_factory=list)
    rows: list[OptimizeRow] = field(default_factory=list)
    fidelity: Fidelity | None = None

    @property
    def last(self) -> Point:
        """The network after the last step."""
        return self.measured[-1].point


def measured_chain(
    given: Given,
    steps: Sequence[Transform],
    data: Calibration | None,
    fields: RunFields,
    on_step: OnStep | None = None,
) -> Chain:
    """Return a network as given and after each of ``steps``, run as ``fields`` say.

    Raises:
        InputError: a step that does not fit, or a value that cannot be used.
        NetworkError: a network that cannot be sized.
    """
    chain, labels = Chain(), [AS_GIVEN, *(transform_label(step) for step in steps)]
    tell = on_step or (lambda _what, _done, _total: None)

    def tell_row(part: str = "") -> None:
        done = len(chain.rows)
        tell(labels[min(done, len(steps))] + part, done, len(labels))

    tell_row()
    with parts_told_to(lambda part, parts: tell_row(f", {part} of {parts}")):
        for point in points(given, steps, data):
            _measure(chain, given, point, data, fields)
            tell_row()
    return chain


def _measure(
    chain: Chain, given: Given, point: Point, data: Calibration | None, fields: RunFields
) -> None:
    period_ns = chain.measured[0].frame_ns if chain.measured else None
    done = measured(point, fields, period_ns)
    if given.model is not None and point.model is not None and data is not None:
        from dfsrt.optimize.fidelity import fidelity

        chain.fidelity = fidelity(given.model, point.model, data)
    left = None if chain.fidelity is None else step_fidelity(chain.fidelity)
    chain.rows.append(row_of(done, _file_bytes(given, point), left))
    chain.measured.append(done)


def _file_bytes(given: Given, point: Point) -> int | None:
    """Bytes of a model's file as it lies there, or would lie."""
    if point.model is None:
        return None
    return given.file_bytes if point.model is given.model else int(point.model.ByteSize())
