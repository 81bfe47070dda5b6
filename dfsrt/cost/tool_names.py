"""Names in other tools' profiles: of nodes that they have rewritten, and of operators."""

from __future__ import annotations

import re
from collections.abc import Callable

_PRODUCT = re.compile(
    r"conv(?!ert)|matmul|gemm|fully_?connected|innerproduct|(?<![a-z])linear|lstm|gru"
    r"|(?<![a-z])rnn",
    re.I,
)
"""What stands in operators that an array multiplies for; not in Convert and DequantizeLinear."""
_LONGEST = 1000
"""Characters of a name that endings are looked for in."""
_REWRITTEN = re.compile(
    r"_(?:rs|tp|mm|nc\d\w*|\d*(?:de)?conv|\d*gemm|i\d+|expand\d*|swp\d*|_u?int8|_b?float16)$"
)
"""What rknn-toolkit2's compiler appends to the name of a node that it has rewritten."""
_BLOCKED = "_nchwc"
"""What onnxruntime adds to the name of a kernel in blocked layout."""


def other_names(kind: str, name: str) -> tuple[str, ...]:
    """Return what a row called ``name`` in a profile of a ``kind`` may stand for, likelier first.

    Its own name is not among them.
    """
    return _OTHER_NAMES[kind](name) if kind in _OTHER_NAMES else ()


def multiplies(op: str) -> bool:
    """Whether an operator, as a tool calls it, has products, whatever was fused with it."""
    return _PRODUCT.search(op) is not None


def _without_suffixes(name: str) -> tuple[str, ...]:
    names: list[str] = []
    if len(name) > _LONGEST:
        return ()
    while (shorter := _REWRITTEN.sub("", name)) not in (name, ""):
        names.append(shorter)
        name = shorter
    return tuple(names)


def _joined(name: str) -> tuple[str, ...]:
    """Vela's names are of a TFLite file's tensors; those that it joined stand apart."""
    return tuple(part for part in name.split(";") if part) if ";" in name else ()


def _unblocked(name: str) -> tuple[str, ...]:
    return (name.removesuffix(_BLOCKED),) if name.endswith(_BLOCKED) else ()


_OTHER_NAMES: dict[str, Callable[[str], tuple[str, ...]]] = {
    "rknn": _without_suffixes,
    "vela": _joined,
    "onnxruntime": _unblocked,
}
