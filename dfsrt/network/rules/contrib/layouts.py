"""Images that change between plain and blocked layouts of a processor, and grow in blocks."""

from __future__ import annotations

from dfsrt.network.layer import Kind
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.lane_ops import RESIZE_TAPS
from dfsrt.network.rules.resizing import resize_window
from dfsrt.network.rules.work import Call, Work


def _into_blocks(site: Site) -> tuple[Typed, ...]:
    element, (batch, *rest) = site.operand(0)[0], site.shape(0)
    if site.node.attribute("channels_last", 0):
        rest = [rest[-1], *rest[:-1]]
    return ((element, (batch, *rest)),)


def _out_of_blocks(site: Site) -> tuple[Typed, ...]:
    element, (batch, channels, *sizes) = site.operand(0)[0], site.shape(0)
    channels = site.node.attribute("channels", channels)
    if site.node.attribute("channels_last", 0):
        return ((element, (batch, *sizes, channels)),)
    return ((element, (batch, channels, *sizes)),)


def _grown(site: Site) -> tuple[Typed, ...]:
    element, shape = site.operand(0)
    scales = site.node.attribute("scales", (1,) * len(shape))
    if len(scales) != len(shape):
        raise site.refuse(f"scales {list(scales)} do not fit an image of {list(shape)}")
    return ((element, tuple(int(n * s) for n, s in zip(shape, scales, strict=True))),)


def _grown_work(call: Call) -> Work:
    taps = RESIZE_TAPS.get(call.node.attribute("mode", "nearest"), 1)
    changed = sum(a != b for a, b in zip(call.input(0).shape, call.output.shape, strict=True))
    ops = taps**changed * call.output.elements
    return Work(Kind.VECTOR, vector_ops=ops, window=resize_window(call))


def _reordered(call: Call) -> Work:
    """Blocks are a processor's own affair; only channels that change places are moved."""
    last = call.node.attribute("channels_last", 0)
    return Work(Kind.MOVE if last else Kind.VIEW)


LAYOUTS: dict[str, Operator] = {
    "ReorderInput": Operator(_into_blocks, _reordered),
    "ReorderOutput": Operator(_out_of_blocks, _reordered),
    "Upsample": Operator(_grown, _grown_work),
}
