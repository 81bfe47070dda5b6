"""Calibration data: what a model runs on while it is made smaller, and what the answers are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.network.samples import Feeds


@dataclass(frozen=True, slots=True)
class Calibration:
    """Inputs by name, sample by sample, in the model's own shapes, and ``what`` they are.

    ``labels`` has shape ``(n_samples,)``: the class of each sample, None where nobody says.
    ``held_out`` are samples that no step looks at: fidelity is measured on them. Without any, all
    are used for both. ``random`` inputs are such that no network was trained on.

    Raises:
        InputError: no sample, or not one label a sample.
    """

    samples: tuple[Feeds, ...]
    what: str
    labels: Ints | None = None
    held_out: Calibration | None = None
    random: bool = False

    def __post_init__(self) -> None:
        if not self.samples:
            raise InputError("calibration data have no sample; give one at least")
        if self.labels is not None and len(self.labels) != len(self.samples):
            raise InputError(
                f"calibration data have {len(self.samples)} samples and {len(self.labels)} labels; "
                "give one label a sample"
            )

    @property
    def judged_on(self) -> Calibration:
        """The samples that fidelity is measured on."""
        return self if self.held_out is None else self.held_out

    def first(self, count: int) -> Calibration:
        """Return the first ``count`` of the samples, the held-out ones as they are."""
        labels = None if self.labels is None else self.labels[:count]
        return replace(self, samples=self.samples[:count], labels=labels)
