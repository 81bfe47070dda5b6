"""``dfsrt reproduce etri``: per-layer frequency scaling against DVFS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.cli import options
from dfsrt.cli.names import completed
from dfsrt.cli.output import check_outputs
from dfsrt.cli.progress import progress
from dfsrt.cli.reproduce.publish import publish

if TYPE_CHECKING:
    from dfsrt.device import Npu
    from dfsrt.reproduce.etri import Sensitivity

Device = Annotated[
    str,
    typer.Option("--device", "-d", autocompletion=completed("device"), help="Device to run it on."),
]
Cap = Annotated[
    str | None,
    typer.Option("--cap", "-c", help="Power cap of the NPU like '12 W'; else the device's own."),
]
MAX_FRAMES = 1_000


def etri(
    device: Device = "etri-like",
    cap: Cap = None,
    frames: options.Frames = 3,
    seed: options.Seed = 0,
    json: options.Json = None,
) -> None:
    """Layer-wise frequency scaling against DVFS: Chung et al., ETRI Journal 44(5), 2022."""
    check_outputs(json)
    from dfsrt.base.errors import InputError
    from dfsrt.base.units import parse_power_w
    from dfsrt.base.whole import check_seed
    from dfsrt.device import load_device

    check_seed(seed)
    if not 1 <= frames <= MAX_FRAMES:
        raise InputError(f"frames {frames} is out of range; allowed is 1 to {MAX_FRAMES}")
    npu = load_device(device)
    cap_w = npu.default_cap_w if cap is None else parse_power_w(cap, "cap")
    publish(_varied(npu, cap_w, frames, seed), json)


def _varied(npu: Npu, cap_w: float, frames: int, seed: int) -> Sensitivity:
    """Run the device as it is, and with each thing varied that the paper leaves open."""
    from dfsrt.reproduce import etri as study

    networks = study.load_networks(npu)
    open_points = study.sensitivity(npu, cap_w)
    settings = [s for group in open_points.values() for s in group]
    with progress(1 + len(settings), "reproduce etri") as step:
        main = study.reproduce(study.Setting("as preset", npu, cap_w), networks, frames, seed)
        step(1)
        varied = {}
        for done, setting in enumerate(settings, start=2):
            varied[id(setting)] = study.reproduce(setting, networks, frames, seed)
            step(done)
    groups = {name: [varied[id(s)] for s in group] for name, group in open_points.items()}
    return study.Sensitivity(main, groups)
