"""``dfsrt import``: recordings of other tools, shown, converted or turned into a trace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.base.places import own_name
from dfsrt.base.units import format_si, parse_period_ns, parse_time_ns
from dfsrt.cli import options
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.trace_generate import say_written

if TYPE_CHECKING:
    from rich.console import Console

    from dfsrt.recording import Recording, RecordingSummary
    from dfsrt.trace import Trace

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A recording of another tool, packed or not; --format lists the kinds.",
    ),
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        help="auto, onnxruntime, chrome, perfetto, ftrace, devlib, tegrastats, power or table.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", help="Recording to write, .parquet or .csv; with --requests a trace folder."
    ),
]
Pattern = Annotated[
    str | None,
    typer.Option("--requests", help="Make a trace: a request for each slice like this pattern."),
]
Workload = Annotated[
    str | None, typer.Option("--workload", help="What each request runs, by name or .onnx file.")
]

Since = Annotated[
    str | None, typer.Option("--from", help="Mean power from this time of the recording on: 2 s.")
]
Until = Annotated[
    str | None, typer.Option("--until", help="Mean power until this time of the recording: 12 s.")
]
Interval = Annotated[
    str | None,
    typer.Option("--interval", help="Time between the lines of a power log without times."),
]


def import_recording(
    file: File,
    format_: Format = "auto",
    out: Out = None,
    requests: Pattern = None,
    workload: Workload = None,
    since: Since = None,
    until: Until = None,
    interval: Interval = None,
    json: options.Json = None,
) -> None:
    """Show what another tool recorded; convert it, or make a workload trace of it."""
    _check_options(out, requests, workload, json)
    start_s = None if since is None else parse_time_ns(since, "--from") * 1e-9
    end_s = None if until is None else parse_time_ns(until, "--until") * 1e-9
    interval_ns = None if interval is None else parse_period_ns(interval, "--interval")
    from dfsrt.recording import read_recording, summary_of
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    recording = read_recording(file, format_, interval_ns)
    summary = summary_of(recording, start_s, end_s)
    trace = None
    if requests is not None and workload is not None and out is not None:
        trace = _write_trace(recording, file, requests, workload, out)
    elif out is not None:
        from dfsrt.recording import table

        table.write(recording, out)
    if json is not None:
        write_bytes(to_json(summary), json)
    if json != STDOUT:
        _show(make_console(), file, summary)
        if trace is not None and out is not None:
            say_written(out, trace)


def _check_options(
    out: Path | None, requests: str | None, workload: str | None, json: Path | None
) -> None:
    check_outputs(json)
    if requests is None:
        if workload is not None:
            raise InputError("--workload needs --requests PATTERN; give both, or leave it out")
        if out is not None and out.suffix.lower() not in (".parquet", ".csv"):
            raise InputError(f"--out '{out}' is no .parquet and no .csv file; name it like 'r.csv'")
        check_outputs(out, json)
        return
    if workload is None or out is None:
        raise InputError(
            "--requests makes a trace folder and needs --workload NAME and --out FOLDER; give both"
        )
    from dfsrt.base.files import check_new_folder

    check_new_folder(out)


def _write_trace(recording: Recording, file: Path, pattern: str, workload: str, out: Path) -> Trace:
    from dfsrt.capture import requests_from, write_recorded
    from dfsrt.trace.workload import check_workload, seen_from

    check_workload(workload)
    kind = recording.about.get("format", "unknown")
    source = f"dfsrt import: '{file.name}', format {kind}"
    trace = requests_from(recording, pattern, seen_from(workload, out), own_name(out), source)
    write_recorded(trace, out, {"pattern": pattern, **recording.about})
    return trace


def _show(console: Console, file: Path, s: RecordingSummary) -> None:
    from dfsrt.recording.source import printable
    from dfsrt.report.tables import say, show

    about = ", ".join(f"{key}: {value}" for key, value in s.about.items() if key != "file")
    say(
        console,
        f"{file.name}: {s.slices:,} slices on {len(s.tracks)} tracks and {s.samples:,} samples "
        f"of {len(s.counters)} counters in {format_si(s.span_s, 's')}",
        about,
    )
    if s.tracks:
        rows = [
            (
                printable(t.track),
                f"{t.slices:,}",
                f"{t.names:,}",
                format_si(t.busy_s, "s"),
                f"{t.busy_share:.1%}",
            )
            for t in s.tracks
        ]
        show(console, ("<track", "slices", "names", "busy", "share"), rows)
    if s.counters:
        values = [
            (
                printable(c.counter),
                f"{c.samples:,}",
                *(_value(v, c.unit) for v in (c.min, c.max, c.last)),
            )
            for c in s.counters
        ]
        show(console, ("<counter", "samples", "lowest", "highest", "last"), values)
    if s.power:
        show(console, ("<power of", "mean", "energy", "from", "until"), _power(s))


def _power(s: RecordingSummary) -> list[tuple[str, ...]]:
    from dfsrt.recording.source import printable

    return [
        (
            printable(rail.rail),
            format_si(rail.mean_w, "W", 4),
            format_si(rail.energy_j, "J", 4),
            format_si(rail.start_s, "s"),
            format_si(rail.end_s, "s"),
        )
        for rail in s.power
    ]


def _value(value: float, unit: str) -> str:
    """Values of physical units with a prefix; a share, a degree or a count as it is."""
    return f"{value:g} {unit}".rstrip() if unit in ("", "%", "degC") else format_si(value, unit)
