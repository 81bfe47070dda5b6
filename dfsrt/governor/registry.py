"""Governors by name: ours and those of other packages, registered the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, parse_name_spec, unknown_name
from dfsrt.governor.file import is_governor_file, read_governor_file
from dfsrt.governor.governor import Governor
from dfsrt.governor.guarded import COMMON, Guarded, guarded

GROUP = "dfsrt.governors"
"""Entry-point group in which a package registers a governor class under its name."""


@cache
def _registered() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def governor_names() -> tuple[str, ...]:
    """Return the names of all registered governors, sorted."""
    return tuple(sorted(_registered()))


def governor_class(name: str) -> type[Any]:
    """Return the class registered as ``name``.

    Raises:
        InputError: no such governor, or one that cannot be imported.
    """
    if name not in _registered():
        raise InputError(unknown_name("governor", name, _registered()))
    try:
        return _registered()[name].load()  # type: ignore[no-any-return]
    except (ImportError, AttributeError) as error:
        raise InputError(f"governor '{name}' cannot be loaded: {error}; reinstall it") from error


def make_governor(source: str | Path | NameSpec | Governor) -> Governor:
    """Return the governor that ``source`` names, as in ``dfs:rail=850mV``, or is.

    A ``.toml`` file that ``dfsrt tune`` wrote does for a name. ``guard`` and ``set_points`` are
    options of every governor that has none of that name itself.

    Raises:
        InputError: an unknown name, an unknown parameter, or a value that does not fit.
    """
    if not isinstance(source, str | Path | NameSpec):
        if isinstance(source, type) or not isinstance(source, Governor):
            raise InputError(f"{source!r} is no governor; give a name or an object with 'plan'")
        return source
    spec = _filled(
        source if isinstance(source, NameSpec) else parse_name_spec(str(source), "governor")
    )
    made = governor_class(spec.name)
    common = {k: v for k, v in spec.options.items() if k in COMMON and k not in declared(made)}
    own = {k: v for k, v in spec.options.items() if k not in common}
    governor: Governor = made(**_arguments(made, NameSpec(spec.name, own)))
    return guarded(governor, common)


def _filled(spec: NameSpec) -> NameSpec:
    """Return ``spec``, or what the governor file it names holds, with its options on top."""
    if not is_governor_file(spec.name):
        return spec
    read = read_governor_file(Path(spec.name))
    return NameSpec(read.name, {**read.options, **spec.options})


def parameters(made: type[Any]) -> dict[str, str]:
    """Return what each parameter of a governor class is for, by name."""
    return {f.name: str(f.metadata.get("help", "")) for f in _fields(made)}


def declared(made: type[Any]) -> dict[str, Mapping[str, Any]]:
    """Return what a governor class declares of each parameter that text can set, by name.

    Each has ``parse`` (text to value), ``show`` (value to that text) and ``values``, a
    ``dfsrt.governor.params.Values``, where it is known.
    """
    return {f.name: f.metadata for f in _fields(made) if "parse" in f.metadata}


def _fields(made: type[Any]) -> tuple[Any, ...]:
    return fields(made) if is_dataclass(made) else ()


def _arguments(made: type[Any], spec: NameSpec) -> dict[str, Any]:
    known = declared(made)
    arguments = {}
    for key, text in spec.options.items():
        if key not in known:
            what = f"parameter of governor {spec.name}"
            raise InputError(unknown_name(what, key, [*known, *COMMON]))
        try:
            arguments[key] = known[key]["parse"](text)
        except InputError as error:
            raise InputError(f"governor {spec.name}, parameter {key}: {error}") from error
    return arguments


def _shown(parameter: Any, value: Any) -> str:
    show: Callable[[Any], str] = parameter.metadata.get("show", str)
    return show(value)


def label(governor: Governor) -> str:
    """Return the name of a governor with the parameters that differ from their defaults.

    ``make_governor`` reads the label of a registered governor back as the same governor.
    """
    if isinstance(governor, Guarded):
        return ":".join([label(governor.inner), *governor.options()])
    name = getattr(governor, "name", "") or type(governor).__name__
    told = [
        f"{f.name}={_shown(f, getattr(governor, f.name))}"
        for f in _fields(type(governor))
        if getattr(governor, f.name) != f.default
    ]
    return ":".join([name, *told])
