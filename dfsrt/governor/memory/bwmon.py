"""``bwmon``: the slowest point that covers the most that was moved lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from dfsrt.base.errors import InputError
from dfsrt.base.plugin import bytes_param, number_param, time_param
from dfsrt.governor.memory.governor import PAST, BaseMemoryGovernor, BusView


@dataclass(frozen=True, slots=True)
class Bwmon(BaseMemoryGovernor):
    """The slowest point whose bandwidth covers the highest of the last counts.

    A count holds for the last ``recent`` periods, and is then forgotten at once. A point covers
    what is ``share`` percent of its bandwidth. It begins at the top clock.
    Source: Linux drivers/soc/qcom/icc-bwmon.c for the rule and for counting over 4 ms; how long a
    count holds is assumed, 10 of 1 to 20 periods: Qualcomm's bw_hwmon begins to decay after 10.

    Raises:
        InputError: ``recent`` is out of range.
    """

    name: ClassVar[str] = "bwmon"
    period: int = time_param("how long bytes are counted", 4_000_000)
    recent: Annotated[int, "counts that are looked back at"] = 10
    share: float = number_param("percent of a point's bandwidth that is to be used", 100, 1, 100)
    other: int = bytes_param("bytes a second that others than the NPU move", 0)

    def __post_init__(self) -> None:
        if not 1 <= self.recent <= PAST:
            raise InputError(f"bwmon: recent={self.recent} is out of range; allowed is 1 to {PAST}")

    @property
    def sampling_ns(self) -> int | None:
        """The period of a count."""
        return self.period

    def choose(self, view: BusView) -> int:
        """Return the point for the highest recent count; the top one before the first."""
        if not view.moved_bytes:
            return view.top
        most = max(view.moved_bytes[: self.recent])
        need = (most / (view.period_ns * 1e-9) + self.other) * 100 / self.share
        covers = [k for k, given in enumerate(view.bandwidth_bytes_per_s) if given >= need]
        return covers[0] if covers else view.top
