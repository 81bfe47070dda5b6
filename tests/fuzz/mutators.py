"""Mutators: what is done to a sound file, drawn from a seeded source of chance."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

MOST_BYTES = 1 << 18
"""Longer inputs are cut: the room is for what a file says, not for how long it is."""

NUMBERS = [
    b"0", b"-0.0", b"-1", b"1", b"1e-300", b"1e300", b"1e308", b"1e309", b"-1e309", b"5e-324",
    b"nan", b"inf", b"-inf", b"NaN", b"Infinity", b"9223372036854775807", b"9223372036854775808",
    b"-9223372036854775809", b"18446744073709551616", b"4294967296", b"2147483648", b"65536",
    b"9" * 30, b"9" * 400, b"9" * 5000, b"0.1", b"0x7fffffffffffffff", b"1_000", b"1e15", b"1e18",
    b"007", b".5", b"5.", b"1e", b"--1", b"256", b"255",
]  # fmt: skip
VALUES = [
    b"true", b"false", b"null", b"[]", b"{}", b'""', b'"text"', b"[1, 2]", b'["a", "b"]', b"[[]]",
    b"{ a = 1 }", b'{"a": 1}', b"1979-05-27T07:32:00Z", b"07:32:00", b"-1", b"1.5", b'"nan"',
    b'"1 W"', b'"1e400 W"', b'"-5 ms"', b'"9e99 GHz"', b'"300 K"', b'"../../x"', b'"/dev/zero"',
    b'"a:b=c"', b'"' + b"7" * 3000 + b' W"', b"[nan, inf]", b"[9223372036854775808]",
]  # fmt: skip
TOKENS = [
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\n", b"\r", b'"', b"'", b"\\", b"{", b"}", b"[", b"]",
    b",", b";", b"\t", b"=", b":", b"|", b"#", b"\x1b[31m", b"\x07", b"\x7f", b"\x80", b"\xc0\xaf",
    b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xf4\x90\x80\x80", b"\x1f\x8b", b"PAR1", b"\\u0000",
    b"\\ud800", b"%s%n", b"${HOME}", b"<script>", b"\xe2\x80\xa8",
]  # fmt: skip
NESTS = [(b"[", b"]"), (b"{", b"}"), (b'{"a":', b"}"), (b"{a=", b"}"), (b"(", b")"), (b"<", b">")]
DEPTHS = (50, 400, 5000)
# All in bounded steps: a mutant of a mutant has 30,000 letters in a row.
_NUMBER = re.compile(rb"[-+]?\d{1,40}(?:[._]\d{1,40})?(?:[eE][-+]?\d{1,9})?")
_VALUE = re.compile(
    rb"(?<=[=:,\t])[ ]{0,4}(?:\"[^\"\n]{0,400}\"|\[[^\]]{0,400}\]"
    rb"|[^,\n\t\]}\" ][^,\n\t\]}\"]{0,400})"
)
_KEY = re.compile(rb"(?<![A-Za-z_0-9])[A-Za-z_][A-Za-z_0-9]{0,60}(?=\"?\s{0,4}[=:])")

Mutator = Callable[[bytes, random.Random], bytes]


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 4, 16, 64, 256, 1024)))


def _replaced(data: bytes, at: re.Match[bytes] | None, new: bytes) -> bytes:
    return data if at is None else data[: at.start()] + new + data[at.end() :]


def _one(pattern: re.Pattern[bytes], data: bytes, chance: random.Random) -> re.Match[bytes] | None:
    """A match of ``pattern`` near a place drawn by chance."""
    start = chance.randrange(len(data) + 1)
    return pattern.search(data, start) or pattern.search(data)


def flip_bits(data: bytes, chance: random.Random) -> bytes:
    """Turn up to eight bits over."""
    mutant = bytearray(data)
    for _ in range(chance.randint(1, 8) if mutant else 0):
        mutant[chance.randrange(len(mutant))] ^= 1 << chance.randrange(8)
    return bytes(mutant)


def set_bytes(data: bytes, chance: random.Random) -> bytes:
    """Put extreme bytes over a few."""
    start, _ = _span(data, chance)
    new = bytes([chance.choice((0, 0x7F, 0x80, 0xFF))]) * chance.choice((1, 2, 4, 8, 9))
    return data[:start] + new + data[start + len(new) :]


def cut(data: bytes, chance: random.Random) -> bytes:
    """Leave out the end, or a piece."""
    start, end = _span(data, chance)
    return data[:start] if chance.random() < 0.3 else data[:start] + data[end:]


def duplicate(data: bytes, chance: random.Random) -> bytes:
    """Put a piece a second time, or many times, there or elsewhere."""
    (start, end), (place, _) = _span(data, chance), _span(data, chance)
    return data[:place] + data[start:end] * chance.choice((1, 1, 2, 50)) + data[place:]


def move_lines(data: bytes, chance: random.Random) -> bytes:
    """Change the order of two lines, or leave one out, or say one twice."""
    lines = data.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    what = chance.randrange(3)
    if what == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif what == 1:
        del lines[one]
    else:
        lines.insert(other, lines[one])
    return b"\n".join(lines)


def extreme_number(data: bytes, chance: random.Random) -> bytes:
    """Put an extreme number in place of one."""
    return _replaced(data, _one(_NUMBER, data, chance), chance.choice(NUMBERS))


def other_value(data: bytes, chance: random.Random) -> bytes:
    """Put a value of another kind behind a key."""
    return _replaced(data, _one(_VALUE, data, chance), b" " + chance.choice(VALUES))


def other_key(data: bytes, chance: random.Random) -> bytes:
    """Give a key the name of another."""
    new = _one(_KEY, data, chance)
    return _replaced(data, _one(_KEY, data, chance), new[0] if new else b"key")


def insert_token(data: bytes, chance: random.Random) -> bytes:
    """Put a control character, bytes that are no UTF-8, or a character with a meaning, anywhere."""
    start, _ = _span(data, chance)
    return data[:start] + chance.choice(TOKENS) + data[start:]


def nest(data: bytes, chance: random.Random) -> bytes:
    """Put something nested deeply in place of a value."""
    opened, closed = chance.choice(NESTS)
    depth = chance.choice(DEPTHS)
    new = opened * depth + b"1" + closed * chance.choice((depth, 0))
    return _replaced(data, _one(_VALUE, data, chance), new)


def long_text(data: bytes, chance: random.Random) -> bytes:
    """Put a long text in place of a value, or anywhere."""
    new = chance.choice((b"A", b"9", b" ", b"\xc3\xa9", b"a.", b"a,")) * chance.choice((300, 30000))
    if chance.random() < 0.5:
        return _replaced(data, _one(_VALUE, data, chance), b'"' + new + b'"')
    start, _ = _span(data, chance)
    return data[:start] + new + data[start:]


MUTATORS: tuple[Mutator, ...] = (
    flip_bits, set_bytes, cut, duplicate, move_lines, extreme_number, extreme_number, other_value,
    other_value, other_key, insert_token, nest, long_text,
)  # fmt: skip
_RARE = (nest, long_text)


def mutant(seeds: list[bytes], chance: random.Random) -> bytes:
    """Return a mutant of one of ``seeds``: one to four mutators, seldom a cross of two seeds."""
    data = chance.choice(seeds)
    if chance.random() < 0.05:
        other = chance.choice(seeds)
        data = data[: _span(data, chance)[0]] + other[_span(other, chance)[0] :]
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        made = chance.choice(MUTATORS)
        if made in _RARE and chance.random() < 0.7:
            made = extreme_number
        data = made(data, chance)
    return data[:MOST_BYTES]
