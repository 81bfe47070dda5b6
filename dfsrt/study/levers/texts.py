"""Names with options, as ``infinite-zoom:steps=20``: with others in their place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import parse_name_spec


def with_options(text: object, options: Mapping[str, str | int], what: str) -> object:
    """Return ``text`` with ``options`` in place of those of the same name; ``what`` it is.

    Raises:
        InputError: options, and no text to write them in.
    """
    if not options:
        return text
    if not isinstance(text, str | Path) or not str(text):
        raise InputError(
            f"{what} options {', '.join(options)} need a {what} by name; give its name or its file"
        )
    spec = parse_name_spec(str(text), what)
    said = {**spec.options, **{name: str(value) for name, value in options.items()}}
    return ":".join([spec.name, *(f"{n}={v}" if v else n for n, v in said.items())])


def options_of(text: object, what: str) -> Mapping[str, str]:
    """Return the options of a text, none of what is no text."""
    if not isinstance(text, str | Path) or not str(text):
        return {}
    return parse_name_spec(str(text), what).options
