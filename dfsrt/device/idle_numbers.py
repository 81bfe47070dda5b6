"""Idle numbers: what of a device's idle power nobody has measured, each with its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import NameSpec, parse_name_spec, unknown_name
from dfsrt.base.ranged import Ranged
from dfsrt.device.facts import KeyFacts, key_facts
from dfsrt.device.idle import IdleState
from dfsrt.device.load import load_device
from dfsrt.device.npu import Npu
from dfsrt.device.ranges import SUMMED

_SILICON = ("silicon.leakage", "silicon.fixed_w", "silicon.uncore_w")
_STATES = "idle.states."
_NUMBERS = (
    *("power_w", "leakage_share", "uncore_w", "entry_ns", "exit_ns", "entry_j", "exit_j"),
    "residency_ns",
)


def idle_numbers(source: str | NameSpec) -> dict[str, Ranged]:
    """Return what a device draws in idle time that has a range, by its key in the device file.

    Leakage is the sum of its terms; the regulator in use has its efficiency; idle states have their
    numbers each. Of one core, as the file has them.

    Raises:
        DeviceError: no such preset or file, an unknown option, or a file that breaks a rule.
        InputError: a text with no name in it, or with an option twice.
    """
    spec = source if isinstance(source, NameSpec) else parse_name_spec(source, "device")
    npu = load_device(spec)
    wanted = {*_SILICON, f"rail.regulators.{npu.rail.name}.efficiency"}
    names = tuple(f"{_STATES}{state.name}." for state in npu.idle)
    facts = (key for key in key_facts(spec) if key.key in wanted or key.key.startswith(names))
    numbers = {key.key: _ranged(key) for key in facts}
    return {key: number for key, number in numbers.items() if number is not None}


def _ranged(key: KeyFacts) -> Ranged | None:
    """A key's number; of a list of terms their sum."""
    entry = SUMMED.get(key.key)
    parts = [
        (float(leaf.value), *span)
        for leaf, span in zip(key.leaves, key.spans, strict=True)
        if span and isinstance(leaf.value, int | float) and entry in (None, leaf.entry)
    ]
    if not parts:
        return None
    value, low, high = (sum(column) for column in zip(*parts, strict=True))
    return Ranged(value, low, high, key.source, key.leaves[0].unit.symbol)


def with_idle_numbers(npu: Npu, values: Mapping[str, float]) -> Npu:
    """Return the device with other idle numbers, by the keys that ``idle_numbers`` returns.

    Limits: a state may then draw more than a shallower one, which never pays; one whose file asks
    for a residency is asked for no less than its entry and exit.

    Raises:
        DeviceError: a key that the device does not have.
    """
    silicon, cores, rail = npu.silicon, npu.used_cores, npu.rail
    states = {state.name: state for state in npu.idle}
    for key, value in values.items():
        name, _, number = key.removeprefix(_STATES).rpartition(".")
        if key == "silicon.leakage":
            total = sum(term.power_w for term in silicon.leakage) or 1.0
            terms = (replace(t, power_w=t.power_w * value * cores / total) for t in silicon.leakage)
            silicon = replace(silicon, leakage=tuple(terms))
        elif key == "silicon.fixed_w":
            silicon = replace(silicon, fixed_w=value * cores)
        elif key == "silicon.uncore_w":
            silicon = replace(silicon, uncore_w=value)
        elif key == f"rail.regulators.{rail.name}.efficiency":
            rail = replace(rail, efficiency=value)
        elif key.startswith(_STATES) and name in states and number in _NUMBERS:
            states[name] = _changed(states[name], number, value, cores)
        else:
            raise DeviceError(unknown_name(f"idle number of {npu.name}", key, _known(npu)))
    idle = tuple(_settled(state, silicon.uncore_w) for state in states.values())
    return replace(npu, silicon=silicon, rail=rail, idle=idle)


def _known(npu: Npu) -> list[str]:
    of_states = (f"{_STATES}{state.name}.{number}" for state in npu.idle for number in _NUMBERS)
    return [*_SILICON, f"rail.regulators.{npu.rail.name}.efficiency", *of_states]


def _changed(state: IdleState, number: str, value: float, cores: int) -> IdleState:
    match number:
        case "power_w":
            return replace(state, power_w=value * cores)
        case "leakage_share":
            return replace(state, leakage_share=value)
        case "uncore_w":
            return replace(state, uncore_w=value)
        case "entry_ns":
            return replace(state, entry_ns=round(value))
        case "exit_ns":
            return replace(state, exit_ns=round(value))
        case "entry_j":
            return replace(state, entry_j=value)
        case "exit_j":
            return replace(state, exit_j=value)
        case _:
            return replace(state, residency_ns=round(value))


def _settled(state: IdleState, uncore_w: float) -> IdleState:
    """A state whose numbers go together, whichever of them were changed."""
    least_ns = state.entry_ns + state.exit_ns
    stay_ns = max(state.residency_ns, least_ns) if state.residency_ns else 0
    own_w = None if state.uncore_w is None else min(state.uncore_w, uncore_w)
    return replace(state, residency_ns=stay_ns, uncore_w=own_w)
