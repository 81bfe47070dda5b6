"""Device-tree text made ready for its reader: foreign macros, snippets, marks of overlays.

No line moves, so that places stay true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dfsrt.base.errors import DeviceError

UNKNOWN = "\x01"
"""Begins the text that stands for a value with a macro in it that nothing defines."""

_SKIP = (
    r"\s+|/\*.*?\*/|//[^\n]*|^\#(?:line)?[ \t]+\d+[^\n]*"
    r"|/dts-v1/\s*;|/plugin/\s*;|/memreserve/[^;{}]*;|/include/\s*\"[^\"\n]*\""
)
_STRUCTURE = re.compile(
    rf"(?P<skip>{_SKIP})"
    r"|(?P<word>/[a-z][a-z-]+/|&\{[\w,.+*\#?@/-]*\}|[\w,.+*#?@\\&-]+(?:[ \t]*:)?)"
    r"|(?P<sign>.)",
    re.DOTALL | re.MULTILINE | re.ASCII,
)
_VALUE = re.compile(
    rf"(?P<skip>{_SKIP}|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|/[a-z][a-z-]+/"
    r"|&\{[\w,.+*\#?@/-]*\}|&[A-Za-z_]\w*|[A-Za-z_]\w*:|\d\w*|\[[\s0-9A-Fa-f]*\])"
    r"|(?P<macro>[A-Za-z_]\w*)"
    r"|(?P<sign>.)",
    re.DOTALL | re.MULTILINE | re.ASCII,
)
_BLANKED = ("/dts-v1/", "/plugin/", "/memreserve/", "/*")
_LONGEST = 2**14
"""Of a value that is read: firmware may be longer, points are not, and its time is squared."""

_NAME = re.compile(r"[\w,.+*#?@\\-]+", re.ASCII)
_CALL = re.compile(r"[A-Z_][A-Z0-9_]*[ \t]*\([^(){};]*\)[ \t]*;?", re.ASCII)


@dataclass
class Prepared:
    """A ``text`` that the reader takes; ``macros`` are those whose values are unknown."""

    text: str
    is_overlay: bool
    macros: tuple[str, ...]


def prepare(text: str, is_included: bool = False) -> Prepared:
    """Return ``text`` with unknown values marked, headers blanked, bare statements in a root.

    What ``is_included`` stands where another text is: its statements may be bare.

    Raises:
        DeviceError: a comment that does not end.
    """
    scan = _Scan(text, is_included)
    scan.all()
    return Prepared("".join(scan.pieces), scan.is_overlay, tuple(scan.macros))


class _Scan:
    """One way through a text, statement by statement; ``pieces`` make the new one."""

    def __init__(self, text: str, is_included: bool) -> None:
        self._is_included = is_included
        self.pieces: list[str] = []
        self.macros: list[str] = []
        self.is_overlay = False
        self._text, self._at, self._copied = text, 0, 0
        self._depth = 0
        self._first: int | None = None
        self._is_bare = False

    def all(self) -> None:
        """Read all of the text."""
        while match := _STRUCTURE.match(self._text, self._at):
            start, self._at = match.span()
            if match["skip"] is None:
                self._step(match[0], start)
            elif match[0].startswith(_BLANKED):
                self.is_overlay |= match[0].startswith("/plugin/")
                self._put(start, _blank(match[0]))
        if self._is_bare and not self._depth:
            self._put(self._at, "\n};")
        self.pieces.append(self._text[self._copied :])

    def _step(self, piece: str, start: int) -> None:
        """Take a name or a sign of the structure."""
        self._check_comment(start)
        self._first = start if self._first is None else self._first
        is_top = not self._depth and not self._is_included
        if is_top and not self._is_bare and _NAME.fullmatch(piece):
            self._is_bare = True
            self._put(self._first, "/ {", self._first)
        if piece == "=":
            self._value()
        elif call := _CALL.match(self._text, start):
            self._at = call.end()
            self.macros.append(piece)
            self._put(start, _blank(call[0]))
        self._depth += {"{": 1, "}": -1}.get(piece, 0)
        if piece in ";{}":
            self._first = None
        if piece == ";" and not self._depth and self._is_bare:
            self._is_bare = False
            self._put(self._at, "};")

    def _value(self) -> None:
        """Take a value up to its end, marked where a name in it is unknown."""
        start = self._at
        unknown: list[str] = []
        while match := _VALUE.match(self._text, self._at):
            if match["sign"] and match["sign"] in ";{}":
                break
            if _is_fault(self._text, match):
                unknown = []  # an open quote or a missing semicolon, which the reader says
                break
            if match["sign"]:
                self._check_comment(match.start())
            if match["macro"]:
                unknown.append(match["macro"])
            self._at = match.end()
        if self._at - start > _LONGEST:
            unknown = ["too-long"]
        if unknown:
            self.macros += unknown
            lines = self._text.count("\n", start, self._at)
            self._put(start, f'"{UNKNOWN}{unknown[0]}"' + "\n" * lines)

    def _check_comment(self, start: int) -> None:
        if self._text.startswith("/*", start):
            line = self._text.count("\n", 0, start) + 1
            raise DeviceError(f"line {line}: the comment that opens here is not closed; add '*/'")

    def _put(self, start: int, piece: str, end: int | None = None) -> None:
        """Put ``piece`` in place of the text from ``start`` up to ``end``, else to here."""
        self.pieces += [self._text[self._copied : start], piece]
        self._copied = self._at if end is None else end


def _is_fault(text: str, match: re.Match[str]) -> bool:
    """Tell whether a sign in a value opens what never ends, or gives another property a value."""
    at, sign = match.start(), match["sign"]
    is_assignment = sign == "=" and text[at - 1] not in "=<>!" and text[at + 1 : at + 2] != "="
    return is_assignment or sign in ('"', "'")


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
