"""``dfsrt list``: what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.cli.names import beginning

if TYPE_CHECKING:
    from dfsrt.base.plugin import PluginKind

Plugin = TypeVar("Plugin")
Kind = Annotated[
    str | None,
    typer.Argument(
        autocompletion=lambda incomplete: beginning(_LISTS, incomplete),
        help="networks, pipelines, traces, devices, drams, mappers, schedules, transforms, "
        "governors, idle, memory, models, scenarios, batteries, components or heat; all without.",
    ),
]


def list_names(kind: Kind = None) -> None:
    """List what there is by name: networks, devices, governors, mappers, scenarios and more."""
    if kind is not None and kind not in _LISTS:
        raise InputError(unknown_name("list", kind, _LISTS))
    from dfsrt.report.tables import make_console, show

    console = make_console()
    for name in [kind] if kind else list(_LISTS):
        show(console, (f"<{name}", "<"), _LISTS[name]())


def _networks() -> list[tuple[str, str]]:
    from dfsrt.network import built_names, shelf_names, trained_names
    from dfsrt.network.built import built_what

    trained = [(name, "trained on scikit-learn's digits, opset 17") for name in trained_names()]
    read = [(name, "shipped with the onnx package, opset 9") for name in shelf_names()]
    return [*trained, *read, *((name, built_what(name)) for name in built_names())]


def _pipelines() -> list[tuple[str, str]]:
    from dfsrt.network.pipeline import load_pipeline, pipeline_names

    found = [load_pipeline(name) for name in pipeline_names()]
    return [(p.name, f"{p.description}. Parameters: {_told(p.parameters)}.") for p in found]


def _told(parameters: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())


def _traces() -> list[tuple[str, str]]:
    from dfsrt.base.shelf import shelf_entries
    from dfsrt.trace.card import read_card

    cards = [read_card(entry / "card.toml") for entry in shelf_entries("traces")]
    return [(card.name, f"{card.kind}: {card.description}") for card in cards]


def _devices() -> list[tuple[str, str]]:
    from dfsrt.device.load import device_names, read_device_file

    return [(name, read_device_file(name).description) for name in device_names()]


def _drams() -> list[tuple[str, str]]:
    from dfsrt.base.units import format_si
    from dfsrt.device.dram import dram_names, load_dram

    drams = [load_dram(name) for name in dram_names()]
    return [(d.name, f"{d.description}; {format_si(d.peak_bytes_per_s, 'B/s')}") for d in drams]


def _governors() -> list[tuple[str, str]]:
    from dfsrt.governor.registry import GOVERNORS

    return _plugins(GOVERNORS)


def _idle() -> list[tuple[str, str]]:
    from dfsrt.governor.idle import IDLE_GOVERNORS

    return _plugins(IDLE_GOVERNORS)


def _memory() -> list[tuple[str, str]]:
    from dfsrt.governor.memory import MEMORY_GOVERNORS

    return _plugins(MEMORY_GOVERNORS)


def _schedules() -> list[tuple[str, str]]:
    from dfsrt.cost.schedule.registry import SCHEDULES

    return _plugins(SCHEDULES)


def _mappers() -> list[tuple[str, str]]:
    from dfsrt.cost.mapper.registry import MAPPERS

    return _plugins(MAPPERS)


def _transforms() -> list[tuple[str, str]]:
    from dfsrt.optimize.registry import TRANSFORMS

    return _plugins(TRANSFORMS)


def _plugins(kind: PluginKind[Plugin]) -> list[tuple[str, str]]:
    from dfsrt.base.plugin import parameters

    rows = []
    for name in kind.names():
        cls = kind.class_of(name)
        promise = (cls.__doc__ or "").strip().split("\n")[0].replace("``", "")
        names = ", ".join(parameters(cls))
        rows.append((name, f"{promise}{f' Parameters: {names}.' if names else ''}"))
    if kind.common:
        rows.append(("(any of them)", f"Parameters: {', '.join(kind.common)}."))
    return rows


def _models() -> list[tuple[str, str]]:
    from dfsrt.power.choose import MODELS
    from dfsrt.power.models import model_names

    trained = [(n, "trained; see dfsrt models show") for n in model_names()]
    return [*MODELS.items(), *trained]


def _scenarios() -> list[tuple[str, str]]:
    from dfsrt.run.scenario_load import load_scenario, scenario_names

    return [(name, load_scenario(name).what) for name in scenario_names()]


def _batteries() -> list[tuple[str, str]]:
    from dfsrt.world.battery import battery_names, load_battery

    found = [load_battery(name) for name in battery_names()]
    return [(b.name, f"{b.what}; {b.capacity_ah.value:g} Ah, {b.model}") for b in found]


def _components() -> list[tuple[str, str]]:
    from dfsrt.world.components import component_names, load_component

    found = [load_component(name) for name in component_names()]
    return [
        (c.name, f"{c.what}. States: {', '.join([*c.states, 'off'])}."
         + (f" Events: {', '.join(c.events)}." if c.events else ""))
        for c in found
    ]  # fmt: skip


def _heat() -> list[tuple[str, str]]:
    from dfsrt.world.heat import heat_names, load_heat

    found = [load_heat(name) for name in heat_names()]
    return [(h.name, f"{h.what}. Nodes: {', '.join(n.name for n in h.nodes)}.") for h in found]


_LISTS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "networks": _networks,
    "pipelines": _pipelines,
    "traces": _traces,
    "devices": _devices,
    "drams": _drams,
    "governors": _governors,
    "idle": _idle,
    "memory": _memory,
    "schedules": _schedules,
    "mappers": _mappers,
    "transforms": _transforms,
    "models": _models,
    "scenarios": _scenarios,
    "batteries": _batteries,
    "components": _components,
    "heat": _heat,
}
