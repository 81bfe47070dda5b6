"""``none``: the NPU stays up, its clock stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.rule import NONE


@dataclass(frozen=True, slots=True)
class StayUp(BuiltInIdle):
    """No state is ever entered."""

    name: ClassVar[str] = "none"
    kind: ClassVar[int] = NONE
