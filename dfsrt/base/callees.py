"""Which functions a function calls, so that nobody keeps a list of them for the compiler."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType

_PACKAGE = __name__.split(".", maxsplit=1)[0]


def callees(function: Callable[..., object]) -> tuple[Callable[..., object], ...]:
    """Return this package's functions that ``function`` calls, each after those it calls itself."""
    order: dict[Callable[..., object], None] = {}
    _visit(function, order)
    del order[function]
    return tuple(order)


def _visit(function: Callable[..., object], order: dict[Callable[..., object], None]) -> None:
    for callee in _named(function):
        if callee not in order and callee is not function:
            _visit(callee, order)
    order[function] = None


def _named(function: Callable[..., object]) -> Iterator[FunctionType]:
    """Yield the package's functions that the code of ``function`` names."""
    if not isinstance(function, FunctionType):
        return
    names = set(_names(function.__code__))
    for name in sorted(names):
        value = function.__globals__.get(name, getattr(builtins, name, None))
        if isinstance(value, ModuleType):
            values = [getattr(value, attribute, None) for attribute in sorted(names)]
        else:
            values = [value]
        for one in values:
            if isinstance(one, FunctionType) and one.__module__.split(".")[0] == _PACKAGE:
                yield one


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
