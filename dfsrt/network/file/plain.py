"""Text that a file holds, as it can be shown: broken bytes and terminal codes are kept out."""

from __future__ import annotations


def plain_text(text: object) -> str:
    """Return what should be text as text in one line; the protobuf library hands bytes out, too."""
    whole = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return "".join(c if c.isprintable() else "?" for c in whole)
