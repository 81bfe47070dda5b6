"""Device-tree source as a tree of nodes."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from devicetree import dtlib

from dfsrt.base.errors import DeviceError
from dfsrt.base.reading import RAISED_BY, limit_bytes
from dfsrt.device.devicetree.cpp import quoted
from dfsrt.device.devicetree.macros import UNKNOWN, Prepared, prepare
from dfsrt.device.devicetree.node import REFERENCES, DeviceTree, Node, Property
from dfsrt.device.devicetree.reader import MOST_BYTES, Reader

_FOLLOWED = (*REFERENCES, "target")


class Part(NamedTuple):
    """The ``ready`` text of a file, and where it is: what its lines are lines of."""

    ready: Prepared
    where: str


def part_of(text: str, source: str, path: Path | None = None) -> Part:
    """Return the preprocessed ``text`` of the file ``path``, ready to be read.

    Raises:
        DeviceError: one that is too long, or no text.
    """
    if len(text) > (most := limit_bytes(MOST_BYTES)):
        raise DeviceError(
            f"{source}: the text has {len(text):,} characters, of which up to {most:,} are read; "
            f"give one board's tree, or set {RAISED_BY} to a size like '4 GiB'"
        )
    if "\0" in text or UNKNOWN in text:
        raise DeviceError(f"{source}: that is no text; give device-tree source, .dtb or .dtbo")
    try:
        return Part(prepare(text), quoted(str(path or source)))
    except DeviceError as error:
        raise DeviceError(f"{source}: {error}") from error


def parse_parts(parts: Sequence[Part], source: str, folders: Sequence[Path] = ()) -> DeviceTree:
    """Return the tree in ``parts``, which go on where the one before ends.

    Files of ``/include/`` are sought beside the file that names them, then in ``folders``. What is
    named and not defined here, as in snippets and overlays, becomes a stranger.

    Raises:
        DeviceError: text that breaks the grammar, by its line; one that nests too deeply.
    """
    text = "".join(f'\n# 1 "{part.where}"\n{part.ready.text}' for part in parts)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="replace", suffix=".dts"
    ) as file:
        file.write(f"/dts-v1/;/ {{}};{text}")
        file.flush()
        reader = _read(file.name, parts[0].where, source, folders)
    tree = _Conversion(reader, DeviceTree(source, Node("/", "line 1"))).tree
    tree.notes, tree.missing = reader.notes, reader.missing
    tree.is_overlay = parts[0].ready.is_overlay
    return tree


def _read(name: str, where: str, source: str, folders: Sequence[Path]) -> Reader:
    try:
        return Reader(name, where, folders)
    except dtlib.DTError as error:
        message = " ".join(str(error).split())
        raise DeviceError(f"{source}: {message}; correct the text there") from error
    except RecursionError as error:
        raise DeviceError(f"{source}: the text nests too deeply; write it flatter") from error
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        # What the library's own checks let through: the root deleted, a number of 9,999 digits.
        raise DeviceError(
            f"{source}: that is no device-tree source ({error}); correct it"
        ) from error


class _Conversion:
    """From the library's nodes to ours."""

    def __init__(self, reader: Reader, tree: DeviceTree) -> None:
        self._reader, self.tree = reader, tree
        self._nodes: dict[object, Node] = {}
        self._copy(reader.root, tree.root)
        for title, node in reader.strangers.items():
            name = title if title.startswith("/") else f"&{title}"
            tree.strangers[title] = Node(name, reader.places[node], labels=list(node.labels))
            self._copy(node, tree.strangers[title])
        for node in reader.node_iter():
            self._follow(node)

    def _copy(self, node: dtlib.Node, ours: Node) -> None:
        place = self._reader.places.get(node, ours.place)
        ours.labels = [label for label in node.labels if not label.startswith("{")]
        self._nodes[node] = ours
        for name, prop in node.props.items():
            at = self._reader.places.get(prop, place)
            ours.properties[name] = _property(prop, at)
        for name, child in node.nodes.items():
            place_of_child = self._reader.places.get(child, place)
            ours.children[name] = Node(name, place_of_child, ours)
            self._copy(child, ours.children[name])

    def _follow(self, node: dtlib.Node) -> None:
        ours = self._nodes[node]
        for name in _FOLLOWED:
            cells = ours.properties[name].cells if name in ours.properties else ()
            known = [self._reader.phandle2node[c] for c in cells if c in self._reader.phandle2node]
            if known:
                ours.refs[name] = [self._nodes[target] for target in known]


def _property(prop: dtlib.Property, place: str) -> Property:
    value = bytes(prop.value)
    # Cells may begin with the mark's byte, too: 27 MHz is 01 9b fc c0.
    if value.startswith(UNKNOWN.encode()) and prop.type is dtlib.Type.STRING:
        return Property(prop.name, b"", place, macro=value[1:-1].decode("utf-8", "replace"))
    return Property(prop.name, value, place)
