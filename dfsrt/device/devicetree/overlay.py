"""Overlays: fragments laid upon their targets, trees joined with what adds to them."""

from __future__ import annotations

from dfsrt.device.devicetree.node import DeviceTree, Node


def lay_fragments(tree: DeviceTree) -> None:
    """Lay what ``__overlay__`` nodes say upon their targets; those of a base become strangers."""
    for name, fragment in list(tree.root.children.items()):
        content = fragment.children.get("__overlay__")
        if content is None:
            continue
        tree.is_overlay = True
        del tree.root.children[name]
        for target in fragment.targets("target") or [_by_path(tree, fragment)]:
            target.take(content)


def _by_path(tree: DeviceTree, fragment: Node) -> Node:
    path = fragment.properties.get("target-path")
    title = path.text if path else f"the target of {fragment.name}"
    if title == "/":
        return tree.root
    return tree.strangers.setdefault(title, Node(title, fragment.place))


def join(base: DeviceTree, addition: DeviceTree) -> None:
    """Lay ``addition`` upon ``base``; strangers that the base does not know stay strangers."""
    base.root.take(addition.root)
    by_label = {label: node for node in base.root.walk() for label in node.labels}
    for title, stranger in addition.strangers.items():
        node = base.root.at(title) if title.startswith("/") else by_label.get(title)
        if node is not None:
            node.take(stranger)
        else:
            base.strangers[title] = stranger
    base.missing += addition.missing
    base.notes += [f"{addition.source}: {note}" for note in addition.notes]
