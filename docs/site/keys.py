"""Reference of files: every key of every TOML file that dfsrt reads, from what checks it."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from dfsrt.device import engines
from dfsrt.device.dram.schema import PartFile
from dfsrt.device.schema import DeviceFile
from dfsrt.device.truth_file import Truth
from dfsrt.governor.file import GovernorFile
from dfsrt.network.llm.config import LlmConfig
from dfsrt.network.pipeline.schema import PipelineFile
from dfsrt.power.card import Card
from dfsrt.run.scenario_schema import ScenarioFile
from dfsrt.study.levers.file import LeversFile
from dfsrt.study.study import Study
from dfsrt.study.sweep.known import IS, KIND, PAIRS
from dfsrt.study.sweep.study import SweepStudy
from dfsrt.trace.card import CardFile
from dfsrt.trace.day_file import DayFile
from dfsrt.trace.token_stream import StreamFile
from dfsrt.world.battery.load import BatteryFile
from dfsrt.world.components.load import ComponentFile
from dfsrt.world.heat.schema import HeatFile
from docs.site.markdown import code, plain, table
from docs.site.shapes import Shape, shape_text


@dataclass(frozen=True)
class FileKind:
    """A kind of file: what checks it, what it is for, and the page that tells of it."""

    title: str
    shape: type
    what: str
    page: str = ""
    more: Callable[[], str] = str


def _engines() -> str:
    """The keys of each engine's table, by the dataflows that have it."""
    dataflows: dict[type, list[str]] = {}
    for module in pkgutil.iter_modules(engines.__path__, f"{engines.__name__}."):
        for dataflow, engine in import_module(module.name).ENGINES.items():
            dataflows.setdefault(engine, []).append(f"engine.{dataflow}")
    parts = (shape_text(engine, ", ".join(names), defaults=True, level=3)
             for engine, names in dataflows.items())  # fmt: skip
    return "## Engines\n\nA table for the array's `dataflow`, and no other.\n\n" + "\n".join(parts)


def _varied() -> str:
    """The fields that a sweep may vary or share."""
    rows = [
        (code(name), " or ".join(IS[kind] for kind in kinds), "" if name in PAIRS else "yes")
        for name, kinds in KIND.items()
    ]
    text = (
        "## What a sweep may vary and share\n\nFields of a run's specification: what they mean "
        "stands at [RunSpec](../api/spec.md), and as options at [dfsrt run](../commands/run.md)."
        "\n\n"
    )
    return text + table(("key of `vary` and `over`", "holds", "may vary"), rows)


FILES: Mapping[str, FileKind] = {
    "device": FileKind(
        "Device", DeviceFile, "A chip: what runs, at which clocks and voltages, and what it burns. "
        "For `--device`.", "devices.md", _engines,
    ),
    "dram": FileKind(
        "DRAM part", PartFile, "A DRAM part's timing and energies. For `--dram`.", "dram.md"
    ),
    "truth": FileKind(
        "Truth", Truth, "Published measurements of a chip. For `dfsrt device check`.", "truth.md"
    ),
    "governor": FileKind(
        "Governor", GovernorFile, "A governor with its parameters, as `dfsrt tune` writes it. For "
        "`--governor`.", "tuning.md",
    ),
    "scenario": FileKind(
        "Scenario", ScenarioFile, "A load on a device in its surroundings: battery, heat, "
        "components, limits. For `dfsrt run` and `dfsrt battery`.", "battery.md",
    ),
    "battery": FileKind(
        "Battery", BatteryFile, "A cell. Named by a scenario.", "battery.md"
    ),
    "heat": FileKind(
        "Heat model", HeatFile, "Where heat goes in a device. Named by a scenario.", "battery.md"
    ),
    "component": FileKind(
        "Component", ComponentFile, "What draws power beside the NPU. Named by a scenario.",
        "battery.md",
    ),
    "pipeline": FileKind(
        "Pipeline", PipelineFile, "Networks in stages, with parameters. A load.", "replay.md"
    ),
    "language_model": FileKind(
        "Language model", LlmConfig, "The sizes of a decoder, for a load like `llm:FILE.toml`.",
        "language_models.md",
    ),
    "study": FileKind("Study", Study, "What `dfsrt tune` searches.", "tuning.md"),
    "sweep": FileKind(
        "Sweep", SweepStudy, "What `dfsrt sweep` runs.", "sweep.md", _varied
    ),
    "levers": FileKind(
        "Levers", LeversFile, "Levers of one's own, for `dfsrt levers`.", "levers.md"
    ),
    "trace_card": FileKind(
        "Trace card", CardFile, "`card.toml` beside the requests of a trace.", "replay.md"
    ),
    "day": FileKind(
        "Day", DayFile, "A day's use, for `dfsrt trace generate`.", "replay.md"
    ),
    "token_stream": FileKind(
        "Stream of tokens", StreamFile, "Statistics of requests for a language model, for "
        "`dfsrt trace generate`.", "language_model_traces.md",
    ),
    "model_card": FileKind(
        "Power model card", Card, "`card.toml` of a power model, which `dfsrt train` writes.",
        "power_models.md",
    ),
}  # fmt: skip
"""Every file that people may write, and what people may look into, by its page's name."""


def keys_text(name: str) -> str:
    """Return the page of a kind of file."""
    kind = FILES[name]
    more = f" More: [{kind.page.removesuffix('.md')}](../../{kind.page})." if kind.page else ""
    shape = shape_text(kind.shape, "At the top", defaults=True)
    about = " ".join(filter(None, (_ABOUT, _refused(kind.shape), _based(kind.shape))))
    return f"# {kind.title}\n\n{kind.what}{more}\n\n{about}\n\n{shape}\n{kind.more()}"


def _refused(shape: type) -> str:
    """What becomes of a key that is unknown, as the structures say it."""
    settings = [getattr(table, "__struct_config__", None) for table in Shape(shape).tables]
    everywhere = all(one is not None and one.forbid_unknown_fields for one in settings)
    return f"A key {'' if everywhere else 'at the top '}that is not here is refused."


def _based(shape: type) -> str:
    """What a base spares, where a kind of file has one."""
    if all(key.encode_name != "base" for key in Shape(shape).tables[shape].fields):
        return ""
    return (
        "What a file with `base` leaves out comes from there, tables key by key: what must be "
        "given must stand in the file or in its base."
    )


_ABOUT = (
    "The file is TOML. A heading is a table: `a.b` is written `[a.b]`, `a[]` is `[[a]]` or a list "
    "of inline tables, and `NAME` any name."
)


def index_text() -> str:
    """Return the page that lists all kinds of files."""
    rows = [(f"[{plain(k.title)}](keys/{name}.md)", k.what) for name, k in FILES.items()]
    return "# Files\n\nEvery key of every file that dfsrt reads.\n\n" + table(
        ("file", "what it is"), rows
    )
