"""A small writer of TFLite files in int8: tensors, operators and weights, by the public schema.

Numbers are slots of the schema's tables (tensorflow/lite/schema/schema.fbs, version 3). It needs
flatbuffers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import flatbuffers
import numpy as np
from flatbuffers import number_types as n

OPERATORS = {
    "ADD": 0, "AVERAGE_POOL_2D": 1, "CONCATENATION": 2, "CONV_2D": 3, "DEPTHWISE_CONV_2D": 4,
    "FULLY_CONNECTED": 9, "LOGISTIC": 14, "MAX_POOL_2D": 17, "MUL": 18, "RELU": 19, "RELU6": 21,
    "RESHAPE": 22, "SOFTMAX": 25, "PAD": 34, "UNIDIRECTIONAL_SEQUENCE_LSTM": 44,
    "RESIZE_NEAREST_NEIGHBOR": 97, "LEAKY_RELU": 98,
}  # fmt: skip
ACTIVATIONS = {"": 0, "relu": 1, "relu6": 3, "tanh": 4}
_INT32, _INT16, _INT8 = 2, 7, 9
_POOL = "padding:0:b stride_w:1:i stride_h:2:i filter_w:3:i filter_h:4:i act:5:b"
_OPTIONS = {
    # Of each operator: the options' number in the union, then name, slot and type of each.
    "CONV_2D": (1, "padding:0:b stride_w:1:i stride_h:2:i act:3:b dilation_w:4:i dilation_h:5:i"),
    "DEPTHWISE_CONV_2D": (
        2, "padding:0:b stride_w:1:i stride_h:2:i multiplier:3:i act:4:b dilation_w:5:i "
        "dilation_h:6:i",
    ),
    "AVERAGE_POOL_2D": (5, _POOL),
    "MAX_POOL_2D": (5, _POOL),
    "FULLY_CONNECTED": (8, "act:0:b"),
    "SOFTMAX": (9, "beta:0:f"),
    "CONCATENATION": (10, "axis:0:i act:1:b"),
    "ADD": (11, "act:0:b"),
    "MUL": (21, "act:0:b"),
    "PAD": (22, ""),
    "RESIZE_NEAREST_NEIGHBOR": (74, ""),
    "LEAKY_RELU": (75, "alpha:0:f"),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (71, "act:0:b cell_clip:1:f projection_clip:2:f"),
}  # fmt: skip


@dataclass
class TfliteModel:
    """Collects tensors and operators, and gives the bytes of the file."""

    name: str
    tensors: list[tuple[str, tuple[int, ...], int, bytes, list[float], int, int]] = field(
        default_factory=list
    )
    operators: list[tuple[str, list[int], list[int], Mapping[str, float]]] = field(
        default_factory=list
    )
    inner: dict[int, list[int]] = field(default_factory=dict)
    """Tensors inside an operator, by its output: they have scales and no size."""

    def tensor(
        self, name: str, shape: Sequence[int], scale: float = 0.05, zero_point: int = 0
    ) -> int:
        """Add a map in int8; return its number."""
        return self._add(name, shape, _INT8, b"", [scale], zero_point, 0)

    def tensor16(self, name: str, shape: Sequence[int], scale: float) -> int:
        """Add a map in int16, such as the state of a cell; return its number."""
        return self._add(name, shape, _INT16, b"", [scale], 0, 0)

    def weight(self, name: str, values: np.ndarray, scales: Sequence[float], axis: int = 0) -> int:
        """Add weights in int8 with a scale a channel; return their number."""
        data = values.astype(np.int8).tobytes()
        return self._add(name, values.shape, _INT8, data, list(scales), 0, axis)

    def bias(self, name: str, values: np.ndarray, scales: Sequence[float]) -> int:
        """Add biases in int32 with a scale a channel; return their number."""
        return self._add(name, values.shape, _INT32, _int32(values), list(scales), 0, 0)

    def ints(self, name: str, values: Sequence[int] | np.ndarray) -> int:
        """Add whole numbers that an operator takes, such as axes; return their number."""
        array = np.asarray(values)
        return self._add(name, array.shape, _INT32, _int32(array), [], 0, 0)

    def operator(self, op: str, inputs: Sequence[int], output: int, **options: float) -> int:
        """Add an operator; return the number of its output."""
        self.operators.append((op, list(inputs), [output], options))
        return output

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return self.tensors[tensor][1]

    def to_bytes(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """Return the file."""
        b = flatbuffers.Builder(1 << 20)
        buffers = [_table(b, {})]
        tensors = []
        for name, shape, kind, data, scales, zero, axis in self.tensors:
            number = len(buffers) if data else 0
            if data:
                buffers.append(_table(b, {0: ("o", _bytes(b, data))}))
            fields = {
                0: ("o", _vector(b, shape, n.Int32Flags)), 1: ("b", kind), 2: ("u", number),
                3: ("o", b.CreateString(name)),
            }  # fmt: skip
            if scales:
                fields[4] = ("o", _quantization(b, scales, zero, axis))
            tensors.append(_table(b, fields))
        codes = sorted({op for op, *_ in self.operators})
        operators = [self._operator(b, codes, *entry) for entry in self.operators]
        graph = _table(b, {
            0: ("o", _offsets(b, tensors)), 1: ("o", _vector(b, inputs, n.Int32Flags)),
            2: ("o", _vector(b, outputs, n.Int32Flags)), 3: ("o", _offsets(b, operators)),
            4: ("o", b.CreateString(self.name)),
        })  # fmt: skip
        known = [
            _table(b, {0: ("b", OPERATORS[op]), 2: ("i", 1), 3: ("i", OPERATORS[op])})
            for op in codes
        ]
        model = _table(b, {
            0: ("u", 3), 1: ("o", _offsets(b, known)), 2: ("o", _offsets(b, [graph])),
            3: ("o", b.CreateString(self.name)), 4: ("o", _offsets(b, buffers)),
        })  # fmt: skip
        b.Finish(model, b"TFL3")
        return bytes(b.Output())

    def _add(self, *entry: object) -> int:
        name, shape, *rest = entry
        self.tensors.append((name, tuple(int(s) for s in shape), *rest))  # type: ignore
        return len(self.tensors) - 1

    def _operator(self, b, codes, op, inputs, outputs, options) -> int:
        fields = {
            0: ("u", codes.index(op)), 1: ("o", _vector(b, inputs, n.Int32Flags)),
            2: ("o", _vector(b, outputs, n.Int32Flags)),
        }  # fmt: skip
        if op in _OPTIONS:
            union, text = _OPTIONS[op]
            slots = {
                part.split(":")[0]: (int(part.split(":")[1]), part.split(":")[2])
                for part in text.split()
            }
            made = {slots[key][0]: (slots[key][1], value) for key, value in options.items()}
            fields |= {3: ("b", union), 4: ("o", _table(b, made))}
        if outputs[0] in self.inner:
            fields[8] = ("o", _vector(b, self.inner[outputs[0]], n.Int32Flags))
        return _table(b, fields)


def _int32(values: np.ndarray) -> bytes:
    return values.astype("<i4").tobytes()


def _quantization(b, scales, zero, axis) -> int:
    fields = {
        2: ("o", _vector(b, scales, n.Float32Flags)),
        3: ("o", _vector(b, [zero] * len(scales), n.Int64Flags)),
    }
    return _table(b, fields | ({6: ("i", axis)} if axis else {}))


def _table(b: flatbuffers.Builder, fields: Mapping[int, tuple[str, float]]) -> int:
    b.StartObject(max(fields, default=-1) + 1)
    for slot, (kind, value) in sorted(fields.items()):
        if kind == "o":
            b.PrependUOffsetTRelativeSlot(slot, value, 0)
        elif kind == "b":
            b.PrependInt8Slot(slot, int(value), -128)
        elif kind == "u":
            b.PrependUint32Slot(slot, int(value), 2**32 - 1)
        elif kind == "i":
            b.PrependInt32Slot(slot, int(value), -(2**31))
        else:
            b.PrependFloat32Slot(slot, value, float("inf"))
    return b.EndObject()


def _vector(b: flatbuffers.Builder, values: Sequence[float], kind) -> int:
    b.StartVector(kind.bytewidth, len(values), kind.bytewidth)
    for value in reversed(values):
        b.Prepend(kind, value)
    return b.EndVector()


def _bytes(b: flatbuffers.Builder, data: bytes) -> int:
    """Bytes at an address that 16 divides, as buffers of weights must lie."""
    b.StartVector(1, len(data), 16)
    b.head -= len(data)
    b.Bytes[b.head : b.head + len(data)] = data
    return b.EndVector()


def _offsets(b: flatbuffers.Builder, made: Sequence[int]) -> int:
    b.StartVector(4, len(made), 4)
    for offset in reversed(made):
        b.PrependUOffsetTRelative(offset)
    return b.EndVector()
