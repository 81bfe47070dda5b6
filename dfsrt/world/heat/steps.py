"""A step of heat in closed form: scalar functions over arrays, plain Python or compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

from dfsrt.base.arrays import Floats


class Modes(NamedTuple):
    """Eigenmodes of a heat network of n nodes: ``rate`` ``(n,)`` in 1/s, the rest ``(n, n)``.

    A mode's amplitude m obeys dm/dt = p - rate·m. ``to_mode`` makes amplitudes of kelvin over
    ambient, ``to_node`` kelvin of amplitudes, ``watts_to_mode`` p of watts.
    """

    rate: Floats
    to_mode: Floats
    to_node: Floats
    watts_to_mode: Floats


def advance_heat(
    modes: Modes, temp_c: Floats, watts: Floats, ambient_c: float, seconds: float, work: Floats
) -> None:
    """Let constant ``watts`` ``(n,)`` flow for ``seconds``; ``temp_c`` ``(n,)`` is changed.

    ``work`` ``(n,)`` is room for the amplitudes. Exact for constant power and ambient, however
    long the step.
    """
    n = len(temp_c)
    for i in range(n):
        amplitude, power = 0.0, 0.0
        for k in range(n):
            amplitude += modes.to_mode[i, k] * (temp_c[k] - ambient_c)
            power += modes.watts_to_mode[i, k] * watts[k]
        decay = math.exp(-modes.rate[i] * seconds)
        # -expm1: a mode much slower than the step keeps its digits.
        work[i] = amplitude * decay - power * math.expm1(-modes.rate[i] * seconds) / modes.rate[i]
    for k in range(n):
        kelvin = 0.0
        for i in range(n):
            kelvin += modes.to_node[k, i] * work[i]
        temp_c[k] = ambient_c + kelvin
