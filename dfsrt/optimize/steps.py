"""Steps as people type them: ``int8,prune:nm=2of4:refit``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dfsrt.base.errors import InputError
from dfsrt.optimize.registry import make_transform, transform_label
from dfsrt.optimize.transform import Transform

_FLAG = re.compile(r":([a-z_]+)(?=:|$)")
"""A parameter without a value: yes."""


def parse_steps(text: str) -> tuple[Transform, ...]:
    """Return the transforms that ``text`` names, in order, with commas between them.

    A parameter without a value is switched on: ``prune:refit``.

    Raises:
        InputError: no step, an unknown one, or a parameter that does not fit.
    """
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise InputError(f"steps '{text}' have an empty one; write them like int8,prune:ratio=0.5")
    return tuple(make_transform(_FLAG.sub(r":\1=true", name)) for name in names)


def steps_text(steps: Sequence[Transform]) -> str:
    """Return ``steps`` as ``parse_steps`` reads them."""
    return ",".join(transform_label(step) for step in steps)
