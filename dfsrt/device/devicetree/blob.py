"""Compiled device trees (.dtb, .dtbo): the flattened format of the Devicetree Specification.

Source: Devicetree Specification v0.4, chapter 5; overlays: dtc, Documentation/dt-object-internal.
"""

from __future__ import annotations

import struct

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree.node import (
    DEEPEST,
    MOST_NODES,
    MOST_PROPERTIES,
    REFERENCES,
    DeviceTree,
    Node,
    Property,
)

MAGIC = b"\xd0\x0d\xfe\xed"
_BEGIN, _END, _PROPERTY, _NOP, _LAST = 1, 2, 3, 4, 9
_LONGEST_NAME = 256
_READS = (16, 17)
"""Versions: 17, and 16, which lacks the size of the structure."""


def read_blob(data: bytes, source: str) -> DeviceTree:
    """Return the tree that ``data`` flattens; labels are known where it was compiled with ``-@``.

    Raises:
        DeviceError: damaged data.
    """
    try:
        tree = DeviceTree(source, _Blob(data).root())
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as reason:
        raise DeviceError(
            f"{source}: the compiled device tree is damaged ({reason}); compile it again with dtc"
        ) from reason
    return linked(tree)


def linked(tree: DeviceTree) -> DeviceTree:
    """Return ``tree`` with labels where it names them, and references that are followed."""
    _name_labels(tree)
    _link(tree)
    return tree


class _Blob:
    """The blocks of a flattened tree, and how far its structure is read."""

    def __init__(self, data: bytes) -> None:
        head = struct.unpack_from(">10I", data)
        if head[1] > len(data):
            raise ValueError(f"it has {len(data)} of its {head[1]} bytes")
        if head[6] not in _READS:
            raise ValueError(f"it is readable by version {head[6]} and later, not 16 or 17")
        self._data, self._at, self._strings = data[: head[1]], head[2], head[3]
        self._nodes = self._properties = 0

    def root(self) -> Node:
        """Return the first node with all in it."""
        parents: list[Node] = []
        while True:
            tag = self._word()
            if tag == _BEGIN:
                parents.append(self._opened(parents))
            elif tag == _PROPERTY:
                self._property(parents[-1])
            elif tag == _END:
                node = parents.pop()
                if not parents:
                    return node
            elif tag != _NOP:
                raise ValueError(f"byte {self._at - 4} has the tag {tag}")

    def _opened(self, parents: list[Node]) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise ValueError(f"it has over {MOST_NODES:,} nodes")
        name = self._text(self._at)
        self._skip(len(name.encode()) + 1)
        if len(parents) >= DEEPEST:
            raise ValueError(f"nodes nest deeper than {DEEPEST}")
        if not parents:
            return Node("/", "/")
        parent = parents[-1]
        node = Node(name, f"{parent.place.rstrip('/')}/{name}", parent)
        return parent.children.setdefault(name, node)

    def _property(self, node: Node) -> None:
        self._properties += 1
        if self._properties > MOST_PROPERTIES:
            raise ValueError(f"it has over {MOST_PROPERTIES:,} properties")
        size, name_at = self._word(), self._word()
        value = self._data[self._at : self._at + size]
        if len(value) < size:
            raise ValueError(f"a value at byte {self._at} is cut off")
        self._skip(size)
        name = self._text(self._strings + name_at)
        node.properties[name] = Property(name, value, node.place)

    def _word(self) -> int:
        self._at += 4
        return int(struct.unpack_from(">I", self._data, self._at - 4)[0])

    def _text(self, start: int) -> str:
        return self._data[start : self._data.index(b"\0", start, start + _LONGEST_NAME)].decode(
            "ascii"
        )

    def _skip(self, size: int) -> None:
        self._at += -(-size // 4) * 4


def _name_labels(tree: DeviceTree) -> None:
    symbols = tree.root.children.get("__symbols__")
    for label, path in symbols.properties.items() if symbols else ():
        node = tree.root.at(path.text)
        if node is not None:
            node.labels.append(label)


def _link(tree: DeviceTree) -> None:
    """Follow phandles, and the labels that an overlay leaves for its base to fix."""
    phandles: dict[int, Node] = {}
    for node in tree.root.walk():
        for name in ("linux,phandle", "phandle"):
            if name in node.properties:
                phandles.update(dict.fromkeys(node.properties[name].cells[:1], node))
    for node in tree.root.walk():
        for name in (*REFERENCES, "target"):
            if name in node.properties:
                cells = node.properties[name].cells
                node.refs[name] = [phandles[cell] for cell in cells if cell in phandles]
    fixups = tree.root.children.get("__fixups__")
    for label, places in fixups.properties.items() if fixups else ():
        for place in places.value.decode("utf-8", "replace").split("\0"):
            path, _, rest = place.partition(":")
            node_to_fix = tree.root.at(path)
            if node_to_fix is not None and rest:
                stranger = tree.strangers.setdefault(
                    label, Node(f"&{label}", f"&{label}", labels=[label])
                )
                node_to_fix.refs.setdefault(rest.partition(":")[0], []).append(stranger)
