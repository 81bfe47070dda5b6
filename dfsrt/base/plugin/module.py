"""Python files run as modules that no import can mean, and their errors in one line."""

from __future__ import annotations

import hashlib
import sys
import traceback
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import CodeType, ModuleType

from dfsrt.base.errors import InputError
from dfsrt.base.reading import MOST_TEXT_BYTES, read_bytes

_PATHS: dict[str, str] = {}
"""Paths as they were typed, by the names of the modules that were loaded from them."""


class _Source(SourceFileLoader):
    """Loads a module from what has been read of its file, and writes nothing beside it."""

    def __init__(self, name: str, file: str, source: bytes) -> None:
        super().__init__(name, file)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """Return the source compiled."""
        return self.source_to_code(self._source, self.path)


def module_in_file(path: str, what: str) -> ModuleType:
    """Return the module of the Python file at ``path``, run once for each content and path.

    Errors call the file ``what``, such as ``governor file``.

    Raises:
        InputError: a file that cannot be read or run.
    """
    source = _source(Path(path), what)  # first: of a link to itself no place can be told
    file = str(Path(path).resolve())
    digest = hashlib.sha256(f"{path}\0{file}\0".encode() + source).hexdigest()[:16]
    name = f"<plug-in {digest}>"
    if name not in _PATHS:
        _run(name, file, source, f"{what} '{path}'")
        _PATHS[name] = path
    return sys.modules[name]


def typed_path(module: str) -> str | None:
    """Return the path, as it was typed, of the file that a module came from; None of others."""
    return _PATHS.get(module)


def in_one_line(error: BaseException, file: str | None) -> str:
    """Return an error of a user's file in one line: where, which, and what to do."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    text = " ".join(str(error).split())
    if isinstance(error, SyntaxError) and error.filename == file:
        lines, text = [error.lineno], error.msg
    where = f"line {lines[-1]}, " if lines else ""
    return f"{where}{type(error).__name__}: {text}; correct the file"


def _source(path: Path, what: str) -> bytes:
    try:
        return read_bytes(path, MOST_TEXT_BYTES)
    except OSError as error:
        raise InputError(
            f"cannot read {what} '{path}': {error.strerror}; give a Python file's path "
            "from the working directory, like file.py:Class"
        ) from error


def _run(name: str, file: str, source: bytes, what: str) -> None:
    spec = ModuleSpec(name, None, origin=file)
    spec.loader, spec.has_location = _Source(name, file, source), True
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their annotations' names up there
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise InputError(f"{what} cannot be loaded: {in_one_line(error, file)}") from error
