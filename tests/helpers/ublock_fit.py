"""Leave one out: the two numbers of whole networks fitted anew without each, and its error then.

``python -m tests.helpers.ublock_fit`` prints a line a network.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy.optimize import least_squares

from dfsrt.cost import cost_network
from dfsrt.device import load_device
from dfsrt.device.truth_file import SHELF
from dfsrt.network import Network, load_network

NPU = load_device("ethos-u55-256")
BYTES_PER_CYCLE = 1.0  # of flash at 500 MHz


def estimates() -> dict[str, float]:
    """Vela's cycles of all networks, by name and sizes."""
    truth = tomllib.loads((SHELF / "ethos-u55-256.toml").read_text("utf-8"))
    return {
        m["network"] + "".join(f":{d}={n}" for d, n in m.get("dims", {}).items()): m["value"] * 5e5
        for m in truth["measurement"]
    }


@lru_cache
def _in_int8(spec: str) -> Network:
    return load_network(spec).as_precision("int8")


def errors(specs: Sequence[str], numbers: np.ndarray, vela_cycles: dict[str, float]) -> np.ndarray:
    """Logarithms of predicted over estimated cycles, ``(n_networks,)``."""
    own = float(numbers[0]), round(float(numbers[1]) * 1000)
    return np.log([_cycles(spec, *own) / vela_cycles[spec] for spec in specs])


@lru_cache(None)
def _cycles(spec: str, weight_share: float, start_cycles: int) -> float:
    """A network's cycles; where a fit begins, and tries each number, is the same for all fits."""
    own = {"weight_share": weight_share, "start_cycles": start_cycles}
    costs = cost_network(_in_int8(spec), replace(NPU, engine={**NPU.engine, **own}))
    return sum(max(c.compute_cycles, c.dram_bytes / BYTES_PER_CYCLE) for c in costs)


def fitted(specs: Sequence[str], vela_cycles: dict[str, float]) -> np.ndarray:
    """``weight_share`` and thousands of ``start_cycles``, ``(2,)``, by robust least squares."""
    start, ends = [0.93, 0.7], ([0.5, 0.0], [1.1, 3.0])
    best = least_squares(
        lambda x: errors(specs, x, vela_cycles), start, bounds=ends, diff_step=0.02, loss="soft_l1",
        f_scale=0.03, xtol=1e-4,
    )  # fmt: skip
    return best.x


def leave_one_out(
    vela_cycles: dict[str, float], every: int = 1
) -> dict[str, tuple[np.ndarray, float]]:
    """Numbers and error of each network, or each so many-th, when it is left out."""
    out = {}
    for spec in list(vela_cycles)[::every]:
        numbers = fitted([s for s in vela_cycles if s != spec], vela_cycles)
        out[spec] = numbers, float(np.expm1(errors([spec], numbers, vela_cycles)[0]))
    return out


if __name__ == "__main__":
    result = leave_one_out(estimates())
    for spec, (numbers, error) in result.items():
        share, start = numbers[0], numbers[1] * 1000
        print(f"{spec}: {error:+.1%} with weight_share {share:.3f}, start_cycles {start:.0f}")
    print(f"mean {np.mean([abs(error) for _, error in result.values()]):.1%}")
