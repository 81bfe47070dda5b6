"""What a refit did, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class LayerRefit:
    """One layer, and its mean squared error to the original's output on held-out rows.

    ``rows`` were fitted on, ``held_out`` judged on. ``left`` says why the layer was left as it was,
    and is empty where the refit was taken; one that was not tried has no error.
    """

    weight: str
    rows: int = 0
    held_out: int = 0
    before: float | None = None
    after: float | None = None
    left: str = ""

    @property
    def taken(self) -> bool:
        """Whether the layer was changed."""
        return not self.left

    def because(self, left: str) -> LayerRefit:
        """Return that the layer was left, and why."""
        return replace(self, left=left)

    def judged(self, before: float, after: float) -> LayerRefit:
        """Return the errors on held-out rows, and that the layer is left if its is not lower."""
        left = "" if after < before else "no better on held-out rows"
        return replace(self, before=before, after=after, left=left)


@dataclass(frozen=True, slots=True)
class RefitFacts:
    """All layers with a freedom, in the order in which they were tried."""

    layers: tuple[LayerRefit, ...]

    @property
    def taken(self) -> int:
        """Layers that were changed."""
        return sum(layer.taken for layer in self.layers)

    def __str__(self) -> str:
        reasons = [layer.left for layer in self.layers if layer.left]
        why = "; ".join(f"{reasons.count(r)} left: {r}" for r in dict.fromkeys(reasons))
        text = f"{self.taken} of {len(self.layers)} layers refitted"
        return f"{text} ({why})" if why else text
