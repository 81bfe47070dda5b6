"""What a plug-in's class declares of itself: its parameters, and how text fills them."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import TypeVar, get_type_hints

from dfsrt.base.errors import DfsrtError, InputError
from dfsrt.base.names import NameSpec, unknown_name
from dfsrt.base.plugin.annotated import parameter_of
from dfsrt.base.plugin.params import PARAMETER, Parameter

Plugin = TypeVar("Plugin")


def declared(plugin: type[object]) -> Mapping[str, Parameter]:
    """Return how text sets each parameter of a plug-in's class, by name.

    Parameters are the fields of a dataclass. A field that no text can set is left out.
    """
    known = {field.name: _parameter(plugin, field) for field in _fields(plugin)}
    return {name: parameter for name, parameter in known.items() if parameter is not None}


def parameters(plugin: type[object]) -> dict[str, str]:
    """Return what each parameter of a plug-in's class is for, by name."""
    return {name: parameter.help for name, parameter in declared(plugin).items()}


def instance(
    plugin: type[Plugin], spec: NameSpec, noun: str, common: Collection[str] = ()
) -> Plugin:
    """Return one of this class with the parameters of ``spec``; errors call it a ``noun``.

    ``common`` are options that are read elsewhere, and named with the parameters.

    Raises:
        InputError: an unknown parameter, a value that does not fit, one that is missing, or a
            class that refuses them.
    """
    known, arguments = declared(plugin), {}
    for name, text in spec.options.items():
        if name not in known:
            raise InputError(unknown_parameter(plugin, spec.name, name, noun, common))
        try:
            arguments[name] = known[name].parse(text)
        except InputError as error:
            raise InputError(f"{noun} {spec.name}, parameter {name}: {error}") from error
    _check_all_there(plugin, spec, arguments, noun)
    make: Callable[..., Plugin] = plugin
    try:
        return make(**arguments)
    except DfsrtError:
        raise
    except Exception as error:  # whatever a guest's own checks raise
        why = str(error) or type(error).__name__
        raise InputError(f"{noun} {spec} cannot be made: {why}; correct it") from error


def unknown_parameter(
    plugin: type[object], name: str, parameter: str, noun: str, common: Collection[str] = ()
) -> str:
    """Return the message for a parameter that text cannot set on the ``noun`` called ``name``."""
    for field in _fields(plugin):
        if field.name == parameter:
            return (
                f"parameter {parameter} of {noun} {name} cannot be set by text; annotate it int, "
                "float, str, bool, Literal[...] or one of these | None"
            )
    message = unknown_name(f"parameter of {noun} {name}", parameter, [*declared(plugin), *common])
    if is_dataclass(plugin):
        return message
    return f"{message}; parameters are the fields of a dataclass, and this class is none"


def shown_parameters(plugin: object) -> Iterable[str]:
    """Yield ``name=text`` for each parameter that differs from its default."""
    kind = type(plugin)
    for field in _fields(kind):
        value, usual = getattr(plugin, field.name), _default(field)
        parameter = _parameter(kind, field)
        show = str if parameter is None else parameter.show
        if value is not usual and (usual is MISSING or show(value) != show(usual)):
            yield f"{field.name}={show(value)}"


def _fields(plugin: type[object]) -> tuple[Field[object], ...]:
    return tuple(f for f in fields(plugin) if f.init) if is_dataclass(plugin) else ()


def _default(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _parameter(plugin: type[object], field: Field[object]) -> Parameter | None:
    given = field.metadata.get(PARAMETER)
    if isinstance(given, Parameter):
        return given
    parameter = parameter_of(_hint(plugin, field), str(field.metadata.get("help", "")))
    if parameter is None or parameter.help:
        return parameter
    return replace(parameter, help=_in_docstring(plugin, field.name))


def _hint(plugin: type[object], field: Field[object]) -> object:
    """Return a field's annotation as a type; its text where a name in it cannot be resolved."""
    annotated = (k for k in plugin.__mro__ if field.name in inspect.get_annotations(k))
    owner = next(annotated, plugin)
    alone = SimpleNamespace(__annotations__={field.name: field.type})
    names = dict(inspect.getmembers(sys.modules[owner.__module__]))
    try:
        return get_type_hints(alone, names, include_extras=True)[field.name]
    except (NameError, TypeError, SyntaxError, AttributeError):
        return field.type


def _in_docstring(plugin: type[object], name: str) -> str:
    """Return what the docstring says of a parameter in a line like ``name: what it is for``."""
    line = re.search(rf"^\s*`*{name}`*(?: *\([^)]*\))?: *(\S.*)$", plugin.__doc__ or "", re.M)
    return line[1].strip() if line else ""


def _check_all_there(
    plugin: type[object], spec: NameSpec, given: Mapping[str, object], noun: str
) -> None:
    """Check that every argument without a default is given."""
    for name, argument in inspect.signature(plugin).parameters.items():
        optional = argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD)
        if name in given or optional or argument.default is not argument.empty:
            continue
        how = "give it a default in the class"
        if name in declared(plugin):
            how = f"write it like {spec.name}:{name}=VALUE, or {how}"
        raise InputError(f"{noun} {spec.name} needs a value for {name}; {how}")
