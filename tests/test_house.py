"""The house: what must hold in every room, read from the source."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import dfsrt

PACKAGE = Path(dfsrt.__file__).parent
ROOMS = (
    *("cli", "testing", "reproduce", "live", "study", "capture", "report", "run", "world", "trace"),
    *("governor", "power", "cost", "device", "optimize", "network", "recording", "base"),
)
WITHOUT_DOOR = {"base"}
"""Rooms whose modules are each their own door."""

UNTYPED = {
    "base/compiled.py": "numba: its stubs do not know what it makes of a function",
    "cli/default_command.py": "typer: its context has no public name",
    "cli/root.py": "typer: its commands and options have no public names",
    "power/learn/baselines.py": "scikit-learn",
    "power/learn/export.py": "skl2onnx",
    "power/learn/learner.py": "scikit-learn",
}
"""Modules that may say ``Any``, and the library without types that they touch."""
LEFT = {
    "base/plugin/params.py": 4,
}
"""Lines with ``Any`` that no library excuses: no module gets more of them, and no other any."""

ARRAYS = re.compile(r"\b(Floats|Ints|Mask|NDArray|ndarray)\b")
SHAPE = re.compile(r"\(n_\w+|``\(\w+,\)``|``\(\w+(, \w+)+\)``|any shape")


@dataclass(frozen=True)
class Function:
    """A function with a public name in a public class or module, and what its class says."""

    where: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    about_class: str

    @property
    def doc(self) -> str:
        return (ast.get_docstring(self.node) or "") + self.about_class

    @property
    def annotations(self) -> str:
        arguments = self.node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        given = [argument.annotation for argument in every] + [self.node.returns]
        return " ".join(ast.unparse(annotation) for annotation in given if annotation)


@cache
def modules() -> dict[str, ast.Module]:
    files = sorted(PACKAGE.rglob("*.py"))
    return {f.relative_to(PACKAGE).as_posix(): ast.parse(f.read_text("utf-8")) for f in files}


def public_functions(module: str, tree: ast.Module) -> Iterator[Function]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield Function(f"{module}:{node.name}", node, "")
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            about = ast.get_docstring(node) or ""
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and is_public(inner.name):
                    yield Function(f"{module}:{node.name}.{inner.name}", inner, about)


def is_public(method: str) -> bool:
    return not method.startswith("_") or method in ("__init__", "__post_init__", "__call__")


def raises_on_purpose(function: Function) -> bool:
    """Whether it raises an error that it makes, itself or by a helper: ``raise X(...)``."""
    raised = (node.exc for node in own_nodes(function.node) if isinstance(node, ast.Raise))
    return any(isinstance(error, ast.Call) for error in raised)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below, but those of functions inside."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield child
            yield from own_nodes(child)


@cache
def commands() -> set[str]:
    """Functions whose docstring is what ``--help`` shows."""
    from dfsrt.cli.commands import make_app

    app = make_app()
    apps = [app, *(group.typer_instance for group in app.registered_groups)]
    functions = [command.callback for one in apps for command in one.registered_commands]
    return {f"{f.__module__.replace('.', '/')}.py:{f.__name__}" for f in functions}


def raises_unsaid(module: str, tree: ast.Module) -> Iterator[str]:
    for function in public_functions(module, tree):
        said = "Raises" in function.doc or f"dfsrt/{function.where}" in commands()
        if raises_on_purpose(function) and not said:
            yield function.where


def shapes_unsaid(module: str, tree: ast.Module) -> Iterator[str]:
    for function in public_functions(module, tree):
        if ARRAYS.search(function.annotations) and not SHAPE.search(function.doc):
            yield function.where


def hidden_writes(module: str, tree: ast.Module) -> Iterator[str]:
    """Lines that pass ``locals()`` on or reach into an object's ``__dict__``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("locals", "vars"):
            yield f"{module}:{node.lineno}"
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            yield f"{module}:{node.lineno}"


def asserts(module: str, tree: ast.Module) -> Iterator[str]:
    """Lines with ``assert``, which ``python -O`` leaves out; in a suite of tests they may stand."""
    if not module.startswith("testing/"):
        yield from (f"{module}:{n.lineno}" for n in ast.walk(tree) if isinstance(n, ast.Assert))


def lines_with_any(tree: ast.Module) -> set[int]:
    """Lines on which ``Any`` is imported or stands for a type."""
    named = {n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "Any"}
    imported = {
        n.lineno
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom) and any(alias.name == "Any" for alias in n.names)
    }
    return named | imported


def types_given_up(module: str, tree: ast.Module) -> Iterator[str]:
    """Modules with ``Any`` that touch no library without types, or have more than was left."""
    lines = lines_with_any(tree)
    if module not in UNTYPED and len(lines) > LEFT.get(module, 0):
        yield f"{module}: {len(lines)} lines with Any; name the type, or narrow an object"


def closed_doors(module: str, tree: ast.Module) -> Iterator[str]:
    """Rooms without a docstring, or without a list of what they give to others."""
    room, _, rest = module.partition("/")
    if rest == "__init__.py":
        names = {ast.unparse(t) for n in tree.body if isinstance(n, ast.Assign) for t in n.targets}
        if not ast.get_docstring(tree) or ("__all__" not in names and room not in WITHOUT_DOOR):
            yield module


OPENERS = {
    "base/reading.py": "the one way in",
    "base/parquet.py": "reads what that has opened",
    "base/shipped.py": "machine code and its card, which are part of dfsrt",
    "base/beside.py": "what it has just made, to lock it",
    "base/left_behind.py": "what killed commands have left, to lock it",
    "base/keep.py": "what dfsrt keeps for itself, and heals",
    "base/cache_folder.py": "what dfsrt keeps for itself, and heals",
    "base/checked_cache.py": "what dfsrt keeps for itself, and heals",
    "base/sources.py": "dfsrt's own sources, and what it keeps of them",
    "live/tree.py": "the kernel's attributes, to write to them; nothing is ever made there",
    "network/samples/files.py": "numpy reads what has been opened",
    "optimize/data/digits.py": "data of scikit-learn",
    "optimize/quantize/static.py": "what it has just written in a folder of its own",
    "optimize/quantize/prepare.py": "what it has just written in a folder of its own",
    "report/page/page.py": "parts of pages, which are part of dfsrt",
}
"""Modules that open or load files by other means than ``base/reading.py``, and what for."""
READS = {"read_text", "read_bytes", "fromfile", "memmap", "loadtxt", "genfromtxt", "load_model"}
READS |= {"ParquetFile", "read_table", "read_schema", "read_metadata", "memory_map", "OSFile"}
LIBRARIES = {"os", "io", "gzip", "bz2", "lzma", "codecs", "tarfile", "zipfile"}


def opened_elsewhere(module: str, tree: ast.Module) -> Iterator[str]:
    """Lines that open a file to read it, where only ``base/reading.py`` should."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and module not in OPENERS and is_opening(node):
            yield f"{module}:{node.lineno}: {ast.unparse(node)[:60]}; open it by base/reading.py"


def is_opening(call: ast.Call) -> bool:
    """Whether a call opens a file to read it; ``open('w')`` of a path only writes."""
    if isinstance(call.func, ast.Name):
        return call.func.id == "open"
    if not isinstance(call.func, ast.Attribute):
        return False
    owner, name = ast.unparse(call.func.value), call.func.attr
    modes = [a.value for a in call.args[:1] if isinstance(a, ast.Constant)]
    if name == "open":
        writes = owner not in LIBRARIES and any(set(str(mode)) & set("wax") for mode in modes)
        return not writes and "os.devnull" not in ast.unparse(call)
    return name in READS or (owner in ("onnx", "np", "numpy") and name == "load")


ENCODERS = {
    "base/json.py": "the one way out",
    "network/reading.py": "values of inputs as people type them, which are finite",
}
"""Modules that write JSON by other means than ``base/json.py``, and what for."""
ENCODING = {"json.dumps", "json.dump", "json.JSONEncoder", "orjson.dumps"}
ENCODING |= {"msgspec.json.encode", "msgspec.json.Encoder", "msgspec.json.encode_into"}


def encoded_elsewhere(module: str, tree: ast.Module) -> Iterator[str]:
    """Lines that write JSON, where only ``base/json.py`` should: it refuses what is no number."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in calls if module not in ENCODERS else []:
        if ast.unparse(call.func) in ENCODING:
            yield f"{module}:{call.lineno}: write JSON by base/json.py"


CHECKS: dict[str, Callable[[str, ast.Module], Iterator[str]]] = {
    "raises": raises_unsaid,
    "shapes": shapes_unsaid,
    "hidden writes": hidden_writes,
    "asserts": asserts,
    "types": types_given_up,
    "doors": closed_doors,
    "openings": opened_elsewhere,
    "encoders": encoded_elsewhere,
}


@pytest.mark.parametrize("check", CHECKS)
def test_no_room_has_a_fault(check):
    faults = [fault for module, tree in modules().items() for fault in CHECKS[check](module, tree)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("check", "module", "source"),
    [
        ("raises", "run/a.py", "def f():\n    'Do it.'\n    raise InputError('x')"),
        ("raises", "run/a.py", "class A:\n    def __post_init__(self):\n        raise _bad('x')"),
        ("shapes", "run/a.py", "def f(x: Ints) -> int:\n    'Return the sum (of x).'"),
        ("shapes", "run/a.py", "class A:\n    'A.'\n    def f(self) -> Floats:\n        'The x.'"),
        ("hidden writes", "run/a.py", "def f(a):\n    g(locals())"),
        ("hidden writes", "run/a.py", "def f(a):\n    a.__dict__['x'] = 1"),
        ("asserts", "run/a.py", "def f(a):\n    assert a > 0"),
        ("types", "run/a.py", "from typing import Any"),
        ("types", "run/a.py", "def f(a: Any):\n    pass"),
        ("types", "run/ended.py", "a: Any\nb: Any\nc: Any\n"),
        ("doors", "run/__init__.py", "'A room.'"),
        ("doors", "base/__init__.py", ""),
        ("openings", "run/a.py", "with open('a') as file:\n    pass"),
        ("openings", "run/a.py", "path.open('rb')\nbeside.open('wb')"),
        ("openings", "run/a.py", "gzip.open('a', 'wt')\nread_bytes(path)"),
        ("openings", "run/a.py", "(folder / 'a').read_text()"),
        ("openings", "run/a.py", "pq.ParquetFile(path)"),
        ("encoders", "run/a.py", "json.dumps(1)"),
        ("encoders", "run/a.py", "msgspec.json.encode(a)"),
    ],
)
def test_each_check_sees_its_fault(check, module, source):
    assert len(list(CHECKS[check](module, ast.parse(source)))) == 1


def test_nothing_stands_loose_beside_the_rooms():
    loose = {path.name for path in PACKAGE.iterdir() if path.is_file()}
    assert loose <= {"__init__.py", "__main__.py", "py.typed"}


def test_every_package_is_a_room_of_the_design():
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages <= set(ROOMS)
    modules_apart = {path.split("/")[0] for path in modules() if "/" in path} - packages
    assert not modules_apart, "folders of modules without __init__.py"


def test_no_room_holds_a_room_of_its_own_name():
    folders = [path.relative_to(PACKAGE).parts for path in PACKAGE.rglob("*") if path.is_dir()]
    assert [parts for parts in folders if len(set(parts)) < len(parts)] == []


def test_everything_that_a_front_door_names_is_there():
    for room in sorted({path.parent.name for path in PACKAGE.glob("*/__init__.py")}):
        door = importlib.import_module(f"dfsrt.{room}")
        for name in getattr(door, "__all__", ()):
            assert getattr(door, name) is not None, f"dfsrt.{room}.{name}"
