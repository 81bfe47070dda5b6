"""Objects of a JSON list one by one: a broken one is mended or left out, and costs no other.

Tools that end early, print numbers of C as they are or do not escape what they write make files
that are JSON but for a few bytes. What is mended: a missing ``]``, commas too many or missing
between objects, ``nan`` and ``inf``, control characters and backslashes in texts.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal

from dfsrt.recording.left_out import LeftOut

MAX_RECORD = 1 << 18
"""Characters of an object that is mended; sound ones may be longer."""
_A_CHARACTER, _SPARE = 64, 1 << 20
"""Work that a text may take: so much for each character, and some beside."""
_A_FAILURE, _A_TOKEN = 1024, 64
"""What it costs to try an object in vain, and to see a bracket or a text on the way to its end."""
_PIECE, _LONGEST, _CUT = 1 << 12, 1 << 24, 16
"""Characters in which an object is looked for, at first and at most; and where one may be cut."""
_BETWEEN = re.compile(r"[\s,]*")
_START = re.compile(r"\{")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
"""A text without an end takes all that is left: looked for from each quote, it took for ever."""
_LIST = re.compile(r'"traceEvents"\s*:\s*\[')
_FAULT = re.compile(
    r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|,(?=\s*[\]},])'
    r"|-?\b(?:nan|inf(?:inity)?)\b|\b(?:None|True|False)\b",
    re.DOTALL | re.IGNORECASE,
)
_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)')
_LITERALS = {",": "", "none": "null", "true": "true", "false": "false"}
_NO_VALUE = (ValueError, RecursionError, ArithmeticError)
"""What decoding raises: the last where an exponent has more digits than any has."""
_DECODER = json.JSONDecoder(
    strict=False, parse_float=Decimal, parse_constant=lambda _: math.nan
)  # fmt: skip

Record = dict[str, object]


def text_of(data: bytes) -> str:
    """Return the text of a file: UTF-8, or UTF-16 where it begins so; other bytes become signs."""
    wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return data.decode("utf-16" if wide else "utf-8-sig", "replace")


def list_start(text: str) -> int:
    """Return where the first event may stand: in a list, in ``traceEvents``, or one a line."""
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] == "[":
        return start + 1
    match = _LIST.search(text)
    return match.end() if match else start


class Records:
    """The objects with one of the keys ``marks`` in a list of ``text`` that begins at ``start``.

    Numbers with a fraction are ``Decimal``, those that are not finite NaN. After iteration
    ``ended`` says whether the list had its end, ``mended`` how many objects were mended.
    """

    def __init__(self, text: str, start: int, marks: tuple[str, ...], left_out: LeftOut) -> None:
        self._text, self._start, self._marks = text, start, frozenset(marks)
        self._left_out = left_out
        self._work = _A_CHARACTER * len(text) + _SPARE
        self.ended, self.mended = text[start - 1 : start] != "[", 0

    def __iter__(self) -> Iterator[Record]:
        """Yield each object in the order of the file, in time that grows with the file alone."""
        at, number = self._start, 0
        while (at := self._next(at)) < len(self._text):
            if self._text[at] == "]":
                self.ended = True
                return
            record, end = self._decoded(at)
            if record is None:
                self._left_out.add(f"event {number}", f"broken at character {at:,}")
                record, end = self._resumed(at + 1)
            if record is not None:
                yield record
            number, at = number + 1, end

    def about(self) -> dict[str, str]:
        """Return what a recording tells of what was mended."""
        about = {} if self.ended else {"end of the list": "missing"}
        return about | ({"events mended": str(self.mended)} if self.mended else {})

    def _next(self, at: int) -> int:
        match = _BETWEEN.match(self._text, at)
        return match.end() if match else at

    def _resumed(self, at: int) -> tuple[Record | None, int]:
        """Return the first sound object from ``at`` on and its end; else None, and the text's."""
        for start in _START.finditer(self._text, at):
            record, end = self._decoded(start.start())
            if record is not None:
                return record, end
            if self._work < 0:
                self._left_out.add("the rest", "too damaged to look for more")
                break
        return None, len(self._text)

    def _decoded(self, at: int) -> tuple[Record | None, int]:
        """Return the object at ``at``, mended where it must be, and its end; else None."""
        try:
            value, end = self._raw(at)
        except json.JSONDecodeError:
            self._work -= _A_FAILURE
            value, end = self._mended(at)
        except _NO_VALUE:
            self._work -= MAX_RECORD
            value, end = None, at
        if isinstance(value, dict) and not self._marks.isdisjoint(value):
            return value, end
        return None, end

    def _raw(self, at: int) -> tuple[object, int]:
        """Return what stands at ``at`` and its end, out of as little text as holds it.

        An error of ``json`` counts the lines of all text before it: in the whole text many errors
        would take time with its square.
        """
        size = _PIECE
        while True:
            piece = self._text[at : at + size]
            try:
                value, used = _DECODER.raw_decode(piece)
                return value, at + used
            except json.JSONDecodeError as error:
                self._work -= len(piece) // 8
                cut = error.pos >= len(piece) - _CUT or error.msg.startswith("Unterminated")
                if not cut or size >= _LONGEST or at + size >= len(self._text):
                    raise
            size *= 8

    def _mended(self, at: int) -> tuple[object, int]:
        end = self._end(at)
        try:
            value: object = _DECODER.decode(_FAULT.sub(_sound, self._text[at:end]))
        except _NO_VALUE:
            return None, at
        self.mended += 1
        return value, end

    def _end(self, at: int) -> int:
        """Return the end of the brackets that open at ``at``; ``at`` itself where there is none."""
        depth, last = 0, at
        for token in _TOKEN.finditer(self._text, at, min(at + MAX_RECORD, len(self._text))):
            last = token.end()
            self._work -= _A_TOKEN
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
            if depth <= 0:
                break
        self._work -= last - at
        return last if depth == 0 else at


def _sound(match: re.Match[str]) -> str:
    text = match[0]
    if text[0] == '"':
        return _ESCAPE.sub(lambda m: m[0] if m[1] else "\\\\", text) if "\\" in text else text
    return _LITERALS.get(text.lower(), "NaN")
