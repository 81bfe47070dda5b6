"""The reference is whole: told from the code by other ways than those that write it."""

from __future__ import annotations

import ast
import inspect
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import get_args, get_type_hints

import msgspec
import pytest
from typer.testing import CliRunner

import dfsrt
import dfsrt.testing
from dfsrt.cli import commands as cli
from docs.site import keys, plugins, reports
from docs.site.pages import made_pages
from docs.site.units import unit_of

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dfsrt"
WIDE = {"COLUMNS": "400", "TERM": "dumb", "NO_COLOR": "1"}
NOT_FOR_PEOPLE = {
    "Range": "an axis of a sweep, which stands at the study's page",
    "_Card": "two keys of a trace's card, read from a capture's folder",
    "dict[str, object]": "a file of any kind, looked through for names of files",
    "Shape": "the reading functions themselves",
}
"""Shapes that TOML is read as, and that have no page of their own."""


@cache
def page(place: str) -> str:
    return made_pages()[f"{place}.md"]()


def rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables by what their first cell holds as code, the last cells of each."""
    found: dict[str, list[str]] = {}
    for line in re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, re.MULTILINE):
        found.setdefault(line[0], []).append(line[1])
    return found


def command_paths() -> list[tuple[str, ...]]:
    alone = [(name,) for name in cli.COMMANDS]
    for group in cli.GROUPS:
        app = cli._module(group).app
        for command in app.registered_commands:
            alone.append((group, command.name or command.callback.__name__.replace("_", "-")))
    return alone


@pytest.mark.parametrize("path", command_paths(), ids=" ".join)
def test_every_command_stands_with_every_option_that_its_help_shows(path):
    done = CliRunner().invoke(cli.make_app(path[:1]), [*path, "--help"], env=WIDE)
    assert done.exit_code == 0, done.output
    text = page(f"reference/commands/{path[0]}")
    heading = f"dfsrt {' '.join(path)}"
    section = re.split(rf"^#+ {heading}$", text, flags=re.MULTILINE)[1].split("\n## ")[0]
    # An option's name stands in the first columns of the help, before its text.
    shown = set(re.findall(r"^\W*(?:-\w, )?(--[a-z][\w-]*)", done.output, re.MULTILINE)) - {
        "--help"
    }
    assert shown or "Options" in done.output
    terms = " ".join(re.findall(r"^`([^`]+)`\n:", section, re.MULTILINE))
    missing = {option for option in shown if option not in re.findall(r"--[\w-]+", terms)}
    assert missing == set()


def test_every_command_stands_in_the_list():
    listed = re.findall(r"^\[`dfsrt ([\w-]+)`\]", page("reference/commands"), re.MULTILINE)
    assert set(listed) == {*cli.COMMANDS, *cli.GROUPS}


def test_no_option_is_left_without_a_meaning():
    for name in (*cli.COMMANDS, *cli.GROUPS):
        assert "No more is said" not in page(f"reference/commands/{name}"), name


def read_shapes() -> set[str]:
    """The second argument of every call that reads TOML, as the source has it."""
    shapes = set()
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        if "_toml(" not in source and "fit_table(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and len(node.args) > 1:
                name = ast.unparse(node.func).split(".")[-1]
                if name in ("read_toml", "parse_toml", "fit_table"):
                    shapes.add(ast.unparse(node.args[1]).split(".")[-1])
    return {"Shape" if shape == "shape" else shape for shape in shapes}


def test_every_file_that_is_read_as_toml_has_a_page():
    told = {kind.shape.__name__ for kind in keys.FILES.values()}
    assert read_shapes() - told == set(NOT_FOR_PEOPLE)


def structs(kind: object, seen: set[type] | None = None) -> Iterator[type]:
    """A structure and all that it holds, by its annotations."""
    seen = set() if seen is None else seen
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in seen:
        seen.add(kind)
        yield kind
        for hint in get_type_hints(kind).values():
            yield from structs(hint, seen)
    for part in get_args(kind):
        yield from structs(part, seen)


@pytest.mark.parametrize("name", keys.FILES)
def test_every_key_of_a_file_stands_with_its_default(name):
    text = page(f"reference/keys/{name}")
    told = rows(text)
    for struct in structs(keys.FILES[name].shape):
        for field in msgspec.structs.fields(struct):
            assert field.encode_name in told, f"{struct.__name__}.{field.encode_name}"
            cells = [row.split(" | ")[-1] for row in told[field.encode_name]]
            if field.required:
                assert "must be given" in cells
            elif isinstance(field.default, str | int | float | bool):
                assert f"`{json.dumps(field.default, ensure_ascii=False)}`" in cells


def test_a_file_that_may_have_a_base_says_what_that_spares():
    based = [name for name in keys.FILES if "What a file with `base` leaves out" in
             page(f"reference/keys/{name}")]  # fmt: skip
    assert based == ["device"]


@cache
def guides() -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md"))


# A sweep's page also lists fields of a run, which RunSpec's docstring tells of.
@pytest.mark.parametrize("name", [name for name in keys.FILES if name != "sweep"])
def test_every_key_of_a_file_has_a_unit_or_is_told_of_in_words(name):
    text = page(f"reference/keys/{name}")
    words = "\n".join(line for line in text.split("\n") if not line.startswith(("|", "#")))
    untold = [
        key
        for key, cells in rows(text).items()
        if not any(cell.split(" | ")[1:2] not in ([], [""], [" "]) for cell in cells)
        and f"`{key}`" not in words
        and not re.search(rf"\b{key}\b *=|`{key}`|`\[+{key}\b", guides())
    ]
    assert untold == []


SHELVES = {
    "device": "dfsrt/device/presets", "dram": "dfsrt/device/dram/parts",
    "truth": "dfsrt/device/truth", "scenario": "dfsrt/run/shelf",
    "battery": "dfsrt/world/battery/shelf", "heat": "dfsrt/world/heat/shelf",
    "component": "dfsrt/world/components/shelf", "pipeline": "dfsrt/network/pipeline/shelf",
    "language_model": "dfsrt/network/llm/shelf", "day": "dfsrt/trace/days",
    "token_stream": "dfsrt/trace/token_streams",
}  # fmt: skip


@pytest.mark.parametrize("name", SHELVES)
def test_every_key_that_a_shipped_file_uses_stands_there(name):
    told = rows(page(f"reference/keys/{name}"))
    files = sorted((ROOT / SHELVES[name]).glob("*.toml"))
    assert files
    for path in files:
        for key in tomllib.loads(path.read_text("utf-8")):
            assert key in told, f"{path.name}: {key}"


def test_facts_of_every_engine_stand_at_the_device():
    text = page("reference/keys/device")
    from dfsrt.device.engine import engine_names

    for dataflow in engine_names():
        assert f"engine.{dataflow}" in text
    used = {
        (dataflow, key)
        for path in (PACKAGE / "device/presets").glob("*.toml")
        for dataflow, table in tomllib.loads(path.read_text("utf-8")).get("engine", {}).items()
        for key in table
        if key not in ("source", "range")
    }
    assert used
    assert {key for _, key in used} <= set(rows(text))


@pytest.mark.parametrize("name", reports.SCHEMAS)
def test_every_figure_of_a_report_stands_there(name):
    schema = json.loads((ROOT / "docs" / "schema" / f"{name}.json").read_text("utf-8"))
    told = rows(page(f"reference/reports/{name}"))
    figures = {key for part in schema["$defs"].values() for key in part["properties"]}
    assert figures - set(told) == set()


@pytest.mark.parametrize(
    ("ending", "unit"),
    [("_j", "J"), ("_w", "W"), ("_s", "s"), ("_hz", "Hz"), ("_ns", "ns"), ("_bytes", "bytes")],
)
def test_figures_have_the_unit_of_their_ending(ending, unit):
    names = {
        name
        for place in ("keys/device", "keys/scenario", "reports/run", "reports/layers")
        for name in rows(page(f"reference/{place}"))
        if name.endswith(ending) and "_per_" not in name and not name.startswith(("_", "per_"))
    }
    assert len(names) > 1
    assert {name: unit_of(name) for name in names} == dict.fromkeys(names, unit)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("bandwidth_bytes_per_s", "bytes/s"),
        ("slew_uv_per_us", "µV/µs"),
        ("per_s", "1/s"),
        ("goodput_per_s", "1/s"),
        ("fps_per_w", "1/s/W"),
        ("energy_per_inference_j", "J"),
        ("leakage_per_c", ""),
        ("kind", ""),
        ("governor", ""),
        ("s", ""),
    ],
)
def test_a_name_tells_its_unit(name, unit):
    assert unit_of(name) == unit


def test_every_metric_of_studies_stands_in_the_list():
    from dfsrt.study.metric import METRICS

    assert set(METRICS) <= set(rows(page("reference/reports")))


def test_every_registered_governor_stands_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    told = re.findall(r"^## (.+)$", page("reference/plugins/governors"), re.MULTILINE)
    registered = {*project["entry-points"]["dfsrt.governors"], *plugins.GOVERNORS.own}
    assert registered <= {name.replace("\\", "") for name in told}


@pytest.mark.parametrize("name", plugins.SHELVES)
def test_every_plugin_stands_with_every_parameter_that_it_has_as_a_field(name):
    text = page(f"reference/plugins/{name}")
    sections = dict(
        zip(*[iter(re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:])] * 2, strict=True)
    )
    kind = plugins.SHELVES[name].kind
    assert {title.replace("\\", "") for title in sections} >= set(kind.names())
    for title, section in sections.items():
        plugin = kind.class_of(title.replace("\\", ""))
        own = {f.name for f in fields(plugin) if f.init} if is_dataclass(plugin) else set()
        told = rows(section)
        assert own == set(told), title
        meanings = [row.split(" | ")[-1].strip() for of in told.values() for row in of]
        assert all(meanings), title


@pytest.mark.parametrize(
    ("name", "module"), [("dfsrt", dfsrt), ("testing", dfsrt.testing)], ids=["dfsrt", "testing"]
)
def test_all_that_is_public_in_python_stands_there_with_a_docstring(name, module):
    text = page(f"reference/api/{name}")
    places = re.findall(r"^::: ([\w.]+)$", text, re.MULTILINE)
    public = {name for name in module.__all__ if not name.startswith("__")}
    assert {place.rpartition(".")[2] for place in places} == public
    assert all(inspect.getdoc(resolve_name(place)) for place in places)
    # What is a module and a call has both there.
    calls = {name for name in public if callable(getattr(module, name))}
    told = {place.rpartition(".")[2] for place in places if callable_at(place)}
    assert calls == told


def callable_at(place: str) -> bool:
    value = resolve_name(place)
    return callable(value) and not inspect.ismodule(value)
