"""Shapes of standard operators that the library infers wrongly, or does not know any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dfsrt.network.file.constants import Array
from dfsrt.network.graph import Node

Shapes = Sequence[tuple[int, ...] | None]
Values = Sequence[Array | None]


def has_own_shape(node: Node) -> bool:
    """Whether ``own_shape`` knows the operator."""
    return not node.domain and node.op in _RULES


def own_shape(node: Node, shapes: Shapes, values: Values) -> tuple[int, ...] | None:
    """Return the shape of the first output, or None where the library's stands."""
    rule = _RULES.get(node.op) if not node.domain else None
    return None if rule is None else rule(node, shapes, values)


def _stft(node: Node, shapes: Shapes, values: Values) -> tuple[int, ...] | None:
    """Half the bins and one of a transform that is one-sided, as it is where nothing is said."""
    signal, step = shapes[0], values[1]
    window = shapes[2] if len(shapes) > 2 else None
    length = values[3] if len(values) > 3 else None
    if signal is None or step is None or not step.size or (length is None and not window):
        return None
    points = int(length.reshape(-1)[0]) if length is not None else (window or (0,))[0]
    hop = int(step.reshape(-1)[0])
    if hop < 1 or not 1 <= points <= signal[1]:
        return None
    bins = points // 2 + 1 if node.attribute("onesided", 1) else points
    return signal[0], 1 + (signal[1] - points) // hop, bins, 2


def _crop(node: Node, shapes: Shapes, _values: Values) -> tuple[int, ...] | None:
    """What is left between the borders (left, top, right, bottom), or a part of ``scale``'s size.

    Source: the text of ``Crop`` in operator set 1, an experiment that converters wrote for years.
    """
    border, scale = node.attribute("border", ()), node.attribute("scale", ())
    image = shapes[0]
    if image is None or len(image) != 4:
        return None
    if len(scale) == 2:
        return (*image[:2], *scale)
    if len(border) != 4:
        return None
    left, top, right, bottom = border
    return (*image[:2], image[2] - top - bottom, image[3] - left - right)


def _spread(node: Node, shapes: Shapes, _values: Values) -> tuple[int, ...] | None:
    """The sizes that ``output_shape`` says, whether or not they are larger than the image's.

    Source: onnxruntime, which cuts away or adds what there is too much or too little.
    """
    sizes = node.attribute("output_shape", ())
    data, weight = shapes[0], shapes[1]
    if not sizes or data is None or weight is None or len(sizes) < len(data) - 2 or min(sizes) < 1:
        return None
    return (data[0], weight[1] * node.attribute("group", 1), *sizes[-(len(data) - 2) :])


_RULES: dict[str, Callable[[Node, Shapes, Values], tuple[int, ...] | None]] = {
    "ConvTranspose": _spread,
    "Crop": _crop,
    "STFT": _stft,
}
