"""Write the generated parts of the documentation: ``make docs``."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from dfsrt.live.survey import Survey
from dfsrt.report.device_check import DeviceCheck
from dfsrt.report.device_checks import DeviceChecks, check_presets
from dfsrt.report.device_sheet import DeviceSheet
from dfsrt.report.frontier_table import FrontierReport
from dfsrt.report.installation import Installation
from dfsrt.report.layer_times import ProfileReport
from dfsrt.report.layers import LayersReport
from dfsrt.report.memory.schema import MemoryComparisonReport, MemoryReport
from dfsrt.report.memory_stream import StreamReport
from dfsrt.report.network_check_schema import NetworkCheck
from dfsrt.report.optimize.schema import OptimizeReport
from dfsrt.report.predicted import PredictReport
from dfsrt.report.samples import LifeRanges, LifeSamples
from dfsrt.report.schema import ComparisonReport, Report, to_json
from dfsrt.report.trace_table import TraceReport
from dfsrt.reproduce.deep_compression.schema import DeepCompressionReport
from dfsrt.reproduce.romanet.schema import RomanetReport
from dfsrt.reproduce.zheng.schema import ZhengReport
from dfsrt.study.budget import BudgetReport
from dfsrt.study.calibration.result import Calibration
from dfsrt.study.layers.schema import LayerReport
from dfsrt.study.levers.schema import LeversReport
from dfsrt.study.sweep.schema import SweepReport
from docs import (
    accelerators,
    battery,
    calibration,
    deep_compression,
    dram,
    governors,
    levers,
    memory,
    memory_papers,
    networks,
    optimize,
    race,
    readme,
    real_networks,
    sd2,
    smaller,
    token_traces,
    truth,
    walks,
)
from docs.models import models_text
from docs.schedules import schedules_text
from docs.survey import etri_text, survey_text

DOCS = Path(__file__).parent
DFSRT = str(Path(sys.executable).with_name("dfsrt"))

SCHEMAS = {
    "run": Report,
    "compare": ComparisonReport,
    "doctor": Installation,
    "layers": LayersReport,
    "memory": MemoryReport,
    "memory_compare": MemoryComparisonReport,
    "network_check": NetworkCheck,
    "optimize": OptimizeReport,
    "optimize_search": LayerReport,
    "predict": PredictReport,
    "frontier": FrontierReport,
    "sweep": SweepReport,
    "levers": LeversReport,
    "live_show": Survey,
    "trace": TraceReport,
    "memory_stream": StreamReport,
    "battery_samples": LifeSamples,
    "battery_ranges": LifeRanges,
    "budget": BudgetReport,
    "device_check": DeviceCheck,
    "device_checks": DeviceChecks,
    "device_show": DeviceSheet,
    "device_profile": ProfileReport,
    "device_calibrate": Calibration,
    "reproduce_deep_compression": DeepCompressionReport,
    "reproduce_romanet": RomanetReport,
    "reproduce_zheng": ZhengReport,
}

OUTPUTS = {
    "output/reproduce_etri.txt": ["reproduce", "etri"],
    "output/reproduce_deep_compression.txt": ["reproduce", "deep-compression"],
    "output/reproduce_romanet.txt": ["reproduce", "romanet"],
    "output/reproduce_zheng.txt": ["reproduce", "zheng"],
    "output/compare_resnet50.txt": ["compare", "resnet50", "--cap", "0.18W"],
    "output/device_rk3588.txt": ["device", "show", "rk3588-npu"],
    "output/list.txt": ["list"],
}
"""Files that hold what a command prints, with the command."""

BUDGET_OUTPUTS = {"budget": "dfsrt budget infinite-zoom-phone --target '8 h'"}
"""The command whose output docs/budget.md shows."""

REPLAY_OUTPUTS = {
    "zoom": "dfsrt run infinite-zoom --frames 5 --precision fp16",
    "traces": "dfsrt list traces",
    "replay": "dfsrt replay voice-assistant --discipline priority --drop late",
    "timed": "dfsrt replay resnet50-xeon --layer-times capture:resnet50-xeon -g performance "
    "--cap none",
}
"""Commands whose output docs/replay.md shows."""


def shown(commands: dict[str, str]) -> dict[str, str]:
    """Return each command with its output, as a page shows it."""
    return {
        name: f"```console\n$ {command}\n{readme.output_of(command)}```\n"
        for name, command in commands.items()
    }


def schema_text(name: str) -> bytes:
    """Return the JSON schema of a report as it is published."""
    schema = msgspec.json.schema(SCHEMAS[name])
    for part in schema["$defs"].values():
        # Python 3.13 takes the indentation out of docstrings, earlier ones leave it in.
        part["description"] = inspect.cleandoc(part["description"])
    return to_json(schema)


def filled(text: str, parts: dict[str, str]) -> str:
    """Return ``text`` with each part between its ``<!-- name -->`` marks replaced."""
    for name, part in parts.items():
        marks = re.compile(f"<!-- {name} -->\n.*<!-- /{name} -->", re.DOTALL)
        text = marks.sub(lambda _, n=name, p=part: f"<!-- {n} -->\n{p}<!-- /{n} -->", text)
    return text


def _fill(name: str, parts: dict[str, str]) -> None:
    """Write the generated parts of a page."""
    page = DOCS / name
    page.write_text(filled(page.read_text(), parts))


def _pays() -> dict[str, str]:
    """Return the tables of the page on when layer-wise clocks pay."""
    return {"survey": survey_text(), "etri": etri_text(), "schedules": schedules_text()}


def dram_parts() -> dict[str, str]:
    """Return the parts of docs/dram.md."""
    return {**shown({"stream": dram.COMMAND}), "golden": dram.golden_text()}


PARTS: dict[str, Callable[[], dict[str, str]]] = {
    "when_dfs_pays.md": _pays,
    "power_models.md": lambda: {"models": models_text()},
    "replay.md": lambda: shown(REPLAY_OUTPUTS),
    "language_model_traces.md": token_traces.parts,
    "battery.md": lambda: {**shown(battery.OUTPUTS), "idle": battery.idle_text()},
    "budget.md": lambda: shown(BUDGET_OUTPUTS),
    "accelerators.md": accelerators.parts,
    "dram.md": dram_parts,
    "networks.md": networks.parts,
    "real_networks.md": real_networks.parts,
    "memory_papers.md": memory_papers.parts,
    "deep_compression.md": deep_compression.parts,
    "sd2.md": sd2.parts,
    "memory.md": lambda: shown(memory.OUTPUTS),
    "levers.md": lambda: shown(levers.OUTPUTS),
    "smaller_networks.md": smaller.parts,
    "optimize.md": lambda: shown(optimize.OUTPUTS),
}
"""Pages with generated parts, and what makes them."""


FIGURES = {**memory.FIGURES, **levers.FIGURES, **optimize.FIGURES, **race.FIGURES}
"""Figures of the documentation, and the command that draws each."""


def main() -> None:
    for name in SCHEMAS:
        (DOCS / "schema" / f"{name}.json").write_bytes(schema_text(name))
    for file, command in OUTPUTS.items():
        done = subprocess.run([DFSRT, *command], capture_output=True, text=True, check=True)
        path = DOCS / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"$ dfsrt {' '.join(command)}\n{done.stdout}")
        print(f"written docs/{file}")
    for page, parts in PARTS.items():
        _fill(page, parts())
    (DOCS / "battery_ranges.md").write_text(battery.ranges_text())
    (DOCS / "figures").mkdir(exist_ok=True)
    for name, command in FIGURES.items():
        words = [*shlex.split(command)[1:], "--figure", str(DOCS / "figures" / name)]
        subprocess.run([DFSRT, *words], check=True)
    figure = str(DOCS / "figures" / "resnet50.svg")
    subprocess.run([DFSRT, "compare", "resnet50", "--cap", "0.18W", "--figure", figure], check=True)
    figure = str(DOCS / "figures" / "frontier_resnet50.svg")
    subprocess.run(
        [DFSRT, "frontier", "resnet50", "--cap", "0.18W", "--figure", figure], check=True
    )
    checks = check_presets()
    (DOCS / "truth.md").write_text(truth.truth_text(checks))
    truth.write_figures(checks, DOCS / "figures")
    page = calibration.PAGE
    page.write_text(calibration.refreshed(page.read_text()))
    governors.main()
    readme.main()
    walks.main()


if __name__ == "__main__":
    main()
