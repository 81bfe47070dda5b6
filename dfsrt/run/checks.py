"""Checks of the plain numbers that a specification holds."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.base.names import one_of
from dfsrt.base.whole import is_whole

MAX_FRAMES = 10**12


def check_frames(frames: int) -> int:
    """Return ``frames`` if it is a whole number in range.

    Raises:
        InputError: it is not.
    """
    if not is_whole(frames) or not 1 <= frames <= MAX_FRAMES:
        raise InputError(f"frames {frames} is out of range; allowed is 1 to {MAX_FRAMES:,}")
    return frames


def check_span(number: int, each_ns: int, most_ns: int, what: str = "frames") -> None:
    """Check that so many ``frames`` of ``each_ns`` at most end before the last time there is.

    Raises:
        InputError: they may not.
    """
    if number * each_ns >= most_ns:
        raise InputError(
            f"{number:,} {what} of up to {each_ns * 1e-9:.3g} s take longer than the simulator "
            f"can count; run {max(most_ns // max(each_ns, 1) - 1, 1):,} at most"
        )


def check_repeat(repeat: int) -> int:
    """Return ``repeat`` if it is a whole number in range.

    Raises:
        InputError: it is not.
    """
    if not is_whole(repeat) or not 1 <= repeat <= MAX_FRAMES:
        raise InputError(f"repeat {repeat} is out of range; allowed is 1 to {MAX_FRAMES:,}")
    return repeat


def check_tokens(tokens: int, what: str) -> int:
    """Return a number of tokens if it is a whole number above 0; ``what`` they are is for errors.

    Raises:
        InputError: it is not.
    """
    if not is_whole(tokens) or not 1 <= tokens <= MAX_FRAMES:
        raise InputError(f"{what} {tokens} is out of range; give 1 or more tokens")
    return tokens


def check_choice(value: str, what: str, choices: tuple[str, ...]) -> str:
    """Return ``value`` if it is one of ``choices``.

    Raises:
        InputError: it is not.
    """
    if value not in choices:
        raise InputError(f"{what} '{value}' is unknown; {one_of(value, choices)}")
    return value
