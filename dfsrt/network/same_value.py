"""Which constants have the same value, because the same node makes them of the same constants."""

from __future__ import annotations

from hashlib import blake2b

from dfsrt.network.file.constants import Constant
from dfsrt.network.graph import Node
from dfsrt.network.shapes.shaped import Shaped


def same_values(shaped: Shaped) -> dict[str, str]:
    """Return each constant's name with that of the first one of its value, often itself.

    Limits: two stored constants of equal contents are two, and so are two that ``ConstantOfShape``
    fills, which stand for weights in files that carry none.
    """
    names = {name: name for name in shaped.constants}
    first: dict[bytes, str] = {}
    settings: dict[str, str] = {}
    for name, node in shaped.folded.items():
        if node.op == "ConstantOfShape":
            continue
        key = _key(name, node, shaped, names, settings)
        names[name] = first.setdefault(key, name)
    return names


def _key(
    name: str, node: Node, shaped: Shaped, names: dict[str, str], settings: dict[str, str]
) -> bytes:
    """Digest of all that the value of ``name`` follows from."""
    parts = [node.domain, node.op, str(node.outputs.index(name))]
    for operand in node.inputs:
        if operand not in settings:
            settings[operand] = _value_text(shaped.constants.get(operand)) or ""
        parts.append(settings[operand] or names.get(operand, operand))
    digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16)
    for attribute in node.proto.attribute:
        digest.update(attribute.SerializeToString(deterministic=True))
    return digest.digest()


def _value_text(constant: Constant | None) -> str | None:
    """Text of a value in memory: a target shape, the ends of a slice."""
    if constant is None or constant.value is None:
        return None
    value = constant.value
    return f"\1{value.dtype} {value.shape} {value.tobytes().hex()}"
