"""Idle states of a device tree that are the NPU's: latencies from the tree, all else assumed.

Source: Linux, Documentation/devicetree/bindings/power/domain-idle-state.yaml, power-domain.yaml and
cpu/idle-states.yaml.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from dfsrt.base.tomltext import TomlValue
from dfsrt.device.devicetree.node import DeviceTree, Node
from dfsrt.device.devicetree.points import cells_of, is_disabled
from dfsrt.device.devicetree.tables import Table
from dfsrt.device.idle_check import MOST_STATES
from dfsrt.device.npu import Npu
from dfsrt.device.residual import UP, leakage_at

_LINKS = ("domain-idle-states", "cpu-idle-states")
_LATENCIES = ("entry-latency-us", "exit-latency-us", "min-residency-us")
_READ = {
    *_LATENCIES,
    *("wakeup-latency-us", "compatible", "status", "idle-state-name", "phandle", "linux,phandle"),
}
_KEEPS = re.compile("ret|standby|drowsy|wfi", re.IGNORECASE)


class TreeStates(NamedTuple):
    """The table ``idle`` of a device file, empty where the tree has no state of the NPU's.

    ``taken`` are the nodes that it is of, ``notes`` what is to be said of them.
    """

    table: Mapping[str, TomlValue]
    taken: tuple[Node, ...]
    notes: tuple[str, ...]


def read_states(tree: DeviceTree, table: Table, base: Npu, low_uv: int) -> TreeStates:
    """Return the idle states of what uses ``table``, by itself or by its power domains.

    Energies, and what flows in a state, stand in no tree: they are assumed from ``base``, at
    ``low_uv``, the lowest voltage of the points.

    Raises:
        DeviceError: a latency that is no number.
    """
    linked = list(dict.fromkeys(n for user in table.users for n in _linked(user)))
    notes = [
        f"{n.place}: idle state {n.name} is not enabled; skipped" for n in linked if is_disabled(n)
    ]
    enabled = [node for node in linked if not is_disabled(node)]
    silent = [n for n in enabled if not _has_latencies(n)]
    notes += [f"{n.place}: idle state {n.name} has no entry and exit latency" for n in silent]
    nodes = [node for node in enabled if node not in silent]
    if len(nodes) > MOST_STATES:
        notes.append(f"the first {MOST_STATES} of {len(nodes)} idle states are taken over")
        nodes = nodes[:MOST_STATES]
    if not nodes:
        return TreeStates({}, tuple(linked), tuple(notes))
    states: dict[str, TomlValue] = {}
    deep = 0
    for node in nodes:
        times, about = _times(node, tree.missing)
        notes += about
        keeps = deep == 0 and bool(_KEEPS.search(_called(node)))
        name = _name(_called(node), {*(s.name for s in base.idle), *states, "up", UP})
        states[name] = _state(times, base, low_uv, tree.source, keeps, deep)
        deep += not keeps
    notes.append(
        f"{len(states)} idle state{'s are' if len(states) > 1 else ' is'} taken over: "
        f"{', '.join(states)}; a tree has no energies: those are assumed"
    )
    order: dict[str, TomlValue] = {"order": list(states)}
    return TreeStates({**order, "states": states}, tuple(linked), (*notes, *_ignored(nodes)))


def _linked(user: Node) -> Iterator[Node]:
    """The states that a device names, then those that its power domains do."""
    for node in (user, *_domains(user)):
        for link in _LINKS:
            yield from node.targets(link)


def _domains(user: Node) -> Iterator[Node]:
    """The power domains of a device: providers, or of a provider of several the one meant."""
    prop = user.properties.get("power-domains")
    providers = user.targets("power-domains")
    if prop is None or not providers:
        return
    by_phandle = {
        n.properties["phandle"].cells[0]: n
        for n in providers
        if "phandle" in n.properties and n.properties["phandle"].cells
    }
    cells, at = prop.cells, 0
    while at < len(cells):
        provider = by_phandle.get(cells[at], providers[0] if at == 0 else None)
        if provider is None:
            return
        count = provider.properties.get("#power-domain-cells")
        size = count.cells[0] if count and count.cells else 0
        own = _numbered(provider, cells[at + 1]) if size and at + 1 < len(cells) else None
        yield own or provider
        at += 1 + size


def _numbered(provider: Node, number: int) -> Node | None:
    """The domain with a number, wherever it nests below its provider."""
    for node in provider.walk():
        reg = node.properties.get("reg")
        if node is not provider and reg and reg.cells[:1] == (number,):
            return node
    return None


def _has_latencies(node: Node) -> bool:
    return {"exit-latency-us", "entry-latency-us"} <= node.properties.keys()


def _times(node: Node, missing: list[str]) -> tuple[dict[str, int], list[str]]:
    """Nanoseconds of entry, exit and residency; a residency below both is no shorter than those."""
    entry, exit_us, stay = (
        cells_of(node.properties[name], missing)[0] if name in node.properties else 0
        for name in _LATENCIES
    )
    notes = []
    if 0 < stay < entry + exit_us:
        notes.append(
            f"{node.place}: {node.name} has a residency of {stay} us, below entry and exit; "
            f"{entry + exit_us} us are taken"
        )
        stay = entry + exit_us
    return {"entry_ns": entry * 1000, "exit_ns": exit_us * 1000, "residency_ns": stay * 1000}, notes


def _called(node: Node) -> str:
    name = node.properties.get("idle-state-name")
    return name.text if name else node.name


def _name(called: str, known: Collection[str]) -> str:
    """A name that no other state has, in the letters that names are made of."""
    plain = re.sub(r"[^\w.+-]", "-", called.partition("@")[0], flags=re.ASCII).strip("-._+")[:32]
    names = [plain or "state", *(f"{plain or 'state'}-dt{n}" for n in range(1, MOST_STATES + 2))]
    return next(name for name in names if name not in known)


def _state(
    times: Mapping[str, int], base: Npu, low_uv: int, origin: str, keeps: bool, depth: int
) -> dict[str, TomlValue]:
    """A state's table: collapse, or retention where it ``keeps`` what is on chip."""
    standing_w = (base.silicon.fixed_w + leakage_at(base, low_uv)) / base.rail.efficiency
    assumed = {
        "power_w": base.silicon.fixed_w / (2 if keeps else 5 * 2**depth),
        "leakage_share": 0.25 if keeps else 0.05 / 2**depth,
        "entry_j": standing_w * times["entry_ns"] * 1e-9,
        "exit_j": standing_w * times["exit_ns"] * 1e-9,
    }
    assumed = {name: float(f"{value:.3g}") for name, value in assumed.items()}
    return {
        **assumed,
        **times,
        "loses": ["clock"] if keeps else ["clock", "registers", "memory"],
        "source": _sources(bool(times["residency_ns"]), base.name, origin, keeps),
        "range": {name: _span(value) for name, value in assumed.items() if value},
    }


def _sources(has_residency: bool, base: str, origin: str, keeps: bool) -> dict[str, str]:
    stands = f"assumed: what {base} takes standing, for that time"
    drowsy = "assumed: drowsy SRAM leaves 25 % (ReGate, MICRO 2025, as NeuSim ships it)"
    gated = (
        "assumed: what power switches let through, 3 to 5 % in ReGate (MICRO 2025, as NeuSim ships "
        "it), half of it in each deeper state"
    )
    stay = f"imported from {origin}: min-residency-us, no shorter than entry and exit"
    return {
        "power_w": f"assumed: {'half' if keeps else 'a fifth or less'} of {base}'s fixed_w",
        "leakage_share": drowsy if keeps else gated,
        "entry_j": stands,
        "exit_j": stands,
        "entry_ns": f"imported from {origin}: entry-latency-us",
        "exit_ns": f"imported from {origin}: exit-latency-us",
        "residency_ns": stay if has_residency else "none told: the break-even time decides",
    }


def _span(value: float) -> list[float]:
    """A tenth to ten times; a share ends at 1, and none of these is above it otherwise."""
    return [float(f"{value / 10:.3g}"), float(f"{min(value * 10, max(value, 1.0)):.3g}")]


def _ignored(nodes: list[Node]) -> list[str]:
    """Properties of the states that mean nothing here, each once."""
    counts = Counter(name for node in nodes for name in node.properties if name not in _READ)
    return [
        f"idle states: property '{name}' is ignored" + (f" ({n} times)" if n > 1 else "")
        for name, n in counts.items()
    ]
