"""The running kernel's device tree: a folder a node, a file a property (``/proc/device-tree``)."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import DeviceError
from dfsrt.base.reading import open_raw
from dfsrt.device.devicetree.blob import linked
from dfsrt.device.devicetree.node import DEEPEST, DeviceTree, Node, Property

_MOST_FILES = 200_000
_MOST_BYTES = 2**20
"""Of a property; what is larger is no table of points."""


def is_live(folder: Path) -> bool:
    """Tell whether ``folder`` is the root of such a tree."""
    return (folder / "compatible").is_file() or (folder / "#address-cells").is_file()


def read_live(folder: Path) -> DeviceTree:
    """Return the tree in ``folder``.

    Raises:
        DeviceError: one that cannot be read, or is larger than any tree.
    """
    root = Node("/", "/")
    waiting, files = [(folder, root)], 0
    while waiting:
        path, node = waiting.pop()
        for entry in _entries(path):
            files += 1
            if files > _MOST_FILES or node.path.count("/") > DEEPEST:
                raise DeviceError(
                    f"device tree '{folder}' has over {_MOST_FILES:,} files or {DEEPEST} levels; "
                    "give the root of one board's tree"
                )
            if entry.is_symlink():
                continue
            if entry.is_dir():
                place = f"{node.path.rstrip('/')}/{entry.name}"
                node.children[entry.name] = Node(entry.name, place, node)
                waiting.append((entry, node.children[entry.name]))
            elif entry.is_file():
                node.properties[entry.name] = Property(entry.name, _value(entry), node.path)
    return linked(DeviceTree(folder.name or "device-tree", root))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as reason:
        raise DeviceError(
            f"cannot read device tree '{folder}': {reason.strerror}; give a folder that may be "
            "read, like /proc/device-tree"
        ) from reason


def _value(path: Path) -> bytes:
    """Return the value in a file; one that only root may read is empty."""
    try:
        with open_raw(path) as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return b""
