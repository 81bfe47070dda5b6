"""Plug-ins of one kind by name: ours, those of other packages, and those in files of one's own."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Generic, TypeGuard, TypeVar

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, parse_name_spec, unknown_name
from dfsrt.base.plugin.contract import Contract
from dfsrt.base.plugin.declared import instance, shown_parameters, unknown_parameter
from dfsrt.base.plugin.python_file import class_in_file, name_in_file, python_file

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Plugin = TypeVar("Plugin")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginKind(Contract, Generic[Plugin]):
    """All plug-ins of a kind, such as governors: how each is named, made and labelled.

    ``group`` is the entry-point group in which a package registers a class under its name;
    ``own`` has ours that need no entry point, as ``module:Class`` by name, and they come first.
    ``common`` are options that the room itself reads of every name, for messages alone.
    """

    group: str
    own: Mapping[str, str] = field(default_factory=dict, hash=False)
    common: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return the names of all that are known without a file, sorted."""
        return tuple(sorted({*self.own, *_registered(self.group)}))

    def class_of(self, name: str) -> type[Plugin]:
        """Return the class that is called ``name``, or that ``file.py:Class`` stands for.

        Raises:
            InputError: no such name, or a class that cannot be imported or has no such method.
        """
        if python_file(name) is not None:
            return self._from_file(name)
        if name not in self.own and name not in _registered(self.group):
            message = unknown_name(self.noun, name, self.names())
            raise InputError(f"{message}; one of your own is named like file.py:Class")
        try:
            return self._load(name)
        except (ImportError, AttributeError) as error:
            raise InputError(
                f"{self.noun} '{name}' cannot be loaded: {error}; reinstall it"
            ) from error

    def make(self, source: object) -> Plugin:
        """Return what ``source`` names with its parameters, as in ``NAME:key=value``, or is.

        Raises:
            InputError: an unknown name, a file that cannot be loaded, an unknown parameter, a
                value that does not fit, or an object without the method.
        """
        if isinstance(source, str | NameSpec):
            spec = source if isinstance(source, NameSpec) else parse_name_spec(source, self.noun)
            return instance(self.class_of(spec.name), spec, self.noun, self.common)
        if not self._is_plugin(source):
            raise InputError(
                f"{source!r} is no {self.noun}; give a name or an object with '{self.method}'"
            )
        return source

    def label(self, plugin: Plugin) -> str:
        """Return the name of a plug-in with the parameters that differ from their defaults.

        ``make`` reads the label of what it made back as the same.
        """
        cls = type(plugin)
        name = name_in_file(cls) or getattr(plugin, "name", "") or self._registered_name(cls)
        return ":".join([name, *shown_parameters(plugin)])

    def unknown_parameter(self, name: str, parameter: str) -> str:
        """Return the message for a parameter that text cannot set on the one called ``name``.

        Raises:
            InputError: as ``class_of`` does.
        """
        return unknown_parameter(self.class_of(name), name, parameter, self.noun, self.common)

    def _registered_name(self, cls: type) -> str:
        """Return the name under which a package has registered a class, else the class's own."""
        place = (cls.__module__, cls.__qualname__)
        registered = _registered(self.group).items()
        return next((n for n, e in registered if (e.module, e.attr) == place), cls.__name__)

    def _from_file(self, name: str) -> type[Plugin]:
        cls: type[Plugin] = class_in_file(name, self)
        # Another process cannot import the file by its module's name: it reads the label there.
        copyreg.pickle(cls, self._by_label)
        return cls

    def _by_label(self, plugin: Plugin) -> tuple[Callable[[str], Plugin], tuple[str]]:
        return self.make, (self.label(plugin),)

    def _load(self, name: str) -> type[Plugin]:
        if name in self.own:
            return resolve_name(self.own[name])  # type: ignore[no-any-return]
        return _registered(self.group)[name].load()  # type: ignore[no-any-return]

    def _is_plugin(self, source: object) -> TypeGuard[Plugin]:
        return not isinstance(source, type) and self.held_by(source)


@cache
def _registered(group: str) -> Mapping[str, EntryPoint]:
    """Return the entry points of a group by name; the module that reads them takes its time."""
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=group)}
