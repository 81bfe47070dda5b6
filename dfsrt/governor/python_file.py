"""Governors in Python files of one's own, named like ``file.py:Class``."""

from __future__ import annotations

import hashlib
import re
import sys
import traceback
from functools import cache, wraps
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from inspect import getattr_static, getmembers, isclass, isfunction
from pathlib import Path
from types import CodeType, ModuleType

from dfsrt.base.errors import DfsrtError, InputError
from dfsrt.base.names import unknown_name
from dfsrt.governor.governor import Governor
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View

_NAME = re.compile(r"(?P<file>.+?\.py)(?::(?P<class>.*))?", re.IGNORECASE)
_PATHS: dict[str, str] = {}
"""Paths as they were typed, by the names of the modules that were loaded from them."""


def python_file(name: str) -> Path | None:
    """Return the Python file in a governor's name such as ``file.py:Class``; None without one."""
    match = _NAME.fullmatch(name)
    return Path(match["file"]) if match else None


def beside(name: str, folder: Path) -> str:
    """Return a governor's name with its Python file sought in ``folder``; others as they are."""
    match = _NAME.fullmatch(name)
    return name if match is None else f"{folder / match['file']}{name[match.end('file') :]}"


def name_in_file(governor: type[object]) -> str | None:
    """Return ``file.py:Class`` of a class that was loaded from a file, the path as it was typed."""
    path = _PATHS.get(governor.__module__)
    return None if path is None else f"{path}:{governor.__qualname__}"


def class_in_file(name: str) -> type[Governor]:
    """Return the governor class that ``name``, such as ``file.py:Class``, stands for.

    A file is run once for each content. It stands alone: it may import what is installed, but
    not what lies beside it.

    Raises:
        InputError: a file that cannot be read or run, no class of that name, or one that has no
            method ``plan``.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise InputError(f"'{name}' names no class in a Python file; write it like file.py:Class")
    file, wanted = Path(match["file"]), match["class"]
    classes = _classes(_module(match["file"], str(file.resolve()), _source(file)))
    governors = [key for key, each in classes.items() if callable(getattr(each, "plan", None))]
    if not wanted:
        like = f"{file}:{governors[0] if governors else 'Class'}"
        raise InputError(f"governor '{name}' names no class of its file; write it like {like}")
    if wanted not in classes:
        raise InputError(unknown_name(f"class in governor file '{file}'", wanted, governors))
    if wanted not in governors:
        raise InputError(
            f"class {wanted} in governor file '{file}' has no method 'plan'; "
            "give it 'def plan(self, view)' that returns a dfsrt.Plan"
        )
    return classes[wanted]


def _classes(module: ModuleType) -> dict[str, type[Governor]]:
    """Return the classes that a module itself defines, by name; not all are governors."""
    classes: list[tuple[str, type[Governor]]] = getmembers(module, isclass)
    return {name: each for name, each in classes if each.__module__ == module.__name__}


def _source(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read governor file '{path}': {error.strerror}; give a Python file's path "
            "from the working directory, like file.py:Class"
        ) from error


class _Source(SourceFileLoader):
    """Loads a module from what has been read of its file, and writes nothing beside it."""

    def __init__(self, name: str, file: str, source: bytes) -> None:
        super().__init__(name, file)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """Return the source compiled."""
        return self.source_to_code(self._source, self.path)


@cache
def _module(path: str, file: str, source: bytes) -> ModuleType:
    """Run ``source`` of the ``file`` typed as ``path``, under a name that no import can mean."""
    digest = hashlib.sha256(f"{path}\0{file}\0".encode() + source).hexdigest()[:16]
    spec = ModuleSpec(f"<governor {digest}>", None, origin=file)
    spec.loader, spec.has_location = _Source(spec.name, file, source), True
    module = module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look their annotations' names up there
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        why = _what(error, file)
        raise InputError(f"governor file '{path}' cannot be loaded: {why}") from error
    _PATHS[module.__name__] = path
    for each in _classes(module).values():
        _explain_plan(each, file)
    return module


def _explain_plan(governor: type[Governor], file: str) -> None:
    """Let ``plan`` end in one line that says where in the file it failed."""
    plan = getattr_static(governor, "plan", None)
    if not isfunction(plan):
        return

    @wraps(plan)
    def explained(self: Governor, view: View) -> Plan:
        try:
            return plan(self, view)  # type: ignore[no-any-return]
        except DfsrtError:
            raise
        except Exception as error:
            why = _what(error, file)
            raise InputError(f"governor {name_in_file(governor)} failed to plan: {why}") from error

    governor.plan = explained  # type: ignore[method-assign]


def _what(error: BaseException, file: str) -> str:
    """Return an error of a user's file in one line: where, which, and what to do."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    text = " ".join(str(error).split())
    if isinstance(error, SyntaxError) and error.filename == file:
        lines, text = [error.lineno], error.msg
    where = f"line {lines[-1]}, " if lines else ""
    return f"{where}{type(error).__name__}: {text}; correct the file"
