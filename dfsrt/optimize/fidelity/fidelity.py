"""Fidelity: how far a smaller network's answers are from those of the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.fidelity.compare import compare
from dfsrt.optimize.fidelity.notes import notes_of, total_of
from dfsrt.optimize.fidelity.outputs import outputs_of

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class LayerFidelity:
    """What is left of one layer's output, under the name of its node in the original.

    Everything before it adds to its error. Values are as in ``Fidelity``.
    """

    name: str
    sqnr_db: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What a smaller network leaves of the answers, over ``samples`` of ``what`` it was tried on.

    ``accuracy`` is the share of samples for which its first output names the labelled class, None
    without labels; ``same`` the share for which both networks name the same one, None where that
    output has no class scores. ``sqnr_db`` is the energy of the original's outputs over that of
    the difference (infinite if there is none, minus infinity where a number is lost), ``cosine``
    that of the angle between them: over all elements of all outputs that hold real numbers.
    ``layers`` are products. ``notes`` say what was left out.
    """

    accuracy: float | None
    same: float | None
    cosine: float
    sqnr_db: float
    samples: int
    layers: tuple[LayerFidelity, ...]
    what: str
    notes: tuple[str, ...] = ()


def fidelity(original: onnx.ModelProto, smaller: onnx.ModelProto, data: Calibration) -> Fidelity:
    """Return what ``smaller`` leaves of the answers of ``original``, on the data's judged samples.

    Both run in onnxruntime, sample by sample; of what they make, sums alone are kept.

    Raises:
        InputError: other outputs, samples without an input, or labels that do not fit.
        NetworkError: weights that have no values, or a model that onnxruntime cannot run.
    """
    outputs = outputs_of(original, smaller)
    judged = data.judged_on
    done = compare(original, smaller, outputs, judged)
    total, answers = total_of(done.outputs), done.answers
    return Fidelity(
        accuracy=answers.right / answers.labelled if answers.labelled else None,
        same=None if answers.unnamed or not answers.rows else answers.same / answers.rows,
        cosine=total.cosine,
        sqnr_db=total.sqnr_db,
        samples=len(judged.samples),
        layers=tuple(LayerFidelity(n, s.sqnr_db, s.cosine) for n, s in done.layers.sums.items()),
        what=judged.what,
        notes=notes_of(done, total),
    )
