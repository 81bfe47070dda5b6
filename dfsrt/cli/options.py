"""Options that several commands share, declared once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dfsrt.base.errors import InputError


def parse_count(text: str) -> int:
    """Return a whole number as typed.

    Raises:
        InputError: anything else.
    """
    try:
        return int(str(text))
    except ValueError as error:
        raise InputError(f"'{text}' is not a whole number; write it like 10") from error


Network = Annotated[
    str,
    typer.Argument(
        metavar="NETWORK",
        help="A network or pipeline by name (see 'dfsrt list'), or an .onnx or .toml file.",
    ),
]
Device = Annotated[
    str,
    typer.Option(
        "--device",
        "-d",
        help="A device by name or .toml file, with options: NAME[:bin=BIN][:rail=RAIL].",
    ),
]
Cap = Annotated[
    str | None,
    typer.Option("--cap", "-c", help="Power cap like '0.8 W', or 'none'; else the device's own."),
]
CapAt = Annotated[
    list[str] | None,
    typer.Option("--cap-at", help="Change the cap during the run: TIME=WATTS, like '20ms=0.6W'."),
]
CapDomain = Annotated[
    str, typer.Option("--cap-domain", help="What the cap holds: npu, npu+dram or system.")
]
CapWindow = Annotated[
    str,
    typer.Option("--cap-window", help="Window of the running average; 0s is each layer alone."),
]
Governor = Annotated[
    str,
    typer.Option("--governor", "-g", help="A governor, with parameters: NAME[:key=value]."),
]
Governors = Annotated[
    str, typer.Option("--governors", "-g", help="Governors to compare, comma between them.")
]
Frames = Annotated[
    int,
    typer.Option(
        "--frames", "-n", parser=parse_count, metavar="N", help="How many inferences to run."
    ),
]
Period = Annotated[
    str | None,
    typer.Option("--period", help="Time between arrivals, like '33ms'; else back to back."),
]
PowerModel = Annotated[
    str,
    typer.Option(
        "--power-model",
        help="What the governor expects: fitted, datasheet, a trained model's name or folder; "
        "with a margin: NAME:guard=5%.",
    ),
]
Confidence = Annotated[
    str | None,
    typer.Option(
        "--confidence", help="Plan with the power model's upper bound at, say, 99%; else its mean."
    ),
]
Precision = Annotated[
    str,
    typer.Option("--precision", help="int8, fp16, fp32, or auto: fp32 runs as the device's own."),
]
Dim = Annotated[
    list[str] | None, typer.Option("--dim", help="Set a symbolic dimension, like batch=1.")
]
NoFuse = Annotated[bool, typer.Option("--no-fuse", help="Every ONNX node a layer of its own.")]
UnknownOps = Annotated[
    str,
    typer.Option("--unknown-ops", help="Operators without a rule: error, or memory traffic only."),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed", parser=parse_count, metavar="N", help="Picks the plant's hidden activity."
    ),
]
Detail = Annotated[
    str | None,
    typer.Option(
        "--detail",
        help="What is kept: layer, request or summary; else layers while they fit in memory.",
    ),
]
Step = Annotated[
    str,
    typer.Option(
        "--step", help="Engine: layer by layer, the compiled kernel, or auto; same results."
    ),
]
Correct = Annotated[
    bool,
    typer.Option("--correct", help="Let a meter's readings correct the power model as it runs."),
]
Cycles = Annotated[
    str | None,
    typer.Option(
        "--cycles",
        help="Array cycles from a simulator's report: scalesim:FILE, zigzag:FOLDER, maestro:FILE.",
    ),
]
Json = Annotated[
    Path | None, typer.Option("--json", help="Write the report as JSON; '-' is standard output.")
]
Figure = Annotated[
    Path | None, typer.Option("--figure", help="Draw clock and power over layers: .svg or .png.")
]
Html = Annotated[
    Path | None,
    typer.Option("--html", help="Write the report as one HTML page with figures, self-contained."),
]
Log = Annotated[
    Path | None,
    typer.Option("--log", help="Write a row per layer run, or per request, as Parquet."),
]


Perfetto = Annotated[
    Path | None,
    typer.Option("--perfetto", help="Write the timeline as a Perfetto trace."),
]
Chrome = Annotated[
    Path | None, typer.Option("--chrome", help="Write the timeline as Chrome's trace JSON.")
]
TransStat = Annotated[
    Path | None,
    typer.Option("--trans-stat", help="Write clock transitions as the kernel's devfreq does."),
]


def parse_names(text: str) -> list[str]:
    """Return what stands between the commas of ``text``, empty parts left out."""
    return [name.strip() for name in text.split(",") if name.strip()]


def parse_dims(pairs: list[str] | None) -> dict[str, int]:
    """Return ``batch=1`` pairs as a mapping.

    Raises:
        InputError: a pair without a name or a whole number above 0.
    """
    dims = {}
    for pair in pairs or []:
        name, _, size = pair.partition("=")
        if not name or not size.strip().isdecimal() or int(size) == 0:
            raise InputError(
                f"--dim '{pair}' is not NAME=SIZE with a whole size above 0; "
                "write it like --dim batch=1"
            )
        if name.strip() in dims:
            raise InputError(f"--dim sets '{name.strip()}' twice; set it once")
        dims[name.strip()] = int(size)
    return dims


def parse_cap_changes(pairs: list[str] | None) -> dict[str, str]:
    """Return ``20ms=0.6W`` pairs as a mapping.

    Raises:
        InputError: a pair without '=', or a time given twice.
    """
    changes: dict[str, str] = {}
    for pair in pairs or []:
        when, equals, limit = pair.partition("=")
        if not equals:
            raise InputError(
                f"--cap-at '{pair}' is not TIME=WATTS; write it like --cap-at 20ms=0.6W"
            )
        if when in changes:
            raise InputError(f"--cap-at sets the cap at '{when}' twice; set it once")
        changes[when] = limit
    return changes


_JOB_FIELDS = (
    "device",
    "cap",
    "cap_domain",
    "cap_window",
    "frames",
    "period",
    "power_model",
    "confidence",
    "precision",
    "unknown_ops",
    "seed",
    "correct",
    "detail",
    "step",
    "cycles",
)
"""Options that are fields of a job under the same name."""


def job_fields(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a command's parsed options as the fields of ``dfsrt.run.api.Job``."""
    fields = {name: options[name] for name in _JOB_FIELDS if name in options}
    fields["dims"] = parse_dims(options.get("dim"))
    fields["cap_changes"] = parse_cap_changes(options.get("cap_at"))
    fields["fuse"] = not options.get("no_fuse", False)
    return fields
