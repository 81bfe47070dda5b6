"""Profiles: layers with their measured times, as a device's own tool lists them."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec.structs import fields

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.tomlfile import read_text
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.network import Network
from dfsrt.network.rules.lane_ops import ELEMENTWISE
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window, grown_window, window_of_sizes

OPERATORS = {
    "conv": "Conv",
    "add": "Add",
    "concat": "Concat",
    "split": "Split",
    "resize": "Resize",
    "maxpool": "MaxPool",
}
"""What a row's ``op`` may begin with, and the operator it stands for."""
JOINED: Mapping[str, tuple[str, ...]] = {
    "": (),
    "relu": ("Relu",),
    "clip": ("Clip",),
    "sigmoid": ("Sigmoid",),
    "silu": ("Sigmoid", "Mul"),
    "gelu": ("Gelu",),
}
"""What may follow a plus sign, and the operators that join the layer."""
_MOST_SIZE, _MOST_US = 1_000_000, 1e12
"""No side, no number of channels and no time of a layer is larger."""


class ProfileRow(msgspec.Struct, frozen=True, kw_only=True):
    """One layer in int8; ``kernel`` is a side of it, 0 where there is none.

    ``power_w`` is the layer's mean power, ``zero_inputs`` and ``zero_weights`` the shares of zeros
    that it had then, each where it was measured. A column that has a default may be left out.
    """

    op: str
    in_channels: int
    in_h: int
    in_w: int
    out_channels: int
    kernel: int
    groups: int
    out_h: int
    out_w: int
    measured_us: float
    batch: int = 1
    power_w: float | None = None
    zero_inputs: float | None = None
    zero_weights: float | None = None

    @property
    def nonzero(self) -> float:
        """Share of multiply-accumulates without a zero, NaN where no zeros were counted."""
        if self.zero_inputs is None and self.zero_weights is None:
            return math.nan
        return (1 - (self.zero_inputs or 0.0)) * (1 - (self.zero_weights or 0.0))


_NEEDED = tuple(f.name for f in fields(ProfileRow) if f.required)


def read_profile(path: Path) -> tuple[ProfileRow, ...]:
    """Return the rows of a profile's CSV; columns that are not a ``ProfileRow``'s are left out.

    Raises:
        InputError: no such file, a column that is missing, no row, an unknown operator, or a
            number that does not fit.
    """
    lines = read_text(path, "profile", "a .csv file of layers").splitlines()
    reader = csv.DictReader(lines)
    try:
        missing = set(_NEEDED) - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"profile '{path}' has no column '{min(missing)}'; add it")
        rows = tuple(_row(raw, f"profile '{path}', line {n}") for n, raw in enumerate(reader, 2))
    except csv.Error as error:
        raise InputError(
            f"profile '{path}' is no table ({error}); is a quote left open?"
        ) from error
    if not rows:
        raise InputError(f"profile '{path}' holds no layer; add a row for each")
    return rows


def profile_network(rows: tuple[ProfileRow, ...], name: str) -> Network:
    """Return the rows as layers of a network, whose first layer reads what the caller gives.

    Limits: layers do not know what they read of each other; each tensor is one layer's. Strides and
    padding are reckoned from sizes.
    """
    return Network(
        name, tuple(_layer(row, n) for n, row in enumerate(rows)), 0, inputs=(_name("x", 0),)
    )


def _row(raw: Mapping[str, str], where: str) -> ProfileRow:
    try:
        row = msgspec.convert(
            {key: value for key, value in raw.items() if value}, ProfileRow, strict=False
        )
    except msgspec.ValidationError as reason:
        raise InputError(f"{where}: {reason}; correct that number") from reason
    operator, _, kind = row.op.partition("+")
    if operator not in OPERATORS:
        raise InputError(f"{where}: {unknown_name('operator', operator, OPERATORS)}")
    if kind not in JOINED:
        raise InputError(f"{where}: {unknown_name('activation', kind, JOINED)}")
    for name in (*_NEEDED, "batch"):
        _check_number(row, name, where)
    if row.in_channels % row.groups:
        raise InputError(
            f"{where}: in_channels is {row.in_channels}, which groups = {row.groups} do not divide"
        )
    if row.power_w is not None and not 0 < row.power_w < math.inf:
        raise InputError(f"{where}: power_w is {row.power_w}; give watts above 0, or nothing")
    for name in ("zero_inputs", "zero_weights"):
        if not 0 <= (getattr(row, name) or 0.0) <= 1:
            raise InputError(f"{where}: {name} is {getattr(row, name)}; allowed is 0 to 1")
    return row


def _check_number(row: ProfileRow, name: str, where: str) -> None:
    value = getattr(row, name)
    if name == "op" or (name == "kernel" and value == 0):
        return
    most = _MOST_US if name == "measured_us" else _MOST_SIZE
    if not 0 < value <= most:
        raise InputError(f"{where}: {name} is {value}; allowed is above 0 up to {most:,}")


def _layer(row: ProfileRow, number: int) -> Layer:
    operator = OPERATORS[row.op.partition("+")[0]]
    return _conv(row, number) if operator == "Conv" else _other(row, number, operator)


def _conv(row: ProfileRow, number: int) -> Layer:
    joined = JOINED[row.op.partition("+")[2]]
    x, y = _image(row, number, "x"), _image(row, number, "y")
    depth = row.in_channels // row.groups
    w = Tensor(_name("w", number), (row.out_channels, depth, row.kernel, row.kernel), "int8")
    gemm = Gemm(
        row.batch * row.out_h * row.out_w,
        depth * row.kernel**2,
        row.out_channels // row.groups,
        row.groups,
    )
    return Layer(
        name=_name("conv", number),
        op="Conv",
        kind=Kind.MATRIX,
        nodes=(_name("conv", number),),
        inputs=(x,),
        weights=(w,),
        outputs=(y,),
        gemms=(gemm,),
        operands=(Operands((x.name,), (w.name,), y.name),),
        fused_ops=sum(ELEMENTWISE[op] for op in joined) * y.elements,
        joined=joined,
        window=_window(row, "Conv", row.groups),
    )


def _other(row: ProfileRow, number: int, operator: str) -> Layer:
    inputs = [_image(row, number, "x")] + [_image(row, number, "z")] * (operator == "Add")
    output = _image(row, number, "y")
    moves = operator in ("Concat", "Split")
    return Layer(
        name=_name(operator.lower(), number),
        op=operator,
        kind=Kind.MOVE if moves else Kind.VECTOR,
        nodes=(_name(operator.lower(), number),),
        inputs=tuple(inputs),
        weights=(),
        outputs=(output,),
        vector_ops=0 if moves else max(row.kernel, 1) ** 2 * output.elements,
        window=_window(row, operator, row.in_channels),
    )


def _window(row: ProfileRow, operator: str, groups: int) -> Window | None:
    sizes, results = (row.in_h, row.in_w), (row.out_h, row.out_w)
    if operator == "Resize":
        return grown_window(sizes, results, groups)
    if operator in ("Conv", "MaxPool") and row.kernel:
        return window_of_sizes(sizes, results, (row.kernel,) * 2, groups)
    return None


def _image(row: ProfileRow, number: int, side: str) -> Tensor:
    """Input ``x`` or ``z``, or output ``y``; all parts of a concat or a split are one tensor."""
    made = side == "y"
    shape = (
        row.batch,
        row.out_channels if made else row.in_channels,
        row.out_h if made else row.in_h,
        row.out_w if made else row.in_w,
    )
    return Tensor(_name(side, number), shape, "int8")


def _name(what: str, number: int) -> str:
    return f"{what}{number}"
