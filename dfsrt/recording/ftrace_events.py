"""What the kernel's trace events say of clocks, voltages, temperatures and power, as samples.

Source: the kernel's include/trace/events/{devfreq,power,clk,thermal,thermal_power_allocator,
regulator}.h; ``cpu_frequency_devlib`` is what devlib writes for the clock a trace begins with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dfsrt.recording.collect import Collector

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_RANGE = re.compile(r"\((\d+)-(\d+)\)")

_NO_IDLE_STATE = str(2**32 - 1)
"""-1 without its sign, as the kernel prints it."""

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Counter:
    """How one value of an event becomes a sample: the track's name, its unit and scale to SI."""

    track: str
    unit: str
    value: str
    scale: float


_KHZ, _MILLI, _MICRO = 1e3, 1e-3, 1e-6
_DEVFREQ = (
    _Counter("{dev_name} frequency", "Hz", "freq", 1.0),
    _Counter("{dev_name} load", "%", "load", 1.0),
)
_CPU = (_Counter("cpu{cpu_id} frequency", "Hz", "state", _KHZ),)
_ENABLED = (_Counter("{name} enabled", "", "state", 1.0),)
_ZONE = "zone {thermal_zone_id}"
EVENTS: dict[str, tuple[_Counter, ...]] = {
    "devfreq_frequency": _DEVFREQ,
    "devfreq_monitor": _DEVFREQ,
    "cpu_frequency": _CPU,
    "cpu_frequency_devlib": _CPU,
    "cpu_frequency_limits": (
        _Counter("cpu{cpu_id} lowest frequency", "Hz", "min", _KHZ),
        _Counter("cpu{cpu_id} frequency limit", "Hz", "max", _KHZ),
    ),
    "cpu_idle": (_Counter("cpu{cpu_id} idle state", "", "state", 1.0),),
    "gpu_frequency": (_Counter("gpu{gpu_id} frequency", "Hz", "state", _KHZ),),
    "clock_set_rate": (_Counter("{name} frequency", "Hz", "state", 1.0),),
    "clock_enable": _ENABLED,
    "clock_disable": _ENABLED,
    "clk_set_rate": (_Counter("{name} frequency asked", "Hz", "rate", 1.0),),
    "clk_set_rate_complete": (_Counter("{name} frequency", "Hz", "rate", 1.0),),
    "clk_enable_complete": _ENABLED,
    "clk_disable_complete": _ENABLED,
    "thermal_temperature": (_Counter("{thermal_zone} temperature", "degC", "temp", _MILLI),),
    "thermal_zone_trip": (_Counter("{thermal_zone} trip", "", "trip", 1.0),),
    "cdev_update": (_Counter("{type} cooling state", "", "target", 1.0),),
    "thermal_power_allocator": (
        _Counter(f"{_ZONE} power asked", "W", "total_req_power", _MILLI),
        _Counter(f"{_ZONE} power granted", "W", "total_granted_power", _MILLI),
        _Counter(f"{_ZONE} power range", "W", "power_range", _MILLI),
        _Counter(f"{_ZONE} power of all", "W", "max_allocatable_power", _MILLI),
        _Counter(f"{_ZONE} temperature", "degC", "current_temperature", _MILLI),
        _Counter(f"{_ZONE} room", "degC", "delta_temperature", _MILLI),
    ),
    "thermal_power_allocator_pid": (
        _Counter(f"{_ZONE} error", "degC", "err", _MILLI),
        _Counter(f"{_ZONE} error integral", "degC", "err_integral", _MILLI),
        _Counter(f"{_ZONE} proportional power", "W", "p", _MILLI),
        _Counter(f"{_ZONE} integral power", "W", "i", _MILLI),
        _Counter(f"{_ZONE} derivative power", "W", "d", _MILLI),
        _Counter(f"{_ZONE} power allowed", "W", "output", _MILLI),
    ),
    "thermal_power_actor": (
        _Counter(f"{_ZONE} actor {{actor_id}} power asked", "W", "req_power", _MILLI),
        _Counter(f"{_ZONE} actor {{actor_id}} power granted", "W", "granted_power", _MILLI),
    ),
    "thermal_power_devfreq_get_power": (
        _Counter("{type} power asked", "W", "power", _MILLI),
        _Counter("{type} load", "%", "load", 1.0),
    ),
    "thermal_power_devfreq_limit": (
        _Counter("{type} power limit", "W", "power", _MILLI),
        _Counter("{type} cooling state", "", "cdev_state", 1.0),
    ),
    "thermal_power_cpu_get_power": (
        _Counter("cpus {cpus} power asked", "W", "dynamic_power", _MILLI),
    ),
    "thermal_power_cpu_limit": (
        _Counter("cpus {cpus} power limit", "W", "power", _MILLI),
        _Counter("cpus {cpus} cooling state", "", "cdev_state", 1.0),
    ),
    "regulator_set_voltage": (_Counter("{name} voltage asked", "V", "min", _MICRO),),
    "regulator_set_voltage_complete": (_Counter("{name} voltage", "V", "val", _MICRO),),
}
"""Events that are read. Clocks of devfreq and of the clock framework are in Hz, those of cpufreq
in kHz, temperatures in thousandths of a degree, thermal power in mW, voltages in µV."""


def _named_first(fields: Fields, text: str) -> None:
    """Clocks: first the name, without a key in most kernels, then the rate."""
    words = text.split()
    fields["name"] = words[0].removeprefix("clk=").removeprefix("name=") if words else ""
    fields.setdefault("rate", words[1] if len(words) > 1 else "")


def _enabled(fields: Fields, text: str) -> None:
    _named_first(fields, text)
    fields["state"] = "1"


def _disabled(fields: Fields, text: str) -> None:
    _named_first(fields, text)
    fields["state"] = "0"


def _voltage_range(fields: Fields, text: str) -> None:
    """``regulator_set_voltage`` ends with (lowest-highest)."""
    range_uv = _RANGE.search(text)
    if range_uv:
        fields["min"] = range_uv[1]


_FIXES: dict[str, Callable[[Fields, str], None]] = {
    **dict.fromkeys(
        ("clock_set_rate", "clock_enable", "clock_disable", "clk_set_rate"), _named_first
    ),
    "clk_set_rate_complete": _named_first,
    "clk_enable_complete": _enabled,
    "clk_disable_complete": _disabled,
    "regulator_set_voltage": _voltage_range,
}


def add_line(collector: Collector, event: str, text: str, time_ns: int) -> int:
    """Add the samples of one event by its text; return how many there were, 0 if none is known."""
    if event not in EVENTS:
        return 0
    fields = fields_of(text)
    fix = _FIXES.get(event)
    if fix is not None:
        fix(fields, text)
    return add_samples(collector, event, fields, time_ns)


def fields_of(text: str) -> Fields:
    """Return the ``key=value`` words of an event, in time that grows with its length alone."""
    pairs = (word.lstrip("(").partition("=") for word in text.replace(",", " ").split())
    return {key: value for key, _, value in pairs if value}


def add_samples(collector: Collector, event: str, fields: Fields, time_ns: int) -> int:
    """Add the samples of one event by its fields; return how many there were, 0 if none is known.

    ``fields`` are texts: a field that is no whole number of 64 bits gives no sample.
    """
    added = 0
    for counter in EVENTS.get(event, ()):
        number = fields.get(counter.value, "")
        if event == "cpu_idle" and number == _NO_IDLE_STATE:
            number = "-1"
        if _WHOLE.fullmatch(number):
            track = counter.track.format_map(_Names(fields))
            collector.add_sample(track, counter.unit, time_ns, int(number) * counter.scale)
            added += 1
    return added


class _Names(dict[str, str]):
    """Fields for a track's name; one that a line lacks shows as ``?``."""

    def __missing__(self, key: str) -> str:
        return "?"
