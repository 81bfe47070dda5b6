"""Zephyr's ``dtlib``, which reads device-tree source, with places, bounds and strangers."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn

from devicetree import dtlib

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there
from dfsrt.base.places import placed_in
from dfsrt.base.reading import limit_bytes, read_bytes
from dfsrt.device.devicetree.macros import prepare
from dfsrt.device.devicetree.node import DEEPEST, MOST_NODES, MOST_PROPERTIES

MOST_BYTES = 4 * 2**20
"""Of text and of all that it includes; the largest boards have 1 MB."""

_MOST_FILES = 200


class Reader(dtlib.DT):
    """The library's reader with places, bounds, and strangers for what the text does not define.

    Its nodes have no lines, and it seeks labels in the whole tree each time: both are kept here.
    """

    def __init__(self, name: str, main: str, folders: Sequence[Path]) -> None:
        self._main, self._folders = main, folders
        self.places: dict[object, str] = {}
        self.strangers: dict[str, dtlib.Node] = {}
        self.notes: list[str] = []
        self.missing: list[str] = []
        self._labelled: dict[str, list[dtlib.Node]] = {}
        self._fresh: list[dtlib.Node] = []
        self._known: dict[dtlib.Node, int] = {}
        self._counts: Counter[str] = Counter()
        self._depth = self._files = self._bytes = 0
        super().__init__(name)

    def place(self) -> str:
        """Return the line that is read; in another file than the main one with its name."""
        file = "" if self.filename == self._main else f"{Path(self.filename).name} "
        return f"{file}line {self._lineno}"

    def _parse_node(self, node: dtlib.Node) -> dtlib.Node:
        self.places.setdefault(node, self.place())
        self._learn(node)
        if not isinstance(node.props, _Placed):
            node.props = _Placed(self)
            self.count("nodes", MOST_NODES)
        if not self._depth:
            self._fresh.append(node)
        self._depth += 1
        if self._depth > DEEPEST:
            self._parse_error(f"nodes nest deeper than {DEEPEST}")
        result = super()._parse_node(node)
        self._depth -= 1
        return result

    def _learn(self, node: dtlib.Node) -> None:
        """Take those labels of ``node`` that are new."""
        known = self._known.get(node, 0)
        for label in node.labels[known:]:
            self._labelled.setdefault(label, []).append(node)
        self._known[node] = len(node.labels)

    def _parse_assignment(self, prop: dtlib.Property) -> None:
        self.places[prop] = self.place()
        super()._parse_assignment(prop)

    def _ref2node(self, label: str) -> dtlib.Node:
        while self._fresh:  # `label: &other { };` gets its label after its end
            self._learn(self._fresh.pop())
        nodes = self._labelled.get(label, [])
        while nodes and not self._is_there(nodes[-1]):
            nodes.pop()  # deleted
        if nodes:
            return nodes[-1]
        if label.startswith("{"):
            try:
                return super()._ref2node(label)
            except dtlib.DTError:
                pass
        return self._stranger(label)

    def _is_there(self, node: dtlib.Node) -> bool:
        while node.parent is not None:
            if node.parent.nodes.get(node.name) is not node:
                return False
            node = node.parent
        return node is self._root or node.name == "strangers"

    def _stranger(self, label: str) -> dtlib.Node:
        title = label[1:-1] if label.startswith("{") else label
        if title not in self.strangers:
            holder = dtlib.Node("strangers", None, self)
            node = dtlib.Node(f"stranger{len(self.strangers)}", holder, self)
            holder.nodes[node.name] = node
            node.labels.append(label)
            self.count("nodes", MOST_NODES)
            self.strangers[title] = node
            self.places[node] = self.place()
        return self.strangers[title]

    def node_iter(self) -> list[dtlib.Node]:
        """Return all nodes, those of strangers last: their references are resolved as well."""
        tops = [self.root, *self.strangers.values()]
        return [node for top in tops for node in top.node_iter()]

    def _register_aliases(self) -> None:
        """Leave aliases alone: names that the library refuses stand in vendors' trees."""

    def _next_token(self) -> object:
        try:
            token = super()._next_token()
        except ValueError:
            self._parse_error("that is no number")
        if token.id == dtlib._T.LABEL:
            self.count("labels", 2 * MOST_NODES)  # some are looked at twice
        return token

    def count(self, what: str, most: int) -> None:
        """Count one more of ``what``, of which a tree has ``most``: much takes squared time."""
        self._counts[what] += 1
        if self._counts[what] > most:
            self._parse_error(f"more than {most:,} {what}")

    def _eval_shift(self) -> int:
        value = int(self._eval_add())
        while sign := next((s for s in ("<<", ">>") if self._check_token(s)), ""):
            by = self._eval_add()
            if not 0 <= by < 64:
                self._parse_error(f"a number is shifted by {by} bits")
            value = (value << by) % 2**64 if sign == "<<" else value >> by
        return value

    def _parse_error(self, s: object) -> NoReturn:
        given = self._file_contents[self._tok_i : self._tok_i + 24].split("\n")[0].strip()
        raise dtlib.DTError(f"{self.place()}: {s}" + (f" at '{given}'" if given else ""))

    def _open(self, filename: str, mode: str = "r", **_: object) -> IO[str] | IO[bytes]:
        """Return an included file; one that is missing is empty, which a note says."""
        folders = (Path(self.filename).parent, *self._folders)
        there = [folder for folder in folders if is_there(folder / filename, Path.is_file)]
        try:
            paths = [Path(placed_in(folder, filename)) for folder in there[:1]]
        except InputError as error:
            self._parse_error(error)
        self._files += 1
        if self._files > _MOST_FILES:
            self._parse_error(f"more than {_MOST_FILES} files are included")
        data = b""
        if not paths:
            self.missing.append(f"/include/ {filename}")
            self.notes.append(f"{self.place()}: {filename} is not found and passed over")
        elif self._bytes + paths[0].stat().st_size > (most := limit_bytes(MOST_BYTES)):
            self._parse_error(f"more than {most:,} bytes are included")
        else:
            data = read_bytes(paths[0], MOST_BYTES)
        self._bytes += len(data)
        if "b" in mode:
            return io.BytesIO(data)
        return _Included(data, str(paths[0]) if paths else filename)


class _Placed(dict[str, dtlib.Property]):
    """The properties of a node, each with the place where it is first named."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader

    def __setitem__(self, name: str, prop: dtlib.Property) -> None:
        self._reader.places[prop] = self._reader.place()
        self._reader.count("properties", MOST_PROPERTIES)
        super().__setitem__(name, prop)


class _Included(io.StringIO):
    """The prepared text of an included file, which has a name as files have."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(prepare(data.decode("utf-8-sig", "replace"), is_included=True).text)
        self.name = name
