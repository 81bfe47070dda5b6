"""``dfsrt measure``: layers on a meter, into a samples file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.base.notice import notice
from dfsrt.base.units import parse_time_ns, parse_whole
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.names import completed
from dfsrt.cli.output import check_outputs, check_parquet_path
from dfsrt.cli.parse import parse_count
from dfsrt.cli.progress import progress
from dfsrt.cli.reading_options import ReadingOptions, reading_fields
from dfsrt.cli.said_line import tell
from dfsrt.network.layout import CHANNELS_LAST

if TYPE_CHECKING:
    from dfsrt.power.measure.choose import Bench

Device = Annotated[
    str,
    typer.Option(
        "--device",
        "-d",
        autocompletion=completed("device"),
        help="A simulated device by name or .toml file, or 'nvidia[:index=0]' for a real GPU.",
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Samples to write, a .parquet file.")]
Networks = Annotated[
    list[str] | None,
    typer.Option(
        "--network",
        autocompletion=completed("network"),
        help="Take layers of this network; repeatable. Else all shipped.",
    ),
]
Batch = Annotated[
    str, typer.Option("--batch", help="Sizes of the networks' open dimension 'batch', like 1,8.")
]
PerNetwork = Annotated[
    int,
    typer.Option("--per-network", parser=parse_count, metavar="N", help="Layers of each."),
]
Sweep = Annotated[
    int,
    typer.Option("--sweep", parser=parse_count, metavar="N", help="Made-up layers."),
]
Precisions = Annotated[
    str | None,
    typer.Option("--precision", help="Share of each precision: fp16=0.8,bf16=0.1,fp32=0.1."),
]
Settle = Annotated[
    str | None, typer.Option("--settle", help="nvidia: wait before each reading; else 0.3s.")
]
Window = Annotated[
    str | None, typer.Option("--window", help="nvidia: length of each reading; else 0.5s.")
]
Like = Annotated[
    str | None,
    typer.Option("--like", help="nvidia: measure the layers of this earlier samples file again."),
]
Layout = Annotated[
    str, typer.Option("--layout", help="nvidia: how images lie in memory, nhwc or nchw.")
]
WholeNetworks = Annotated[
    bool,
    typer.Option("--whole", help="nvidia: each network as one graph, into a .json.gz file."),
]
Shard = Annotated[
    str, typer.Option("--shard", help="Measure part I of N only, like 2/4: one a card.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be measured, and measure nothing.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureOptions(ReadingOptions):
    """What is said of what is measured."""

    out: Out
    device: Device = defaults.DEVICE
    network: Networks = None
    batch: Batch = "1"
    per_network: PerNetwork = 60
    sweep: Sweep = 400
    precision: Precisions = None
    seed: options.Seed = 0
    settle: Settle = None
    window: Window = None
    like: Like = None
    layout: Layout = CHANNELS_LAST
    whole: WholeNetworks = False
    shard: Shard = "1/1"
    dry_run: DryRun = False


@takes(MeasureOptions)
def measure(said: MeasureOptions) -> None:
    """Measure layers on a simulated device's virtual meter or on a real NVIDIA GPU."""
    _check_out(said.out, said.whole)
    _check_counts({"--seed": said.seed, "--sweep": said.sweep, "--per-network": said.per_network})
    from dfsrt.network.reading import reading_of
    from dfsrt.power.measure.choose import make_bench
    from dfsrt.power.measure.session import journal_of, measure_all
    from dfsrt.power.measure.wanted import Wanted

    wanted = Wanted(
        device=said.device,
        networks=tuple(said.network) if said.network else None,
        batches=_whole_numbers(said.batch),
        reading=reading_of(**reading_fields(said)),
        per_network=said.per_network,
        sweep=said.sweep,
        precisions=_shares(said.precision),
        seed=said.seed,
        settle_s=_seconds(said.settle, "settle"),
        window_s=_seconds(said.window, "window"),
        like=said.like,
        layout=said.layout,
    )
    bench = make_bench(wanted)
    if said.whole:
        _measure_whole(bench, said.out, said.dry_run)
        return
    if not (said.sweep or said.per_network or said.like):
        raise InputError("--sweep 0 and --per-network 0 leave nothing to measure; raise one")
    subjects = bench.subjects(*_part(said.shard))
    if said.dry_run:
        tell(f"{len(subjects)} readings on {said.device}; nothing measured")
        return
    try:
        with progress(len(subjects), f"measuring {said.device}") as on_done:
            done = measure_all(subjects, bench.open_meter(), said.out, on_done)
    except KeyboardInterrupt:
        kept = journal_of(said.out)
        if kept.exists():
            notice(f"readings are kept in '{kept}'; the same command goes on")
        raise
    tell(f"{done.samples} samples in {said.out}" + _also(done.resumed, len(done.skipped)))
    for reason in sorted(set(done.skipped))[:10]:
        notice(f"note: skipped: {reason}")


MOST_LAYERS = 1_000_000


def _check_out(out: Path, whole: bool) -> None:
    if not whole:
        check_parquet_path(out, "--out", "samples.parquet")
    elif not out.name.endswith(".json.gz"):
        raise InputError(f"--out '{out}' is for whole networks; name it like networks.json.gz")
    check_outputs(out)


def _check_counts(counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        if count < 0:
            raise InputError(f"{name} {count} is below 0; give a whole number of 0 or more")
        if name != "--seed" and count > MOST_LAYERS:
            raise InputError(f"{name} {count} is out of range; give at most {MOST_LAYERS:,}")


def _measure_whole(bench: Bench, out: Path, dry_run: bool) -> None:
    from dfsrt.power.measure.choose import NvidiaBench
    from dfsrt.power.measure.program import measure_networks

    if not isinstance(bench, NvidiaBench):
        raise InputError("--whole is for a real card; give --device nvidia, or leave out --whole")
    programs = bench.programs()
    if dry_run:
        tell(f"{len(programs)} networks; nothing measured")
        return
    skipped = measure_networks(programs, bench.open_meter(), out)
    tell(f"{len(programs) - len(skipped)} networks in {out}")
    for reason in skipped:
        notice(f"note: skipped: {reason}")


def _seconds(text: str | None, what: str) -> float | None:
    return None if text is None else parse_time_ns(text, what) * 1e-9


def _also(resumed: int, skipped: int) -> str:
    parts = [f"{resumed} of an earlier try"] if resumed else []
    parts += [f"{skipped} layers could not run"] if skipped else []
    return f" ({', '.join(parts)})" if parts else ""


def _whole_numbers(text: str) -> tuple[int, ...]:
    sizes = [parse_whole(part.strip()) or 0 for part in text.split(",")]
    if not all(sizes):
        raise InputError(
            f"--batch '{text}' is no list of sizes above 0; write it like 8, or for a real card "
            "like 1,8,32"
        )
    return tuple(sizes)


def _shares(text: str | None) -> dict[str, float] | None:
    if text is None:
        return None
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, share = part.strip().partition("=")
        try:
            shares[name] = float(share) if equals else 1.0
        except ValueError as error:
            raise InputError(
                f"--precision '{part}' has no number after '='; write it like fp16=0.8,fp32=0.2"
            ) from error
    if not all(0 < share < math.inf for share in shares.values()):
        raise InputError(f"--precision '{text}' has a share that is no number above 0")
    return shares


def _part(shard: str) -> tuple[int, int]:
    """Return (part counted from 0, parts) of a text like ``1/2``."""
    index, slash, count = shard.partition("/")
    whole = index.isdecimal() and count.isdecimal() and slash
    if not whole or not 1 <= int(index) <= int(count):
        raise InputError(f"--shard '{shard}' is not I/N with I from 1 to N; write it like 1/2")
    return int(index) - 1, int(count)
