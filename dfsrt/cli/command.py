"""Commands whose options come as one object, in the form that the command-line library reads."""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from dataclasses import MISSING, Field, fields
from functools import update_wrapper
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, TypeVar, get_args, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Options = TypeVar("Options", bound="DataclassInstance")


def takes(
    options: type[Options], hidden: Collection[str] = ()
) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Turn a function of one ``options`` object into one with a parameter for each of its fields.

    Fields that are ``hidden`` are read, but not shown by the help: what takes them says why not.
    """

    def spread(body: Callable[[Options], None]) -> Callable[..., None]:
        def call(**values: object) -> None:
            body(options(**values))

        update_wrapper(call, body)
        call.__signature__ = signature_of(options, hidden)  # type: ignore[attr-defined]
        return call

    return spread


def signature_of(options: type[DataclassInstance], hidden: Collection[str] = ()) -> Signature:
    """Return the signature that has the fields of ``options``, an ``Annotated`` type each."""
    hints = get_type_hints(options, include_extras=True)
    parameters = []
    for field in _own_first(options):
        annotation = hints[field.name]
        parameters.append(
            Parameter(
                field.name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if field.default is MISSING else field.default,
                annotation=_hidden(annotation) if field.name in hidden else annotation,
            )
        )
    return Signature(parameters)


def _own_first(options: type[DataclassInstance]) -> list[Field[object]]:
    """The fields in the help's order: those of a group that several commands share come last."""
    shared = {field.name for base in options.__mro__[-2:-1] for field in fields(base)}
    every = fields(options)
    return [f for f in every if f.name not in shared] + [f for f in every if f.name in shared]


def _hidden(annotation: object) -> object:
    """The same option, left out of the help."""
    kind, info = get_args(annotation)
    info = copy(info)
    info.hidden = True
    return Annotated[kind, info]
