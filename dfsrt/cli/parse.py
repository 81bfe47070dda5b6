"""Values as they are typed."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.errors import InputError
from dfsrt.base.whole import MOST_WHOLE, is_whole

LONGEST = 18
"""Digits of a size."""


def parse_count(text: str) -> int:
    """Return a whole number as typed, of up to 2^63 - 1.

    Raises:
        InputError: anything else.
    """
    try:
        count = int(str(text))
    except ValueError as error:
        raise InputError(f"'{text}' is not a whole number; write it like 10") from error
    if not is_whole(count):
        raise InputError(f"'{text}' is more than any count; give at most {MOST_WHOLE}")
    return count


def parse_names(texts: Sequence[str] | None) -> list[str]:
    """Return what stands between the commas of all ``texts``, empty parts left out."""
    return [name.strip() for text in texts or () for name in text.split(",") if name.strip()]


def parse_idle(texts: Sequence[str]) -> str:
    """Return the one idle governor that is named.

    Raises:
        InputError: none, or several.
    """
    names = parse_names(texts)
    if len(names) == 1:
        return names[0]
    if not names:
        raise InputError("no idle governor given; name one, like 'teo'")
    raise InputError(f"--idle names {len(names)}: {', '.join(names)}; name one")


def parse_dims(pairs: Sequence[str] | None) -> dict[str, int]:
    """Return ``batch=1`` pairs as a mapping.

    Raises:
        InputError: a pair without a name or a whole number of 0 or more.
    """
    dims: dict[str, int] = {}
    for pair in pairs or []:
        name, _, size = pair.rpartition("=")  # a node's name may have a "=" in it
        digits = size.strip()
        if not name or not (digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST):
            raise InputError(
                f"--dim '{pair[:200]}' is not NAME=SIZE with a whole size of at most {LONGEST} "
                "digits; write it like --dim batch=1"
            )
        if name.strip() in dims:
            raise InputError(f"--dim sets '{name.strip()}' twice; set it once")
        dims[name.strip()] = int(size)
    return dims


def parse_values(pairs: Sequence[str] | None) -> dict[str, str]:
    """Return ``sr=16000`` pairs as a mapping from inputs to values, which are still text.

    Raises:
        InputError: a pair without an input or a value, or an input given twice.
    """
    values: dict[str, str] = {}
    for pair in pairs or []:
        name, _, value = (part.strip() for part in pair.partition("="))
        if not name or not value:
            raise InputError(
                f"--set '{pair}' is not INPUT=VALUE; write it like --set sr=16000 or "
                "--set lengths=[20,20]"
            )
        if name in values:
            raise InputError(f"--set gives '{name}' twice; give it once")
        values[name] = value
    return values


def parse_trips(pairs: Sequence[str] | None) -> dict[str, int]:
    """Return ``Loop_0=20`` pairs as a mapping; a node's name may have a ``=`` in it.

    Raises:
        InputError: a pair without a name or a whole number, or a node given twice.
    """
    trips: dict[str, int] = {}
    for pair in pairs or []:
        name, _, count = (part.strip() for part in pair.rpartition("="))
        if not name or not (count.isascii() and count.isdecimal()):
            raise InputError(
                f"--trips '{pair}' is not NODE=N with a whole number of passes; write it like "
                "--trips Loop_0=20"
            )
        if name in trips:
            raise InputError(f"--trips gives '{name}' twice; give it once")
        trips[name] = int(count)
    return trips


def parse_activity(texts: Sequence[str] | None) -> dict[str, str]:
    """Return ``squeezenet=zeros.csv`` pairs as a mapping; a file alone stands under no name.

    Raises:
        InputError: no file, or a network given twice.
    """
    return _by_network(texts, "--activity", "a file", "zeros.csv")


def parse_layer_times(texts: Sequence[str] | None) -> dict[str, str]:
    """Return ``squeezenet=capture:FOLDER`` pairs as a mapping; a source alone is under no name.

    Raises:
        InputError: no source, or a network given twice.
    """
    return _by_network(texts, "--layer-times", "a source", "capture:FOLDER")


def _by_network(texts: Sequence[str] | None, option: str, what: str, like: str) -> dict[str, str]:
    """What follows the last '=' is the file: a network's name may have sizes in it."""
    files: dict[str, str] = {}
    for text in texts or []:
        network, _, file = text.rpartition("=")
        if not file.strip():
            raise InputError(
                f"{option} '{text}' names no {what.split()[-1]}; write it like {option} {like} or "
                f"{option} squeezenet={like}"
            )
        if network in files:
            whose = f"of '{network}' " if network else ""
            raise InputError(f"{option} gives {what} {whose}twice; give one for each network")
        files[network] = file
    return files


def parse_cap_changes(pairs: Sequence[str] | None) -> dict[str, str]:
    """Return ``20ms=0.6W`` pairs as a mapping.

    Raises:
        InputError: a pair without '=', or a time given twice.
    """
    changes: dict[str, str] = {}
    for pair in pairs or []:
        when, equals, limit = pair.partition("=")
        if not equals:
            raise InputError(
                f"--cap-at '{pair}' is not TIME=WATTS; write it like --cap-at 20ms=0.6W"
            )
        if when in changes:
            raise InputError(f"--cap-at sets the cap at '{when}' twice; set it once")
        changes[when] = limit
    return changes
