"""Reference of Python: what is public, told by its own docstrings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from dfsrt.base.verb import Verb
from docs.site.markdown import code, plain, table

RUNS = ("RunSpec", "make_job", "execute", "Job", "Run", "PowerCap", "constant_cap")
"""What of a run in steps is for people: the specification, and what is made of it."""
MODULES: Mapping[str, tuple[str, str, tuple[str, ...] | None]] = {
    "dfsrt": (
        "dfsrt",
        "What `import dfsrt` gives: a run, a comparison, and what a governor of your own sees and "
        "returns. Each is imported when it is first used.",
        None,
    ),
    "spec": (
        "dfsrt.run",
        "A run in steps: a specification, what it is made into, and its execution. `dfsrt.run(...)`"
        " fills one from keywords of the same names.",
        RUNS,
    ),
    "report": (
        "dfsrt.report.schema",
        "What a run has shown, as Python sees it; key by key with units at "
        "[reports](../reports/run.md).",
        ("Report", "ComparisonReport"),
    ),
    "testing": (
        "dfsrt.testing",
        "Tests that plug-ins of your own subclass, as "
        "[how to add](../../contributing.md#how-to-add) shows.",
        None,
    ),
}
"""Pages: the module, what it is, and names of it; all of its ``__all__`` where there are none."""


def api_text(page: str) -> str:
    """Return a page of the Python reference, which mkdocstrings fills in."""
    module, about, only = MODULES[page]
    held = import_module(module)
    names = [n for n in only or held.__all__ if not n.startswith("__")]
    return f"# {plain(module)}\n\n{about}\n\n" + "\n".join(_entry(held, name) for name in names)


def _entry(module: object, name: str) -> str:
    value = getattr(module, name)
    if not isinstance(value, Verb):
        return f"::: {place_of(value)}\n"
    called = getattr(import_module(value.module), value.function)
    heading = f"    options:\n      heading: {value.__name__}, what is in it\n"
    return f"::: {place_of(called)}\n\n::: {place_of(value)}\n{heading}"


def place_of(value: object) -> str:
    """Return where a public class or function is written, which is where its docstring is."""
    named = getattr(value, "__wrapped__", value)
    if hasattr(named, "__qualname__"):
        return f"{named.__module__}.{named.__qualname__}"
    return str(getattr(named, "__name__", ""))


def units_text() -> str:
    """Return the page on units and shapes."""
    endings = table(("ending", "unit", "like"), _endings())
    return f"# Units and shapes\n\n{_UNITS}\n\n{endings}\n{_SHAPES}"


_UNITS = (
    "A name says its unit, in Python, in files and in reports. Inside, time is a whole number of "
    "nanoseconds, clocks are whole Hz and voltages of operating points whole µV; what follows from "
    'them is SI in floating point. Text such as `"800 mW"`, `"1 GHz"` or `"33ms"` is read at '
    "the edge: in options, in files, and in arguments that say so."
)
_SHAPES = """
Arrays are numpy's, and read-only where a governor sees them. Docstrings give their shapes by these
names; level 0 is the slowest clock.

| name | counts |
| --- | --- |
| `n_layers` | layers of a network, or of all networks of a load one after the other |
| `n_levels` | the device's operating points, slowest first |
| `n_set_points` | voltages that the rail may be set to, lowest first |
"""


def _endings() -> Iterable[tuple[str, str, str]]:
    yield from (
        (code(f"_{ending}"), unit, code(like))
        for ending, unit, like in (
            ("ns", "nanoseconds, whole", "start_ns"),
            ("s", "seconds", "latency_s"),
            ("hz", "hertz", "freq_hz"),
            ("uv", "microvolts, whole", "rail_uv"),
            ("v", "volts", "voltage_end_v"),
            ("w", "watts", "power_w"),
            ("j", "joules", "energy_j"),
            ("bytes", "bytes", "dram_bytes"),
            ("c", "degrees Celsius", "ambient_c"),
            ("share", "a share, 0 to 1", "busy_share"),
            ("per_s", "a second", "bandwidth_bytes_per_s"),
        )
    )
