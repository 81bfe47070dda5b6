"""Values as they are typed."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.errors import InputError


def parse_count(text: str) -> int:
    """Return a whole number as typed.

    Raises:
        InputError: anything else.
    """
    try:
        return int(str(text))
    except ValueError as error:
        raise InputError(f"'{text}' is not a whole number; write it like 10") from error


def parse_names(texts: Sequence[str] | None) -> list[str]:
    """Return what stands between the commas of all ``texts``, empty parts left out."""
    return [name.strip() for text in texts or () for name in text.split(",") if name.strip()]


def parse_dims(pairs: Sequence[str] | None) -> dict[str, int]:
    """Return ``batch=1`` pairs as a mapping.

    Raises:
        InputError: a pair without a name or a whole number above 0.
    """
    dims = {}
    for pair in pairs or []:
        name, _, size = pair.partition("=")
        if not name or not size.strip().isdecimal() or int(size) == 0:
            raise InputError(
                f"--dim '{pair}' is not NAME=SIZE with a whole size above 0; "
                "write it like --dim batch=1"
            )
        if name.strip() in dims:
            raise InputError(f"--dim sets '{name.strip()}' twice; set it once")
        dims[name.strip()] = int(size)
    return dims


def parse_activity(texts: Sequence[str] | None) -> dict[str, str]:
    """Return ``squeezenet=zeros.csv`` pairs as a mapping; a file alone stands under no name.

    What follows the last '=' is the file: a network's name may have sizes in it.

    Raises:
        InputError: no file, or a network given twice.
    """
    files: dict[str, str] = {}
    for text in texts or []:
        network, _, file = text.rpartition("=")
        if not file.strip():
            raise InputError(
                f"--activity '{text}' names no file; write it like --activity zeros.csv or "
                "--activity squeezenet=zeros.csv"
            )
        if network in files:
            whose = f"of '{network}' " if network else ""
            raise InputError(f"--activity gives a file {whose}twice; give one for each network")
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
