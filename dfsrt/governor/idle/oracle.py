"""``oracle``: the least energy, by knowing when the next request comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.rule import ORACLE


@dataclass(frozen=True, slots=True)
class Oracle(BuiltInIdle):
    """The least energy by knowing when the next requests come; what others are measured by."""

    name: ClassVar[str] = "oracle"
    kind: ClassVar[int] = ORACLE
    sees_next: ClassVar[bool] = True
