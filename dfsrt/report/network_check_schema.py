"""A network's file looked through: what is in it, what it costs, and what to type next."""

from __future__ import annotations

import msgspec

from dfsrt.network.left_out import LeftOut
from dfsrt.report.schema import SCHEMA_VERSION


class CheckedSize(msgspec.Struct, frozen=True, kw_only=True):
    """An open size: how ``--dim`` names it, where it stands, and what it was given here."""

    name: str
    places: list[str]
    size: int


class CheckedInput(msgspec.Struct, frozen=True, kw_only=True):
    """An input that steers ``nodes``; ``values`` are those that the file compares it with."""

    input: str
    dtype: str
    nodes: list[str]
    values: list[str]
    option: str


class CheckedOperator(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's nodes and its cost; shares are null where there is nothing to share.

    ``bytes`` are read and written, constants included. ``time_share`` is that of layers which it
    leads, on the device at its highest clock; an operator that rides in others' layers has none.
    """

    op: str
    nodes: int
    macs: int
    bytes: int
    mac_share: float | None
    byte_share: float | None
    time_share: float | None


class OutOfRule(msgspec.Struct, frozen=True, kw_only=True):
    """An operator without a rule, how many nodes have it, and why."""

    op: str
    nodes: int
    why: str


class StoredConstants(msgspec.Struct, frozen=True, kw_only=True):
    """Constants of one element type, and their share of all constants' bytes."""

    dtype: str
    tensors: int
    bytes: int
    share: float | None


class BesideFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file beside the model's with constants: ``present``, ``missing`` or ``too short``."""

    location: str
    tensors: int
    bytes: int
    state: str


class OnDevice(msgspec.Struct, frozen=True, kw_only=True):
    """The network on a device: ``latency_s`` at its highest clock, under no cap."""

    device: str
    precisions: dict[str, int]
    layers: int
    latency_s: float


class NetworkCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds, and whether it can be run.

    ``operators`` is empty and ``problems`` says why where no layers could be read; ``stored`` is
    what the file keeps, ``stripped`` whether it is too small for that: constants are there by their
    shapes alone. ``weights`` is what layers read by element type. ``notes`` say how it was read.
    ``may_set`` names the sizes of a network that dfsrt builds. ``next`` is the command to type,
    null where nothing of the file can run.
    """

    schema_version: int = SCHEMA_VERSION
    network: str
    file_bytes: int | None
    ir_version: int
    opsets: dict[str, int]
    producer: str
    functions: int
    nodes: int
    inputs: list[str]
    outputs: list[str]
    open_sizes: list[CheckedSize]
    may_set: list[str]
    steering: list[CheckedInput]
    on_data: list[str]
    macs: int | None
    params: int | None
    operators: list[CheckedOperator]
    out_of_rule: list[OutOfRule]
    left_out: LeftOut | None
    notes: list[str]
    stored: list[StoredConstants]
    stripped: bool
    weights: dict[str, int]
    outside: list[BesideFile]
    on_device: OnDevice | None
    problems: list[str]
    next: str | None
