"""Options of the commands, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dfsrt.base import defaults
from dfsrt.cli.names import completed
from dfsrt.cli.parse import parse_count

_OR_ITS_OWN = ", or the scenario's own"

Load = Annotated[
    str,
    typer.Argument(
        metavar="LOAD",
        autocompletion=completed("network", "pipeline", "trace", "scenario"),
        help="A network, pipeline, trace or scenario by name (see 'dfsrt list'), or its file.",
    ),
]
Network = Annotated[
    str,
    typer.Argument(
        metavar="NETWORK",
        autocompletion=completed("network"),
        help="A network by name (see 'dfsrt list networks'), or an .onnx file.",
    ),
]
Trace = Annotated[
    str,
    typer.Argument(
        metavar="TRACE",
        autocompletion=completed("trace"),
        help="A trace by name (see 'dfsrt list traces'), a folder, or a .csv or .parquet file.",
    ),
]
Scenario = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        autocompletion=completed("scenario"),
        help="A scenario by name (see 'dfsrt list scenarios') or a .toml file.",
    ),
]

# What runs it, and how it is chosen.

Device = Annotated[
    str | None,
    typer.Option(
        "--device",
        "-d",
        autocompletion=completed("device"),
        show_default=f"{defaults.DEVICE}{_OR_ITS_OWN}",
        help="A device by name or .toml file, with options, NAME[:bin=BIN][:rail=RAIL][:cores=N], "
        "and numbers of its file: NAME:memory.buffer_bytes=512KiB:points=300MHz+1GHz.",
    ),
]
Devices = Annotated[
    str | None,
    typer.Option(
        "--device",
        "-d",
        autocompletion=completed("device"),
        show_default=f"{defaults.DEVICE}{_OR_ITS_OWN}",
        help="A device by name or .toml file, with options: NAME[:bin=BIN][:rail=RAIL][:cores=N]; "
        "with commas between several, they are compared.",
    ),
]
Governors = Annotated[
    list[str] | None,
    typer.Option(
        "--governor",
        "--governors",
        "-g",
        autocompletion=completed("governor"),
        show_default=f"{defaults.GOVERNOR}{_OR_ITS_OWN}; where governors are compared, the usual",
        help="A governor, with parameters: NAME[:key=value] or FILE.py:CLASS[:key=value]; several, "
        "with commas between them or by -g again, are compared.",
    ),
]
PowerModel = Annotated[
    str | None,
    typer.Option(
        "--power-model",
        autocompletion=completed("model"),
        show_default=f"{defaults.POWER_MODEL}{_OR_ITS_OWN}",
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
    str | None,
    typer.Option(
        "--precision",
        show_default=f"{defaults.PRECISION}{_OR_ITS_OWN}",
        help="int8, fp16, ..., w4a16 (weights, rest), or auto: fp32 as the device's own.",
    ),
]
NoFuse = Annotated[bool, typer.Option("--no-fuse", help="Every ONNX node a layer of its own.")]
Cycles = Annotated[
    str | None,
    typer.Option(
        "--cycles",
        help="Array cycles from a simulator's report or a compiler's profile: scalesim:FILE, "
        "zigzag:FOLDER, maestro:FILE, rknn:FILE, vela:FILE.",
    ),
]
Activity = Annotated[
    list[str] | None,
    typer.Option(
        "--activity",
        metavar="[NETWORK=]FILE",
        help="Measured zeros, by 'dfsrt activity': the plant's activity in place of a hidden one; "
        "a file for each of several networks.",
    ),
]
ActivityKnown = Annotated[
    bool,
    typer.Option("--activity-known", help="The power model, too, knows what --activity says."),
]
LayerTimes = Annotated[
    list[str] | None,
    typer.Option(
        "--layer-times",
        metavar="[NETWORK=]KIND:FILE",
        help="Layers' times that were measured, in place of the device's own: capture:FOLDER of "
        "'dfsrt capture', or rknn:, tensorrt:, openvino: or onnxruntime:FILE, a profile; a source "
        "for each of several networks.",
    ),
]
LayerTimesAt = Annotated[
    str | None,
    typer.Option(
        "--layer-times-at",
        metavar="CLOCK",
        show_default="what the source states, else the highest",
        help="The device's clock at which --layer-times hold, like '600MHz'.",
    ),
]
_SEED = typer.Option(
    "--seed",
    parser=parse_count,
    metavar="N",
    show_default=f"0{_OR_ITS_OWN}",
    help="Picks the plant's hidden activity.",
)
Seed = Annotated[int, _SEED]
AnySeed = Annotated[int | None, _SEED]
Correct = Annotated[
    bool,
    typer.Option("--correct", help="Let a meter's readings correct the power model as it runs."),
]

# Under which cap.

Cap = Annotated[
    str | None,
    typer.Option("--cap", "-c", help="Power cap like '0.8 W', or 'none'; else the device's own."),
]
CapAt = Annotated[
    list[str] | None,
    typer.Option("--cap-at", help="Change the cap during the run: TIME=WATTS, like '20ms=0.6W'."),
]
CapDomain = Annotated[
    str | None,
    typer.Option(
        "--cap-domain",
        show_default=f"{defaults.CAP_DOMAIN}{_OR_ITS_OWN}",
        help="What the cap holds: npu, npu+dram or system.",
    ),
]
CapWindow = Annotated[
    str | None,
    typer.Option(
        "--cap-window",
        show_default="0s",
        help="Window of the running average; 0s is each layer alone.",
    ),
]

# What comes, and until when.

_FRAMES = typer.Option(
    "--frames", "-n", parser=parse_count, metavar="N", help="How many inferences to run."
)
Frames = Annotated[int, _FRAMES]
AnyFrames = Annotated[int | None, _FRAMES]
Period = Annotated[
    str | None,
    typer.Option("--period", help="Time between arrivals, like '33ms'; else back to back."),
]
Prompt = Annotated[
    int | None,
    typer.Option(
        "--prompt",
        show_default="128",
        help="Tokens that each request of a language model, like llm:llama-3.2-1b, has read.",
    ),
]
Tokens = Annotated[
    int | None,
    typer.Option(
        "--tokens", show_default="32", help="Tokens that each request of a language model writes."
    ),
]
Deadline = Annotated[
    str | None, typer.Option("--deadline", help="Time from each frame's arrival to its finish.")
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        help="Stop at a time like '8 h', after '1000 requests', or with the battery: 'empty'.",
    ),
]
Discipline = Annotated[
    str | None,
    typer.Option(
        "--discipline",
        show_default="the governor's, else fifo",
        help="Who has the NPU: fifo; priority, edf (earliest deadline) or rm (shortest period), "
        "which take it at layer boundaries; for a language model continuous, many requests in a "
        "pass (continuous:budget=512:requests=64).",
    ),
]
Idle = Annotated[
    list[str] | None,
    typer.Option(
        "--idle",
        autocompletion=completed("idle"),
        show_default=f"none{_OR_ITS_OWN}",
        help="Who puts an idle NPU to sleep (see 'dfsrt list idle'), like timeout=50ms, or "
        "FILE.py:CLASS; several are compared.",
    ),
]
Parallel = Annotated[
    str | None,
    typer.Option(
        "--parallel",
        metavar="N",
        help="Requests at once, on cores of their own: 3, auto for all cores, or cores for each "
        "network, like 'resnet50=0,yolov8n=1_2'.",
    ),
]
IdleRail = Annotated[
    str | None,
    typer.Option(
        "--idle-rail",
        show_default=f"hold{_OR_ITS_OWN}",
        help="Where the rail stands while nothing runs: hold, or lowest.",
    ),
]
MemoryClock = Annotated[
    str | None,
    typer.Option(
        "--memory",
        autocompletion=completed("memory"),
        metavar="CLOCK|NAME",
        show_default="the highest, or what a plan says",
        help="The memory's clock, like 1560MHz, or who sets it (see 'dfsrt list memory'), or "
        "FILE.py:CLASS.",
    ),
]
Blind = Annotated[
    bool,
    typer.Option(
        "--blind",
        help="Let the governor plan as if the memory's clock were always the highest.",
    ),
]
Drop = Annotated[
    str | None,
    typer.Option(
        "--drop",
        show_default="none",
        help="Which waiting requests are given up: none, late (past their deadline), newest=N or "
        "oldest=N (where over N wait).",
    ),
]
Loop = Annotated[
    str | None,
    typer.Option(
        "--loop",
        show_default="open",
        help="open: requests come by the clock; closed: when their session is free.",
    ),
]
Repeat = Annotated[
    int | None,
    typer.Option(
        "--repeat",
        parser=parse_count,
        metavar="N",
        show_default="1",
        help="Run the trace N times over.",
    ),
]
TimeScale = Annotated[
    float | None,
    typer.Option(
        "--time-scale",
        show_default="1.0",
        help="Multiply the trace's times: 0.5 is twice as fast.",
    ),
]
Ambient = Annotated[
    str | None, typer.Option("--ambient", help="The air around a scenario, like '35 C'.")
]
Samples = Annotated[
    int | None,
    typer.Option(
        "--samples",
        parser=parse_count,
        metavar="N",
        help="Draw N dies, airs, ages and activities of a scenario; give distributions.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        "-w",
        parser=parse_count,
        metavar="N",
        help="Processes for what runs side by side; else one a core.",
    ),
]
Dask = Annotated[
    str | None,
    typer.Option("--dask", help="Use the workers of the Dask scheduler at tcp://HOST:PORT."),
]

# How it is run, and what is written.

Detail = Annotated[
    str | None,
    typer.Option(
        "--detail",
        help="What is held: layer, request or summary; else layers while they fit in memory.",
    ),
]
Step = Annotated[
    str | None,
    typer.Option(
        "--step",
        show_default="auto",
        help="Engine: layer by layer, the compiled kernel, or auto; same results.",
    ),
]
Bound = Annotated[
    bool,
    typer.Option(
        "--bound",
        help="Bound the energy from below as tightly as can be, by a linear program; without it a "
        "faster bound stands beside governors where there are few requests.",
    ),
]
PerLayer = Annotated[
    bool,
    typer.Option(
        "--per-layer",
        help="Print the last frame's layers, or where they are not held the first pass of each "
        "layer, and what held each.",
    ),
]
Json = Annotated[
    Path | None, typer.Option("--json", help="Write the report as JSON; '-' is standard output.")
]
Log = Annotated[
    Path | None,
    typer.Option(
        "--log", help="Write a row per layer run, per request or per tick of time, as Parquet."
    ),
]
Perfetto = Annotated[
    Path | None, typer.Option("--perfetto", help="Write the timeline as a Perfetto trace.")
]
Chrome = Annotated[
    Path | None, typer.Option("--chrome", help="Write the timeline as Chrome's trace JSON.")
]
TransStat = Annotated[
    Path | None,
    typer.Option("--trans-stat", help="Write clock transitions as the kernel's devfreq does."),
]
Figure = Annotated[
    Path | None, typer.Option("--figure", help="Draw clock and power over layers: .svg or .png.")
]
Html = Annotated[
    Path | None,
    typer.Option("--html", help="Write the report as one HTML page with figures, self-contained."),
]
