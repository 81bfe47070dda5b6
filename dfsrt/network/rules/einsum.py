"""Einsum as products: any contraction, pair by pair from the left."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from dfsrt.base.errors import NetworkError
from dfsrt.network.layer import Gemm

Sizes = dict[str, int]


def einsum_work(
    node: str, equation: str, shapes: Sequence[tuple[int, ...]]
) -> tuple[tuple[Gemm, ...], int]:
    """Return the products that compute ``equation`` and the additions made before them.

    There are no products where there is a single operand.

    More than two operands are contracted from left to right, and a label that no later operand
    nor the output needs is summed at once.

    A label that only one operand has and nobody needs is summed before the product, one addition
    per element of the operand.

    Raises:
        NetworkError: the equation does not fit the shapes.
    """
    terms, output, sizes = _parse(node, equation, shapes)
    gemms, additions = [], 0
    left = terms[0]
    for index, right in enumerate(terms[1:], start=1):
        needed = set(output).union(*terms[index + 1 :])
        gemms.append(_pair(left, right, needed, sizes))
        additions += _summed(left, right | needed, sizes) + _summed(right, left | needed, sizes)
        left = (left | right) & needed
    return tuple(gemms), additions


def _pair(left: set[str], right: set[str], needed: set[str], sizes: Sizes) -> Gemm:
    """Labels in both are batch where needed later, else contracted; the rest: rows, columns."""
    both = left & right
    return _laid_out(
        m=_size((left - right) & needed, sizes),
        k=_size(both - needed, sizes),
        n=_size((right - left) & needed, sizes),
        count=_size(both & needed, sizes),
    )


def _laid_out(m: int, k: int, n: int, count: int) -> Gemm:
    """Fold the batch into rows where one product a batch would leave the array all but empty.

    That is elementwise work and dot products (at most one of m, k, n above 1) and outer products;
    the multiply-accumulates stay the same.
    """
    if count == 1:
        return Gemm(m, k, n)
    if k == 1 and min(m, n) > 1:
        return Gemm(m * count, 1, n)
    if [m, k, n].count(1) >= 2:
        return Gemm(m * n * count, k, 1)
    return Gemm(m, k, n, count)


def _summed(term: set[str], kept: set[str], sizes: Sizes) -> int:
    """Additions that sum the labels of ``term`` that are not ``kept``, before the product."""
    return 0 if term <= kept else _size(term, sizes)


def _size(labels: Iterable[str], sizes: Sizes) -> int:
    return math.prod(sizes[label] for label in labels)


def _parse(
    node: str, equation: str, shapes: Sequence[tuple[int, ...]]
) -> tuple[list[set[str]], list[str], Sizes]:
    left, arrow, right = equation.replace(" ", "").partition("->")
    texts = left.split(",")
    if len(texts) != len(shapes):
        raise _misfit(node, equation, f"it has {len(texts)} terms for {len(shapes)} operands")
    sizes: Sizes = {}
    labels = [
        _labels(node, equation, text, shape, sizes)
        for text, shape in zip(texts, shapes, strict=True)
    ]
    dots = sorted(label for label in sizes if label.startswith("."))[::-1]
    output = [*(dots if "..." in right else ()), *right.replace("...", "")]
    if not arrow:
        output = [*dots, *_once(left)]
    for label in output:
        if label not in sizes:
            raise _misfit(node, equation, f"output label '{label}' is in no operand")
    # An operand of size 1 that is stretched takes no part in that label.
    terms = [{a for a, size in term if size == sizes[a]} for term in labels]
    return terms, output, sizes


def _once(text: str) -> list[str]:
    """Labels that occur once, in alphabetical order: the output where no arrow is given."""
    letters = text.replace(".", "").replace(",", "")
    return sorted(letter for letter in set(letters) if letters.count(letter) == 1)


def _labels(
    node: str, equation: str, text: str, shape: tuple[int, ...], sizes: Sizes
) -> list[tuple[str, int]]:
    """Name each axis; those under an ellipsis are numbered from the right."""
    before, dots, after = text.partition("...")
    hidden = len(shape) - len(before) - len(after)
    if hidden < 0 or (hidden and not dots):
        raise _misfit(node, equation, f"term '{text}' does not fit shape {list(shape)}")
    names = [*before, *(f".{hidden - i:02d}" for i in range(hidden)), *after]
    pairs = list(zip(names, shape, strict=True))
    for name, size in pairs:
        known = sizes.setdefault(name, size)
        if known != size and 1 not in (known, size):
            raise _misfit(node, equation, f"label '{name}' is both {known} and {size}")
        sizes[name] = max(known, size)
    return pairs


def _misfit(node: str, equation: str, what: str) -> NetworkError:
    return NetworkError(
        f"node '{node}' (Einsum '{equation}'): {what}; check the equation and export again"
    )
