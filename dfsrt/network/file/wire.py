"""A model's bytes without its weights: a walk over protobuf's wire format that skips them.

A file of a trained network is nearly all weights, of which shapes are all that is needed. They are
stepped over, never read; what is left is a small model that the library parses.

Source: protobuf's encoding, https://protobuf.dev/programming-guides/encoding (varints, records).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import onnx

from dfsrt.network.file.constants import PAYLOADS, VALUE_LIMIT

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

KEPT_BYTES = 10 * VALUE_LIMIT
"""Bytes up to which a payload is kept: those of all constants whose values may be asked for."""
DEEPEST = 100
"""Messages in one another, as protobuf allows them."""

_WINDOW = 1 << 16
_VARINT, _FIXED64, _RECORD, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_ABSENT = bytes((9 << 3 | _RECORD, 1, 0))
"""``raw_data`` of one byte: a payload that no shape fits, in place of the one left out."""


class WireError(ValueError):
    """Bytes that are no message, or end too early."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a message: its number, type, and where it, its contents and the next begin."""

    number: int
    wire: int
    start: int
    inner: int
    stop: int


def without_payloads(file: BinaryIO, size: int) -> bytes:
    """Return the model in ``file``, which has ``size`` bytes, with weights cut down to a byte.

    Raises:
        WireError: the file does not hold a message, or ends in one.
    """
    source = _Source(file)
    return b"".join(_pieces(source, 0, size, onnx.ModelProto.DESCRIPTOR, 0))


def _pieces(
    source: _Source, start: int, stop: int, kind: Descriptor, depth: int
) -> Iterator[bytes]:
    """Yield what is kept of the message from ``start`` to ``stop``."""
    if depth > DEEPEST:
        raise WireError("messages nest too deeply")
    kept = start
    for field in _fields(source, start, stop):
        if field.wire != _RECORD or field.stop - field.inner <= KEPT_BYTES:
            continue
        known = kind.fields_by_number.get(field.number)
        if known is None:
            continue
        if known.message_type is not None:
            yield source.take(kept, field.start)
            inner = _pieces(source, field.inner, field.stop, known.message_type, depth + 1)
            yield from _record(field.number, b"".join(inner))
            kept = field.stop
        elif kind is onnx.TensorProto.DESCRIPTOR and known.name in PAYLOADS:
            yield source.take(kept, field.start)
            yield _ABSENT
            kept = field.stop
    yield source.take(kept, stop)


def _fields(source: _Source, start: int, stop: int) -> Iterator[_Field]:
    at = start
    while at < stop:
        tag, inner = source.varint(at, stop)
        wire = tag & 7
        if wire == _VARINT:
            _, end = source.varint(inner, stop)
        elif wire == _RECORD:
            length, inner = source.varint(inner, stop)
            end = inner + length
        elif wire in _FIXED:
            end = inner + _FIXED[wire]
        else:
            raise WireError(f"a field of type {wire}")
        if end > stop or not tag >> 3:
            raise WireError("a field without a number, or longer than its message")
        yield _Field(tag >> 3, wire, at, inner, end)
        at = end


def _record(number: int, contents: bytes) -> tuple[bytes, bytes, bytes]:
    return _varint(number << 3 | _RECORD), _varint(len(contents)), contents


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*groups, value))


class _Source:
    """A file of which a window lies in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at, self._window = 0, b""

    def take(self, start: int, stop: int) -> bytes:
        """Return bytes as they are."""
        self._file.seek(start)
        data = self._file.read(stop - start)
        if len(data) < stop - start:
            raise WireError("the file ends too early")
        return data

    def varint(self, at: int, stop: int) -> tuple[int, int]:
        """Return the number that begins at ``at``, and where it ends."""
        near = at - self._at
        if 0 <= near < len(self._window) and at < stop and self._window[near] < 0x80:
            return self._window[near], at + 1  # most are of one byte
        value = 0
        for place in range(10):
            if at + place >= stop:
                break
            byte = self._byte(at + place)
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF, at + place + 1
        raise WireError("a number without an end")

    def _byte(self, at: int) -> int:
        if not 0 <= at - self._at < len(self._window):
            self._file.seek(at)
            self._at, self._window = at, self._file.read(_WINDOW)
            if not self._window:
                raise WireError("the file ends too early")
        return self._window[at - self._at]


def payload_tails(file: BinaryIO, size: int, shares: Mapping[str, float]) -> dict[str, bytes]:
    """Return the last share of the raw data of some of a model's constants, by name.

    Raises:
        WireError: the file does not hold a message, or ends in one.
    """
    source, tails = _Source(file), {}
    for graph in _records(source, 0, size, _GRAPH):
        for tensor in _records(source, graph.inner, graph.stop, _CONSTANT):
            parts = {f.number: f for f in _fields(source, tensor.inner, tensor.stop)}
            name, data = parts.get(_NAME), parts.get(_RAW_DATA)
            if name is None or data is None:
                continue
            text = source.take(name.inner, name.stop).decode("utf-8", "replace")
            if text in shares:
                length = int((data.stop - data.inner) * shares[text])
                tails[text] = source.take(data.stop - length, data.stop)
    return tails


def _records(source: _Source, start: int, stop: int, number: int) -> Iterator[_Field]:
    fields = _fields(source, start, stop)
    return (f for f in fields if f.number == number and f.wire == _RECORD)


_GRAPH = onnx.ModelProto.DESCRIPTOR.fields_by_name["graph"].number
_CONSTANT = onnx.GraphProto.DESCRIPTOR.fields_by_name["initializer"].number
_NAME = onnx.TensorProto.DESCRIPTOR.fields_by_name["name"].number
_RAW_DATA = onnx.TensorProto.DESCRIPTOR.fields_by_name["raw_data"].number
