"""Models made on the spot, fitted once: kept on disk by the device's numbers."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from dfsrt.base.json import encode
from dfsrt.base.keep import Keep
from dfsrt.base.notice import notice
from dfsrt.device.npu import Npu
from dfsrt.power.card import device_digest
from dfsrt.power.fitted import Fit
from dfsrt.power.learned import LearnedPowerModel

_KEEP = Keep("fits", most_bytes=4_000_000)
_IN_MEMORY = 8
UNKNOWN = "the package's sources are changing, or the disk is full"


def made_model(npu: Npu) -> LearnedPowerModel:
    """Return the model fitted to readings of ``npu``: the kept one, else one that is kept from now.

    A device of which any number has changed gets another. One line on standard error says when
    one was fitted, and where it is kept or why it is not.

    Raises:
        InputError: no layer draws power, so there is nothing to learn.
    """
    fit = _fit_of(_Device(npu))
    return fit.as_model("fitted", tuple(point.freq_hz for point in npu.memory.points))


class _Device:
    """A device, equal to another where all its numbers are."""

    def __init__(self, npu: Npu) -> None:
        points = [(p.freq_hz, p.bandwidth_bytes_per_s) for p in npu.memory.points]
        self.npu, self.digest = npu, f"{device_digest(npu)}{points or ''}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Device) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=_IN_MEMORY)
def _fit_of(device: _Device) -> Fit:
    kept = _KEEP.get_as(_decoded, device.digest)
    if kept is not None:
        return kept
    from dfsrt.power.fit import fit_device

    fit = fit_device(device.npu)
    is_kept = _KEEP.put(device.digest, value=encode(fit))
    where = f"kept in {_KEEP.folder}" if is_kept else f"not kept: {_KEEP.why_not() or UNKNOWN}"
    notice(f"fitted a power model for {device.npu.name} once; {where}")
    return fit


def _decoded(value: bytes) -> Fit:
    return msgspec.json.decode(value, type=Fit)
