"""A figure that a notebook shows."""

from __future__ import annotations

from dataclasses import dataclass

FITS = 'style="max-width: 100%; height: auto"'


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as text of SVG, on a white ground of its own: dark notebooks show it as it is."""

    svg: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {len(self.svg):,} characters of SVG>"

    def _repr_svg_(self) -> str:
        """Return the figure as wide as it is drawn, or as the notebook's page is."""
        return self.svg.replace("<svg ", f"<svg {FITS} ", 1)
