"""A figure that a notebook shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as text of SVG, on a white ground of its own: dark notebooks show it as it is."""

    svg: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {len(self.svg):,} characters of SVG>"

    def _repr_svg_(self) -> str:
        return self.svg
