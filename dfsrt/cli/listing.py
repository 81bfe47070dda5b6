"""``dfsrt list``: what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from dfsrt.errors import InputError
from dfsrt.spec import unknown_name

Kind = Annotated[
    str | None, typer.Argument(help="networks, devices, governors or models; all without.")
]


def list_names(kind: Kind = None) -> None:
    """List networks, devices, governors and power models by name."""
    if kind is not None and kind not in _LISTS:
        raise InputError(unknown_name("list", kind, _LISTS))
    from dfsrt.report.tables import make_console, show

    console = make_console()
    for name in [kind] if kind else list(_LISTS):
        show(console, (f"<{name}", "<"), _LISTS[name]())


def _networks() -> list[tuple[str, str]]:
    from dfsrt.network import network_names

    return [(name, "shipped with the onnx package, opset 9") for name in network_names()]


def _devices() -> list[tuple[str, str]]:
    from dfsrt.device.load import device_names, read_device_file

    return [(name, read_device_file(name).description) for name in device_names()]


def _governors() -> list[tuple[str, str]]:
    from dfsrt.governor.registry import governor_class, governor_names, parameters

    rows = []
    for name in governor_names():
        made = governor_class(name)
        promise = (made.__doc__ or "").strip().split("\n")[0].replace("``", "")
        told = ", ".join(parameters(made))
        rows.append((name, f"{promise}{f' Parameters: {told}.' if told else ''}"))
    return rows


def _models() -> list[tuple[str, str]]:
    from dfsrt.power.choose import MODELS
    from dfsrt.power.models import model_names

    trained = [(n, "trained; see dfsrt models show") for n in model_names()]
    return [*MODELS.items(), *trained]


_LISTS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "networks": _networks,
    "devices": _devices,
    "governors": _governors,
    "models": _models,
}
