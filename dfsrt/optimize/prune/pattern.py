"""How many of a group of weights are kept, as people type it: ``2of4``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dfsrt.base.errors import InputError

LARGEST_GROUP = 32


@dataclass(frozen=True, slots=True)
class Pattern:
    """At most ``kept`` of each ``group`` of neighbouring inputs are not zero."""

    kept: int
    group: int

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Return what ``2of4`` or ``2:4`` stands for.

        Raises:
            InputError: other text, or not fewer kept than there are.
        """
        match = re.fullmatch(r"(\d{1,4})(?:of|:)(\d{1,4})", text)
        kept, group = map(int, match.groups()) if match else (0, 0)
        if not 1 <= kept < group <= LARGEST_GROUP:
            raise InputError(
                f"nm '{text}' is no pattern; write how many stay of how many, like 2of4: fewer "
                f"than there are, of {LARGEST_GROUP} at most"
            )
        return cls(kept, group)

    def __str__(self) -> str:
        return f"{self.kept}of{self.group}"
