"""Device-tree source as tokens, each with the line it stands on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dfsrt.base.errors import DeviceError

_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_PREPROCESSOR = re.compile(
    r"^[ \t]*#[ \t]*(?:include|define|undef|ifdef|ifndef|if|else|elif|endif|pragma|error|warning"
    r"|line)\b(?:[^\n]*\\\n)*[^\n]*",
    re.MULTILINE,
)
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>"(?:\\.|[^"\\\n])*")
    |(?P<directive>/[a-z][a-z0-9-]*/)
    |(?P<reference>&(?:\{[^}\n]*\}|[A-Za-z_]\w*))
    |(?P<label>[A-Za-z_]\w*[ \t]*:)
    |(?P<word>[A-Za-z0-9._+?\#@'-][A-Za-z0-9,._+?\#@'-]*)
    |(?P<sign>[{}=;<>,\[\]/])""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of device-tree text; ``kind`` is the name of its rule, or ``expression``."""

    kind: str
    text: str
    line: int


def error_at(line: int, message: str) -> DeviceError:
    """Return the error for what stands in ``line`` of a device tree."""
    return DeviceError(f"line {line}: {message}")


def tokenize(text: str) -> tuple[list[Token], list[str]]:
    """Return the tokens of ``text`` and what was passed over, as warnings.

    Raises:
        DeviceError: an open comment, string or parenthesis, or a character of no device tree.
    """
    bare = _COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else _blank(m), text)
    skipped = [_line(bare, m.start()) for m in _PREPROCESSOR.finditer(bare)]
    bare = _PREPROCESSOR.sub(_blank, bare)
    warnings = []
    if skipped:
        warnings.append(
            f"line {skipped[0]}: {len(skipped)} preprocessor lines (#include, #define, #if) are "
            "passed over; run cpp first if the table needs them"
        )
    return _scan(bare), warnings


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _scan(text: str) -> list[Token]:
    tokens: list[Token] = []
    position, line = 0, 1
    while position < len(text):
        token = _next_token(text, position, line)
        if token.kind != "space":
            tokens.append(token)
        position += len(token.text)
        line += token.text.count("\n")
    return tokens


def _next_token(text: str, position: int, line: int) -> Token:
    if text[position] == "(":
        return Token("expression", _balanced(text, position, line), line)
    match = _TOKEN.match(text, position)
    if match is not None and match.lastgroup and not text.startswith("/*", position):
        return Token(match.lastgroup, match[0], line)
    if text.startswith("/*", position):
        raise error_at(line, "the comment that opens here is not closed; add '*/'")
    if text[position] == '"':
        raise error_at(line, "the text in quotes that opens here is not closed; add '\"'")
    raise error_at(
        line,
        f"{text[position]!r} is not device-tree source; give the text of an "
        "operating-points-v2 table",
    )


def _balanced(text: str, start: int, line: int) -> str:
    depth = 0
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return text[start : position + 1]
    raise error_at(line, "the parenthesis that opens here is not closed; add ')'")
