"""Reference of reports: every figure with its unit, from the structures that are written."""

from __future__ import annotations

from dfsrt.study.metric import METRICS
from docs.generate import SCHEMAS
from docs.site.markdown import code, plain, promise, table
from docs.site.shapes import shape_text

COMMANDS = {
    "layers": "layers", "compare": "compare", "memory_compare": "memory compare",
    "memory_stream": "memory stream", "network_check": "network check",
    "optimize_search": "optimize search", "battery_samples": "battery",
    "battery_ranges": "battery", "trace": "trace show", "device_check": "device check",
    "device_checks": "device check", "device_show": "device show",
    "device_profile": "device profile", "device_calibrate": "device calibrate",
    "reproduce_deep_compression": "reproduce deep-compression",
    "reproduce_romanet": "reproduce romanet", "reproduce_zheng": "reproduce zheng",
}  # fmt: skip
"""The command that writes a report, where it is not called as the report is."""
_ABOUT = (
    "A heading is a place in the JSON: `a.b` is the key `b` of the object at `a`, `a[]` each entry "
    "of a list, `NAME` any name. A unit is that of the name's ending; a figure without is a count, "
    "a ratio or what its text says."
)


def report_text(name: str) -> str:
    """Return the page of a report."""
    command = COMMANDS.get(name, name.replace("_", " "))
    shape = shape_text(SCHEMAS[name], "At the top", defaults=False)
    return (
        f"# {plain(name.replace('_', ' '))}\n\n"
        f"What `dfsrt {command}` writes with `--json FILE`, and what its table shows "
        f"([JSON schema](../../schema/{name}.json)). {_ABOUT}\n\n{shape}"
    )


def index_text() -> str:
    """Return the page that lists all reports, and the metrics of studies."""
    rows = [
        (f"[{plain(name.replace('_', ' '))}](reports/{name}.md)", promise(shape).split("\n\n")[0])
        for name, shape in SCHEMAS.items()
    ]
    return (
        "# Reports and metrics\n\nEvery figure of every report, with its unit.\n\n"
        + table(("report", "what it tells"), rows)
        + f"\n## Metrics of studies\n\n{_METRICS}\n\n"
        + table(("metric", "what it is", "unit of a run", "over runs", "better"), _metrics())
    )


_METRICS = (
    "What `objectives` and `limits` of a [study](keys/study.md) may name. A `ratio` is the "
    "geometric mean over the baseline governor's runs, and has no unit."
)


def _metrics() -> list[list[str]]:
    return [
        [code(name), metric.text, metric.unit or "share", metric.how,
         "higher" if metric.maximise else "lower"]
        for name, metric in METRICS.items()
    ]  # fmt: skip
