"""Specifications as people type them: ``NAME:key=value:key=value``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from functools import partial
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.places import placed_in

MOST_NAMES = 100
"""Names that an error lists at most."""
NEAR, NEAR_BEGINNING = 0.55, 0.85
"""How alike a name is to what was given, as difflib counts it, and its beginning of that length."""
_OPTION = re.compile(r":(?=[A-Za-z_]\w*(?:\.[\w\[\]-]+)*=)")
"""Where an option begins; its key may be dotted, as ``memory.buffer_bytes`` of a device is."""

LLM = "llm:"
"""Stands before the name of a language model, or of a file with its configuration."""
CONFIGURATIONS = (".toml", ".json")


@dataclass(frozen=True, slots=True)
class NameSpec:
    """A name with options, as in ``dfs:rail=850mV`` or ``rk3588-npu:bin=L5``."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return ":".join([self.name, *(f"{key}={value}" for key, value in self.options.items())])


def is_there(path: Path, what: Callable[[Path], bool] = Path.exists) -> bool:
    """Whether something is at ``path``, of the kind ``what``; nothing is at what is no name.

    The system refuses to look for a name that is too long, or has a zero byte in it.
    """
    try:
        return what(path)
    except (OSError, ValueError):
        return False


def sought_in(folder: Path, text: str, suffix: str | tuple[str, ...]) -> str:
    """Return what is typed in a file that lies in ``folder``: a file it names is sought there.

    A name is that of a file where it ends in ``suffix``; what follows a colon stays as it is.

    Raises:
        InputError: a file outside of ``folder``, as of ``placed_in``.
    """
    return with_file_moved(text, suffix, partial(placed_in, folder))


def with_file_moved(text: str, suffix: str | tuple[str, ...], move: Callable[[str], str]) -> str:
    """Return what is typed with the path of its file moved; what names no file stays.

    A name is that of a file where it ends in ``suffix``, or as configurations of language models
    do; what follows a colon stays as it is.
    """
    typed = text.strip()
    prefix, kinds = (LLM, CONFIGURATIONS) if typed.startswith(LLM) else ("", suffix)
    name, colon, rest = typed.removeprefix(prefix).partition(":")
    return f"{prefix}{move(name)}{colon}{rest}" if name.strip().lower().endswith(kinds) else text


def parse_name_spec(text: str, what: str) -> NameSpec:
    """Split ``text`` into a name and its options.

    Raises:
        InputError: no name, or an option given twice.
    """
    name, *parts = _OPTION.split(text.strip())
    options: dict[str, str] = {}
    for part in parts:
        key, _, value = part.partition("=")
        if key in options:
            raise InputError(f"{what} '{text}' sets '{key}' twice; set it once")
        options[key] = value
    if not name:
        raise InputError(f"{what} '{text}' has no name; write it like 'NAME' or 'NAME:key=value'")
    return NameSpec(name, options)


def with_options(text: str, options: Mapping[str, str]) -> str:
    """Return a specification with further ``options``, each in place of its own of that name."""
    if not options:
        return text
    spec = parse_name_spec(text, "name")
    return str(NameSpec(spec.name, {**spec.options, **options}))


def parse_kind(text: str, kinds: Collection[str], what: str, like: str) -> tuple[str, str]:
    """Split ``text`` like ``rknn:FILE`` into one of ``kinds`` and what it names.

    Errors say ``what`` it is and, by ``like``, how it is written.

    Raises:
        InputError: another form, or another kind.
    """
    kind, colon, name = text.partition(":")
    if not colon or not name.strip():
        raise InputError(
            f"{what} '{text}': that is not KIND:FILE; write it like '{like}' "
            f"(kinds: {', '.join(kinds)})"
        )
    if kind not in kinds:
        raise InputError(unknown_name(f"kind of {what}", kind, kinds))
    return kind, name


def unknown_name(what: str, given: str, known: Iterable[str]) -> str:
    """Return the message for a name that is not there: the nearest one, and all of them.

    Names that go on from what was given are nearer than others.

    Limits: of more than ``MOST_NAMES`` the nearest ten, and how many more there are.
    """
    names = sorted(known)
    hint = _hint(given, names)
    if rest := max(0, len(names) - 10) if len(names) > MOST_NAMES else 0:
        names = [*get_close_matches(given, names, n=10, cutoff=0.0), f"and {rest:,} more"]
    return f"unknown {what} '{given}'{hint} (known: {', '.join(names) or 'none'})"


def unknown_on_shelf(what: str, given: str, known: Iterable[str]) -> str:
    """Return the message for a name that is not on a shelf, whose files may be given, too.

    A file that lacks its ending, as a name does, is told.
    """
    here = f"{given}.toml"
    said = f", as '{here}', which is there" if is_there(Path(here)) else ""
    return f"{unknown_name(what, given, known)} or give a .toml file{said}"


def one_of(given: str, known: Iterable[str]) -> str:
    """Return what to use in place of a choice that is none: all there are, and the nearest one."""
    names = list(known)
    return f"use one of {', '.join(names)}{_hint(given, names)}"


def _hint(given: str, names: Sequence[str]) -> str:
    begun = [name for name in names if given and name.lower().startswith(given.lower())]
    near = get_close_matches(given, begun, n=1, cutoff=0.0) or _nearest(given, names)
    return f"; did you mean '{near[0]}'?" if near else ""


def _nearest(given: str, names: Sequence[str]) -> list[str]:
    """The nearest name, or the one that begins nearer still: of long names the end is left out."""
    whole = get_close_matches(given, names, n=1, cutoff=NEAR)
    beginnings = {name[: len(given)]: name for name in names}
    begun = get_close_matches(given, beginnings, n=1, cutoff=NEAR_BEGINNING)
    if whole and begun and _ratio(given, whole[0]) >= _ratio(given, begun[0]):
        return whole
    return [beginnings[text] for text in begun] or whole


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
