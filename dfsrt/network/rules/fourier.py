"""Rules of the operators on signals: Fourier transforms, windows and mel filters.

Source: operations of the fast transform as FFTW's authors count them: 5 N log2 N of N complex
points, half of that where the points are real (http://www.fftw.org/speed/method.html).
"""

from __future__ import annotations

from dfsrt.network.rules.lane_ops import FUNCTION
from dfsrt.network.rules.vector import vector_work
from dfsrt.network.rules.work import Call, Rule, Work

_OPS_A_POINT = 5
_COSINES = {"BlackmanWindow": 2, "HammingWindow": 1, "HannWindow": 1}


def _transform_ops(points: int, real: bool) -> int:
    """Operations of one transform; a length that is no power of two counts as the next one."""
    complex_ops = _OPS_A_POINT * points * max(points - 1, 0).bit_length()
    return complex_ops // 2 if real else complex_ops


def _dft(call: Call) -> Work:
    """One transform for each line along the axis, of the points there or of those asked for."""
    data, output = call.input(0).shape, call.output.shape
    axis = _axis(call, len(data))
    length = call.value(1)
    points = data[axis] if length is None else int(length.reshape(-1)[0])
    back = call.node.attribute("inverse", 0) and call.node.attribute("onesided", 0)
    lines = call.output.elements // max(output[axis] * output[-1], 1)
    real = data[-1] == 1 or bool(back)
    return vector_work(lines * _transform_ops(points, real), frozenset({1, 2}))


def _axis(call: Call, rank: int) -> int:
    """The axis of the transform: an operand since operator set 20, before it an attribute."""
    value = call.value(2)
    axis = int(value.reshape(-1)[0]) if value is not None else call.node.attribute("axis", -2)
    if "axis" not in call.node.attributes and len(call.node.inputs) < 3:
        axis = 1 if rank == 3 else axis
    if not -rank <= axis < rank:
        raise call.refuse(f"axis {axis} does not fit {rank} axes")
    return axis


def _stft(call: Call) -> Work:
    """A product with the window and a transform for each frame."""
    batch, frames = call.output.shape[:2]
    window, length = call.optional(2), call.value(3)
    if length is not None:
        points = int(length.reshape(-1)[0])
    elif window is not None:
        points = window.shape[0]
    else:
        raise call.refuse("it has neither a window nor a frame length")
    real = call.input(0).shape[-1] == 1 or len(call.input(0).shape) == 2
    weighted = points * (1 if real else 2) * (window is not None)
    ops = batch * frames * (weighted + _transform_ops(points, real))
    return vector_work(ops, frozenset({1, 3}))


def _window(call: Call) -> Work:
    """An angle, its cosines, each with a factor and a sum, for every point."""
    per_point = 1 + _COSINES[call.node.op] * (FUNCTION + 2)
    return vector_work(per_point * call.output.elements, frozenset({0}))


def _mel(call: Call) -> Work:
    """Two slopes for every weight: a difference and a division each, and the lesser of them."""
    ops = (2 * (FUNCTION + 1) + 2) * call.output.elements
    return vector_work(ops, frozenset(range(5)))


FOURIER_RULES: dict[str, Rule] = {
    "DFT": _dft,
    "MelWeightMatrix": _mel,
    "STFT": _stft,
    **dict.fromkeys(_COSINES, _window),
}
