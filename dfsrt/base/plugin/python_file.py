"""Plug-ins in Python files of one's own, named like ``file.py:Class``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, wraps
from inspect import getattr_static, getmembers, isclass, isfunction
from pathlib import Path
from types import ModuleType

from dfsrt.base.errors import DfsrtError, InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.places import placed_in
from dfsrt.base.plugin.contract import Contract
from dfsrt.base.plugin.module import in_one_line, module_in_file, typed_path

_NAME = re.compile(r"(?P<file>.+?\.py)(?::(?P<class>.*))?", re.IGNORECASE)


def python_file(name: str) -> Path | None:
    """Return the Python file in a plug-in's name such as ``file.py:Class``; None without one."""
    match = _NAME.fullmatch(name)
    return Path(match["file"]) if match else None


def beside(name: str, folder: Path) -> str:
    """Return a plug-in's name with its Python file sought in ``folder``; others as they are.

    Raises:
        InputError: a file outside of ``folder``, as of ``placed_in``.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return name
    return f"{placed_in(folder, match['file'])}{name[match.end('file') :]}"


def name_in_file(plugin: type) -> str | None:
    """Return ``file.py:Class`` of a class that was loaded from a file, the path as it was typed."""
    path = typed_path(plugin.__module__)
    return None if path is None else f"{path}:{plugin.__qualname__}"


def class_in_file(name: str, contract: Contract) -> type:
    """Return the class under a ``contract`` that ``name``, such as ``file.py:Class``, stands for.

    A file is run once for each content. It stands alone: it may import what is installed, but
    not what lies beside it. What its method raises ends in one line.

    Raises:
        InputError: a file that cannot be read or run, no class of that name, or one that has not
            the contract's method.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise InputError(f"'{name}' names no class in a Python file; write it like file.py:Class")
    file, wanted, noun = Path(match["file"]), match["class"], contract.noun
    module = module_in_file(match["file"], f"{noun} file")
    _explain(module, contract)
    classes = _classes(module)
    plugins = [key for key, each in classes.items() if contract.held_by(each)]
    if not wanted:
        like = f"{file}:{plugins[0] if plugins else 'Class'}"
        raise InputError(f"{noun} '{name}' names no class of its file; write it like {like}")
    if wanted not in classes:
        raise InputError(unknown_name(f"class in {noun} file '{file}'", wanted, plugins))
    if wanted not in plugins:
        raise InputError(
            f"class {wanted} in {noun} file '{file}' has no method '{contract.method}'; "
            f"{contract.advice}"
        )
    return classes[wanted]


def _classes(module: ModuleType) -> dict[str, type]:
    """Return the classes that a module itself defines, by name; not all are plug-ins."""
    classes: list[tuple[str, type]] = getmembers(module, isclass)
    return {name: each for name, each in classes if each.__module__ == module.__name__}


@cache
def _explain(module: ModuleType, contract: Contract) -> None:
    """Let the contract's method end in one line that says where in the file it failed."""
    for each in _classes(module).values():
        method = getattr_static(each, contract.method, None)
        if isfunction(method):
            setattr(each, contract.method, _explained(method, each, module.__file__, contract))


def _explained(
    method: Callable[..., object], plugin: type, file: str | None, contract: Contract
) -> Callable[..., object]:
    @wraps(method)
    def explained(*args: object, **kwargs: object) -> object:
        try:
            return method(*args, **kwargs)
        except DfsrtError:
            raise
        except Exception as error:
            what = f"{contract.noun} {name_in_file(plugin)} failed to {contract.method}"
            raise InputError(f"{what}: {in_one_line(error, file)}") from error

    return explained
