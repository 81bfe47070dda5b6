"""The choice: which channels of a model stay, and in words why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.base.errors import InputError
from dfsrt.network.reading import Reading
from dfsrt.optimize.channels.axes import Labelled, labelled
from dfsrt.optimize.channels.groups import MULTIPLE, groups_of, kept_channels, kept_count
from dfsrt.optimize.channels.saliency import saliency

if TYPE_CHECKING:
    import onnx

_REASONS = 3
"""Reasons that a message names."""


@dataclass(frozen=True)
class Choice:
    """A copy of a model with labelled axes, groups that lose channels, and which ones stay.

    Each of ``groups`` has shape ``(n_channels,)``, ``stays`` has ``(n_labels,)``.
    """

    model: Labelled
    groups: list[Ints]
    stays: Mask

    @classmethod
    def of(cls, model: onnx.ModelProto, share: float, reading: Reading) -> Choice:
        """Choose the channels that weigh least, a ``share`` of each group, to go.

        Raises:
            InputError: a share outside 0 to below 1, or one that removes nothing.
            NetworkError: a model that cannot be sized.
        """
        if not 0 <= share < 1:
            raise InputError(f"channels {share} is out of range; allowed is 0 to below 1")
        axes = labelled(model, reading)
        groups = groups_of(axes)
        _check(axes, [channels.size for channels in groups], share)
        return cls(axes, groups, kept_channels(groups, share, saliency(axes)))

    @property
    def kept(self) -> Mask:
        """Which labels stay, ``(n_labels,)``."""
        return self.stays[self.model.roots]

    @property
    def note(self) -> str:
        """What was removed, and what stays for which reason."""
        total = sum(channels.size for channels in self.groups)
        removed = sum(int(np.count_nonzero(~self.stays[channels])) for channels in self.groups)
        why = why_pinned(self.model)
        done = (
            f"{removed:,} of {total:,} channels removed (what goes together counts once), in "
            f"{_groups(len(self.groups))}"
        )
        return f"{done}; {why}" if why else done


def _check(model: Labelled, sizes: list[int], share: float) -> None:
    if not sizes:
        why = why_pinned(model) or "none is made by one layer and read by another"
        raise InputError(f"no channel can be removed: {why}; use prune:ratio=0.5")
    if share and all(kept_count(n, share) == n for n in sizes):
        raise InputError(
            f"channels {share} removes none: of {_groups(len(sizes))} the largest has "
            f"{max(sizes)} channels, and of {2 * MULTIPLE} and more a multiple of {MULTIPLE} "
            "stays; give a larger share"
        )


def _groups(count: int) -> str:
    return f"{count} group{'s' if count > 1 else ''}"


def why_pinned(model: Labelled) -> str:
    """Return in words for what reasons channels stay, most channels first; empty without."""
    counts = model.walk.labels.reasons.items()
    reasons = sorted(((n, why) for why, n in counts if n), key=lambda reason: -reason[0])
    named = [f"{n:,} stay since {why}" for n, why in reasons[:_REASONS]]
    more = len(reasons) - len(named)
    rest = [f"more for {more} other reasons"] if more else []
    return "; ".join([*named, *rest])
