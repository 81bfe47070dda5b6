"""Device trees from files: source, preprocessed, compiled or live, one upon another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.base.reading import open_raw, read_bytes
from dfsrt.base.tomlfile import read_text
from dfsrt.device.devicetree.blob import MAGIC, read_blob
from dfsrt.device.devicetree.cpp import Macros, preprocess
from dfsrt.device.devicetree.live import is_live, read_live
from dfsrt.device.devicetree.node import DeviceTree
from dfsrt.device.devicetree.overlay import join, lay_fragments
from dfsrt.device.devicetree.text import Part, parse_parts, part_of

_MOST_BYTES = 16 * 2**20
"""Of a compiled tree: firmware may be in it."""

_WHAT, _GIVE = "device tree", "device-tree source (.dts) or a compiled tree (.dtb)"


def read_device_tree(*paths: Path, macros: Macros | None = None) -> DeviceTree:
    """Return the tree in the files ``paths``, each laid upon those before it, overlays last.

    Source is preprocessed where it has directives; see ``preprocess``.

    Raises:
        DeviceError: a file that cannot be read, or is no device tree.
    """
    trees: list[DeviceTree] = []
    texts: list[Text] = []
    for path in paths:
        if is_live(path):
            trees.append(read_live(path))
        elif _is_compiled(path):
            trees.append(read_blob(_blob(path), path.name))
        else:
            texts.append(Text(read_text(path, _WHAT, _GIVE, DeviceError), path.name, path))
    return _joined([*trees, *_trees_of(texts, macros or Macros())])


def tree_of(text: str, source: str) -> DeviceTree:
    """Return the tree of device-tree source ``text``, which errors call ``source``.

    Raises:
        DeviceError: text that is no device tree, or cannot be preprocessed.
    """
    return _joined(_trees_of([Text(text, source)], Macros()))


class Text(NamedTuple):
    """Device-tree source as it stands in a file."""

    text: str
    source: str
    path: Path | None = None


def _trees_of(texts: Sequence[Text], macros: Macros) -> list[DeviceTree]:
    """Return the tree of all ``texts`` that are no overlays, then those of overlays."""
    groups: dict[str, list[Part]] = {}
    missing, notes = [], []
    for text, source, path in texts:
        if not text.strip():
            raise DeviceError(f"{source}: the text is empty; give an operating-points-v2 table")
        plain = preprocess(text, source, path, macros)
        missing += plain.missing
        notes += plain.notes
        part = part_of(plain.text, source, path)
        groups.setdefault(source if part.ready.is_overlay else "", []).append(part)
    trees = []
    for group, parts in groups.items():
        trees.append(parse_parts(parts, group or Path(parts[0].where).name, macros.folders))
    if trees:
        trees[0].missing[:0], trees[0].notes[:0] = missing, notes
    return trees


def _joined(trees: list[DeviceTree]) -> DeviceTree:
    for tree in trees:
        lay_fragments(tree)
    base, *additions = sorted(trees, key=lambda tree: tree.is_overlay)
    for addition in additions:
        join(base, addition)
    return base


def _is_compiled(path: Path) -> bool:
    """Tell whether a file begins as compiled trees do."""
    try:
        with open_raw(path) as file:
            return file.read(4) == MAGIC
    except (OSError, InputError):
        return False  # reading it as text says what is wrong


def _blob(path: Path) -> bytes:
    try:
        return read_bytes(path, _MOST_BYTES, DeviceError)
    except OSError as reason:
        raise DeviceError(
            f"cannot read {_WHAT} '{path}': {reason.strerror}; give {_GIVE}"
        ) from reason
