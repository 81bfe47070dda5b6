"""Governors by name: ours, those of other packages, and those in files of one's own."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, parse_name_spec, unknown_name
from dfsrt.governor.declared import declared, instance, shown_parameters
from dfsrt.governor.file import is_governor_file, read_governor_file
from dfsrt.governor.governor import Governor
from dfsrt.governor.guarded import COMMON, Guarded, guarded
from dfsrt.governor.python_file import class_in_file, name_in_file, python_file

GROUP = "dfsrt.governors"
"""Entry-point group in which a package registers a governor class under its name."""


@cache
def _registered() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def governor_names() -> tuple[str, ...]:
    """Return the names of all registered governors, sorted."""
    return tuple(sorted(_registered()))


def governor_class(name: str) -> type[Governor]:
    """Return the class registered as ``name``, or the one that ``file.py:Class`` stands for.

    Raises:
        InputError: no such governor, or one that cannot be imported.
    """
    if python_file(name) is not None:
        governor = class_in_file(name)
        # Another process cannot import the file by its module's name: it reads the label there.
        copyreg.pickle(governor, _by_label)
        return governor
    if name not in _registered():
        message = unknown_name("governor", name, _registered())
        raise InputError(f"{message}; one of your own is named like file.py:Class")
    try:
        return _registered()[name].load()  # type: ignore[no-any-return]
    except (ImportError, AttributeError) as error:
        raise InputError(f"governor '{name}' cannot be loaded: {error}; reinstall it") from error


def governor_spec(source: str | NameSpec) -> NameSpec:
    """Return a governor as typed as a name with options; a ``.toml`` file is read.

    Raises:
        InputError: no name, an option given twice, or a governor file that cannot be read.
    """
    spec = source if isinstance(source, NameSpec) else parse_name_spec(source, "governor")
    if not is_governor_file(spec.name):
        return spec
    read = read_governor_file(Path(spec.name))
    return NameSpec(read.name, {**read.options, **spec.options})


def governor_files(text: str) -> tuple[Path, ...]:
    """Return the files that a governor as typed is read from: its ``.toml``, its Python file."""
    typed = parse_name_spec(text, "governor").name
    read = [Path(typed)] if is_governor_file(typed) else []
    code = python_file(governor_spec(text).name)
    return (*read, *([] if code is None else [code]))


def make_governor(source: str | Path | NameSpec | Governor) -> Governor:
    """Return the governor that ``source`` names, as in ``dfs:rail=850mV``, or is.

    A name is that of an installed governor, ``file.py:Class`` for one's own, or a ``.toml`` file
    that ``dfsrt tune`` wrote; files are sought from the working directory. ``guard`` and
    ``set_points`` are options of every governor that has none of that name itself.

    Raises:
        InputError: an unknown name, a file that cannot be loaded, an unknown parameter, or a
            value that does not fit.
    """
    if not isinstance(source, str | Path | NameSpec):
        if isinstance(source, type) or not isinstance(source, Governor):
            raise InputError(f"{source!r} is no governor; give a name or an object with 'plan'")
        return source
    spec = governor_spec(str(source) if isinstance(source, Path) else source)
    governor = governor_class(spec.name)
    names = declared(governor)
    common = {k: v for k, v in spec.options.items() if k in COMMON and k not in names}
    own = {k: v for k, v in spec.options.items() if k not in common}
    return guarded(instance(governor, NameSpec(spec.name, own)), common)


def label(governor: Governor) -> str:
    """Return the name of a governor with the parameters that differ from their defaults.

    ``make_governor`` reads the label of a governor that it made back as the same governor.
    """
    if isinstance(governor, Guarded):
        return ":".join([label(governor.inner), *governor.options()])
    kind = type(governor)
    name = name_in_file(kind) or getattr(governor, "name", "") or kind.__name__
    return ":".join([name, *shown_parameters(governor)])


def _by_label(governor: Governor) -> tuple[Callable[[str], Governor], tuple[str]]:
    return make_governor, (label(governor),)
