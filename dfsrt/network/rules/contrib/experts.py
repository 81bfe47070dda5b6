"""Mixtures of experts: of many feed-forward networks each token goes through a few."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.rules.contrib.operator import Operator, same
from dfsrt.network.rules.contrib.packed import unpacked
from dfsrt.network.rules.lane_ops import FUNCTION, SOFTMAX_OPS
from dfsrt.network.rules.work import Call, Work


@dataclass(frozen=True, slots=True)
class _Places:
    """Positions of the three weights, their biases, and of scales and zero points beside them."""

    weights: tuple[int, int, int]
    biases: tuple[int, int, int]
    sides: tuple[tuple[int, ...], ...] = ((), (), ())


_PLAIN = _Places((2, 4, 6), (3, 5, 7))
_QUANTIZED = _Places((2, 5, 8), (4, 7, 10), ((3, 11, 15), (6, 12, 16), (9, 13)))


def _experts(at: _Places) -> Operator:
    def work(call: Call) -> Work:
        return _work(call, at)

    return Operator(same, work)


def _work(call: Call, at: _Places) -> Work:
    """Products of the experts that tokens choose.

    Limits: which ones these are is known at run time; counted are as many different ones as
    there can be, with tokens spread evenly. Only their weights are read.
    """
    data, probabilities = call.input(0), call.input(1)
    width, experts = data.shape[-1], probabilities.shape[-1]
    chosen = call.node.attribute("k", 1)
    if not 1 <= chosen <= experts:
        raise call.refuse(f"attribute 'k' is {chosen}, of {experts} experts")
    rows = data.elements // max(width, 1) * chosen
    active = min(experts, rows)
    present = [i for i in range(3) if call.optional(at.weights[i]) is not None]
    packed = {at.weights[i]: _stored(call, at, i) for i in present if at is _QUANTIZED}
    products: list[tuple[Gemm, Operands]] = []
    hidden = 0
    for i in sorted(present, key=(0, 2, 1).index):
        each = _elements(call, at.weights[i], packed) // experts
        hidden += 0 if i == 1 else each // width
        k, n = (each // width, width) if i == 1 else (width, each // width)
        inputs = () if i == 1 else call.names(0)
        out = call.output.name if i == 1 else ""
        gemms = _spread(rows, active, k, n)
        products += [(g, Operands(inputs, call.names(at.weights[i]), "")) for g in gemms[:-1]]
        products.append((gemms[-1], Operands(inputs, call.names(at.weights[i]), out)))
    routing = probabilities.elements * (SOFTMAX_OPS + chosen.bit_length() + 1)
    return Work(
        Kind.MATRIX,
        tuple(gemm for gemm, _ in products),
        tuple(operands for _, operands in products),
        vector_ops=routing + rows * (hidden * (FUNCTION + 2) + 2 * width),
        touched=_touched(call, at, present, packed, active / experts),
        packed=packed,
        sides={at.weights[i]: at.sides[i] for i in present if at.sides[i]},
        settings=frozenset({17, 18, 19, 20}) if at is _QUANTIZED else frozenset(),
        note=_note(call, active, experts),
    )


def _note(call: Call, active: int, experts: int) -> str:
    return (
        f"{call.node.op}: data say which of {experts} experts run; counted are {active} different "
        "ones, the most that there can be"
    )


def _spread(rows: int, experts: int, k: int, n: int) -> list[Gemm]:
    """Products of rows spread evenly over experts: some may have one row more."""
    fewest, more = divmod(rows, experts)
    parts = [(fewest + 1, more), (fewest, experts - more)]
    return [Gemm(m, k, n, count) for m, count in parts if m and count]


def _stored(call: Call, at: _Places, i: int) -> tuple[tuple[int, ...], str]:
    """What the bytes of a weight hold; each may have bits of its own."""
    bits = call.node.attribute("expert_weight_bits", 4)
    bits = call.node.attribute(f"fc{i + 1}_expert_weight_bits", bits)
    weight = call.input(at.weights[i])
    kind = call.node.attribute("quant_type", "int")
    shape, dtype = unpacked(weight, 4 if "fp4" in kind else bits, weight.shape[0])
    return shape, "float4e2m1" if "fp4" in kind and dtype == "uint4" else dtype


def _elements(call: Call, index: int, packed: dict[int, tuple[tuple[int, ...], str]]) -> int:
    return math.prod(packed[index][0]) if index in packed else call.input(index).elements


def _touched(
    call: Call,
    at: _Places,
    present: list[int],
    packed: dict[int, tuple[tuple[int, ...], str]],
    share: float,
) -> dict[int, int]:
    """Elements of the weights and biases that are read."""
    indices = [index for i in present for index in (at.weights[i], at.biases[i])]
    there = [index for index in indices if call.optional(index) is not None]
    return {index: math.ceil(_elements(call, index, packed) * share) for index in there}


EXPERTS: dict[str, Operator] = {"MoE": _experts(_PLAIN), "QMoE": _experts(_QUANTIZED)}
