"""Numbers in place of keys: 0, 1, 2, ... in order of appearance."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


class Numbering(dict[Key, int]):
    """Keys with their numbers; asking for a new key's number gives it the next one."""

    def __missing__(self, key: Key) -> int:
        self[key] = number = len(self)
        return number
