"""Lowered networks on disk: onnx is loaded, and a file read, only where something has changed."""

from __future__ import annotations

import msgspec

from dfsrt.base.installed import installed
from dfsrt.base.keep import Keep
from dfsrt.network.network import Network

_KEEP = Keep("networks", most_bytes=64_000_000)


def kept_network(*key: str) -> Network | None:
    """Return the network that was kept under ``key`` by these versions of dfsrt and of onnx."""
    return _KEEP.get_as(_decoded, installed("onnx"), *key)


def _decoded(value: bytes) -> Network:
    return msgspec.msgpack.decode(value, type=Network)


def keep_network(network: Network, *key: str) -> None:
    """Keep ``network`` under ``key``, which says all that it depends on besides those versions.

    Limits: one with a whole number of more than 64 bits is not kept.
    """
    try:
        value = msgspec.msgpack.encode(network)
    except (ValueError, OverflowError):
        return
    if _decoded(value) == network:
        _KEEP.put(installed("onnx"), *key, value=value)
