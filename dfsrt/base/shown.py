"""Text from anywhere as a terminal may show it: nothing in it steers."""

from __future__ import annotations


def shown(text: str, kept: str = "") -> str:
    """Return ``text`` with characters that steer terminals or turn lines escaped, but ``kept``."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
