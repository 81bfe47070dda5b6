"""A paper and what it reports: figures that stand beside our own, each with where it was read."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """Who reports ``what``; the change of each network's figure, or the two ends of a range."""

    title: str
    what: str
    source: str
    figures: Mapping[str, tuple[float, ...]]
    recalled: str
    """What of its setting is not in the abstract, and so is nobody's word."""

    def figure(self, network: str) -> tuple[float, ...] | None:
        """Return the change that it reports of a network, or None."""
        return self.figures.get(network.partition(":")[0])

    def said(self, network: str) -> str:
        """Return its figure as text, empty where there is none."""
        return " to ".join(f"{change:+.0%}" for change in self.figure(network) or ())
