"""Small products and buffers of all kinds, and their bytes by walking."""

from __future__ import annotations

from hypothesis import strategies as st

from dfsrt.cost.traffic import Buffer, LoopNest, Operand
from dfsrt.network.axis import Axis

AXES = st.builds(
    Axis,
    size_in=st.integers(1, 6),
    size_out=st.integers(1, 4),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 2),
    pad=st.integers(-1, 3),
    dilation=st.integers(1, 2),
    transposed=st.booleans(),
)
OPERANDS = st.sampled_from([(8, False), (8, False), (4, False), (16, False), (8, True)])


@st.composite
def _nests(draw):
    """Small products; operands of several widths, some of which lie on chip."""
    c, k, groups, images = (draw(st.integers(1, n)) for n in (4, 4, 2, 2))
    rows, cols = draw(AXES), draw(AXES)
    inputs = c * rows.size_in * cols.size_in * groups * images
    weights = c * k * rows.kernel * cols.kernel * groups
    results = k * rows.size_out * cols.size_out * groups * images
    operands = []
    for count in (inputs, weights, results):
        bits, in_place = draw(OPERANDS)
        operands.append(Operand(0 if in_place else -(-count * bits // 8), bits, in_place))
    return LoopNest(c, k, rows, cols, *operands, groups=groups, images=images)


@st.composite
def _buffers(draw):
    double, lines = draw(st.booleans()), draw(st.booleans())
    if draw(st.booleans()):
        return Buffer(draw(st.integers(1, 300)), None, double, lines)
    parts = tuple(draw(st.integers(1, 120)) for _ in range(3))
    return Buffer(sum(parts), parts, double, lines)


def bytes_of(nest, walked):
    """What a walk moves, counted in bytes of operands of other widths."""
    inputs, weights, _, partials = walked
    size = nest.channels * nest.rows.size_in * nest.cols.size_in * nest.groups * nest.images
    elements = nest.channels * nest.kernels * nest.rows.kernel * nest.cols.kernel * nest.groups
    return (
        -(-nest.input.bytes * inputs // size) + nest.weight.bytes * weights // elements
        + nest.output.bytes + 2 * partials
    )  # fmt: skip


NESTS, BUFFERS = _nests(), _buffers()
