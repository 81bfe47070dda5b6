"""How long drivers of accelerators wait before they suspend an idle device: data by driver."""

from __future__ import annotations

from dataclasses import field
from typing import NamedTuple

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.plugin.params import PARAMETER, Parameter, Values, show_time
from dfsrt.base.units import parse_time_ns


class Delay(NamedTuple):
    """A driver's autosuspend delay, and where it stands."""

    after_ns: int
    source: str


_MS = 1_000_000
DELAYS = {
    "amdxdna": Delay(5_000 * _MS, "torvalds/linux, drivers/accel/amdxdna; AMD's NPU"),
    "ethosu": Delay(50 * _MS, "torvalds/linux, drivers/accel/ethosu; it stops clocks alone"),
    "etnaviv": Delay(200 * _MS, "torvalds/linux, drivers/gpu/drm/etnaviv; says: not measured"),
    "ivpu": Delay(100 * _MS, "torvalds/linux, drivers/accel/ivpu; Intel's NPUs but the first"),
    "ivpu-37xx": Delay(10 * _MS, "torvalds/linux, drivers/accel/ivpu; Intel's first NPU"),
    "panthor": Delay(50 * _MS, "torvalds/linux, drivers/gpu/drm/panthor; Mali GPUs"),
    "rknpu": Delay(3_000 * _MS, "armbian/linux-rockchip, drivers/rknpu; the rail goes off"),
    "rocket": Delay(50 * _MS, "torvalds/linux, drivers/accel/rocket; three frames at 60 Hz"),
    "v3d": Delay(50 * _MS, "torvalds/linux, drivers/gpu/drm/v3d"),
}
"""By driver, as read in 2026."""


def delay_param(text: str, default: int) -> int:
    """A time in ns, written like ``50ms`` or as a driver's name; 0 is at once."""
    parameter = Parameter(text, parse_delay_ns, show_time, Values("time"))
    return field(default=default, metadata={"help": text, PARAMETER: parameter})


def parse_delay_ns(given: str) -> int:
    """Return nanoseconds from a time like ``50ms`` or a driver's name.

    Raises:
        InputError: neither, or a time below 0.
    """
    if given in DELAYS:
        return DELAYS[given].after_ns
    if given[:1].isalpha():
        known = unknown_name("driver", given, DELAYS)
        raise InputError(f"{known}; give one of these, or a time like '50 ms'")
    return parse_time_ns(given, "time")
