"""What a governor class declares of itself: its parameters, and how text fills them."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import get_type_hints

from dfsrt.base.errors import DfsrtError, InputError
from dfsrt.base.names import NameSpec, unknown_name
from dfsrt.governor.annotated import parameter_of
from dfsrt.governor.governor import Governor
from dfsrt.governor.guarded import COMMON
from dfsrt.governor.params import PARAMETER, Parameter


def declared(governor: type[Governor]) -> Mapping[str, Parameter]:
    """Return how text sets each parameter of a governor class, by name.

    Parameters are the fields of a dataclass. A field that no text can set is left out.
    """
    known = {field.name: _parameter(governor, field) for field in _fields(governor)}
    return {name: parameter for name, parameter in known.items() if parameter is not None}


def parameters(governor: type[Governor]) -> dict[str, str]:
    """Return what each parameter of a governor class is for, by name."""
    return {name: parameter.help for name, parameter in declared(governor).items()}


def instance(governor: type[Governor], spec: NameSpec) -> Governor:
    """Return a governor of this class with the parameters of ``spec``.

    Raises:
        InputError: an unknown parameter, a value that does not fit, one that is missing, or a
            class that refuses them.
    """
    known, arguments = declared(governor), {}
    for name, text in spec.options.items():
        if name not in known:
            raise InputError(unknown_parameter(governor, spec.name, name))
        try:
            arguments[name] = known[name].parse(text)
        except InputError as error:
            raise InputError(f"governor {spec.name}, parameter {name}: {error}") from error
    _check_all_there(governor, spec, arguments)
    make: Callable[..., Governor] = governor
    try:
        return make(**arguments)
    except DfsrtError:
        raise
    except Exception as error:  # whatever a guest's own checks raise
        why = str(error) or type(error).__name__
        raise InputError(f"governor {spec} cannot be made: {why}; correct it") from error


def unknown_parameter(governor: type[Governor], name: str, parameter: str) -> str:
    """Return the message for a parameter that text cannot set on the governor called ``name``."""
    for field in _fields(governor):
        if field.name == parameter:
            return (
                f"parameter {parameter} of governor {name} cannot be set by text; annotate it int, "
                "float, str, bool, Literal[...] or one of these | None"
            )
    message = unknown_name(
        f"parameter of governor {name}", parameter, [*declared(governor), *COMMON]
    )
    if is_dataclass(governor):
        return message
    return f"{message}; parameters are the fields of a dataclass, and this class is none"


def shown_parameters(governor: Governor) -> Iterable[str]:
    """Yield ``name=text`` for each parameter that differs from its default."""
    kind = type(governor)
    for field in _fields(kind):
        value, usual = getattr(governor, field.name), _default(field)
        parameter = _parameter(kind, field)
        show = str if parameter is None else parameter.show
        if value is not usual and (usual is MISSING or show(value) != show(usual)):
            yield f"{field.name}={show(value)}"


def _fields(governor: type[Governor]) -> tuple[Field[object], ...]:
    return tuple(f for f in fields(governor) if f.init) if is_dataclass(governor) else ()


def _default(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _parameter(governor: type[Governor], field: Field[object]) -> Parameter | None:
    given = field.metadata.get(PARAMETER)
    if isinstance(given, Parameter):
        return given
    parameter = parameter_of(_hint(governor, field), str(field.metadata.get("help", "")))
    if parameter is None or parameter.help:
        return parameter
    return replace(parameter, help=_in_docstring(governor, field.name))


def _hint(governor: type[Governor], field: Field[object]) -> object:
    """Return a field's annotation as a type; its text where a name in it cannot be resolved."""
    annotated = (k for k in governor.__mro__ if field.name in inspect.get_annotations(k))
    owner = next(annotated, governor)
    alone = SimpleNamespace(__annotations__={field.name: field.type})
    names = dict(inspect.getmembers(sys.modules[owner.__module__]))
    try:
        return get_type_hints(alone, names, include_extras=True)[field.name]
    except (NameError, TypeError, SyntaxError, AttributeError):
        return field.type


def _in_docstring(governor: type[Governor], name: str) -> str:
    """Return what the docstring says of a parameter in a line like ``name: what it is for``."""
    line = re.search(rf"^\s*`*{name}`*(?: *\([^)]*\))?: *(\S.*)$", governor.__doc__ or "", re.M)
    return line[1].strip() if line else ""


def _check_all_there(governor: type[Governor], spec: NameSpec, given: Mapping[str, object]) -> None:
    """Check that every argument without a default is given."""
    for name, argument in inspect.signature(governor).parameters.items():
        optional = argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD)
        if name in given or optional or argument.default is not argument.empty:
            continue
        how = "give it a default in the class"
        if name in declared(governor):
            how = f"write it like {spec.name}:{name}=VALUE, or {how}"
        raise InputError(f"governor {spec.name} needs a value for {name}; {how}")
