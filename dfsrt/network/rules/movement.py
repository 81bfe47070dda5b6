"""Rules of the operators that only move data, and of the views that do not even do that."""

from __future__ import annotations

from dfsrt.network.layer import Kind
from dfsrt.network.rules.work import Call, Rule, Work

_SETTINGS: dict[str, frozenset[int]] = {
    "Pad": frozenset({1, 2, 3}),
    "Slice": frozenset({1, 2, 3, 4}),
    "Split": frozenset({1}),
    "Expand": frozenset({1}),
    "Tile": frozenset({1, 2}),
    "OneHot": frozenset({1, 2}),
    "ReverseSequence": frozenset({1}),
    "CenterCropPad": frozenset({1}),
    "Col2Im": frozenset({1, 2}),
    "MaxUnpool": frozenset({2}),
    "Reshape": frozenset({1}),
    "Squeeze": frozenset({1}),
    "Unsqueeze": frozenset({1}),
    "Dropout": frozenset({1, 2}),
}

_WHOLE = (
    "CenterCropPad",
    "Col2Im",
    "DepthToSpace",
    "MaxUnpool",
    "OneHot",
    "ReverseSequence",
    "Scatter",
    "ScatterElements",
    "ScatterND",
    "SpaceToDepth",
    "TensorScatter",
)
_MAYBE_NOTHING = ("Concat", "Expand", "Split", "Tile")
_PICKING = ("Crop", "Gather", "GatherElements", "GatherND", "Slice")
_VIEWS = ("BitCast", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze")
LOOP_ENDS = ("Loop", "Scan")
"""Where a loop begins and ends: its passes read and write parts of a tensor where it lies."""


def _whole(call: Call) -> Work:
    return Work(Kind.MOVE, settings=_settings(call))


def _settings(call: Call) -> frozenset[int]:
    return _SETTINGS.get(call.node.op, frozenset())


def _maybe_nothing(call: Call) -> Work:
    """A copy of a whole operand to the same shape is no work."""
    same = call.input(0).shape == call.output.shape
    return Work(Kind.VIEW if same else Kind.MOVE, settings=_settings(call))


def _picking(call: Call) -> Work:
    """Only what is picked is read; an element picked again is still in the buffer."""
    picked = min(call.output.elements, call.input(0).elements)
    return Work(Kind.MOVE, touched={0: picked}, settings=_settings(call))


def _transpose(call: Call) -> Work:
    """A permutation that keeps the order of all axes longer than one changes no byte."""
    shape = call.input(0).shape
    order = call.node.attribute("perm", ()) or tuple(reversed(range(len(shape))))
    long = [axis for axis in order if shape[axis] != 1]
    return Work(Kind.VIEW if long == sorted(long) else Kind.MOVE)


def _pad(call: Call) -> Work:
    pads = call.node.attribute("pads", ()) or call.value(1)
    nothing = pads is not None and not any(pads)
    return Work(Kind.VIEW if nothing else Kind.MOVE, settings=_settings(call))


def _view(call: Call) -> Work:
    return Work(Kind.VIEW, settings=_settings(call))


MOVEMENT_RULES: dict[str, Rule] = {
    **dict.fromkeys(_WHOLE, _whole),
    **dict.fromkeys(_MAYBE_NOTHING, _maybe_nothing),
    **dict.fromkeys(_PICKING, _picking),
    **dict.fromkeys((*_VIEWS, *LOOP_ENDS), _view),
    "Pad": _pad,
    "Transpose": _transpose,
}
