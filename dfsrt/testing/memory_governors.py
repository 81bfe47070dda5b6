"""Conformance of governors of the memory: subclass, name yours or make it; pytest does the rest.

class TestMine(MemoryGovernorConformance):
    governor = "mine.py:Mine:share=30"


class TestOther(MemoryGovernorConformance):
    def make(self):
        return Other()
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from operator import index
from typing import ClassVar

from dfsrt.governor.memory import BusView, MemoryGovernor, make_memory_governor, memory_label
from dfsrt.governor.memory.governor import polling_ns
from dfsrt.testing.bus_views import odd_bus_views


class MemoryGovernorConformance:
    """What every governor of the memory must do, whatever its policy.

    ``governor`` names the one under test as ``--memory`` does, a Python file's path from where
    pytest is run.
    """

    governor: ClassVar[str] = ""

    def make(self) -> MemoryGovernor:
        """Return a fresh governor; each test calls this anew.

        Raises:
            NotImplementedError: a subclass that neither names one nor makes one.
        """
        if not self.governor:
            raise NotImplementedError("set 'governor' to a name, or return an instance from 'make'")
        return make_memory_governor(self.governor)

    def views(self) -> Iterator[tuple[str, BusView]]:
        """Yield what is odd about a view, and the view."""
        yield from odd_bus_views().items()

    def test_a_choice_is_the_number_of_a_point_that_is_there(self) -> None:
        """Points are numbered from 0, slow to fast."""
        for what, view in self.views():
            assert 0 <= index(self.make().choose(view)) <= view.top, what

    def test_the_same_view_gives_the_same_choice(self) -> None:
        """A fresh governor has no memory and no dice: what has been counted stands in the view."""
        for what, view in self.views():
            assert self.make().choose(view) == self.make().choose(view), what

    def test_what_was_chosen_before_does_not_matter(self) -> None:
        """One governor serves many runs."""
        used = self.make()
        for _, view in self.views():
            used.choose(view)
        for what, view in self.views():
            assert used.choose(view) == self.make().choose(view), what

    def test_choosing_leaves_the_view_as_it_was(self) -> None:
        """Others are shown it, too."""
        for what, view in self.views():
            before = copy.deepcopy(view)
            self.make().choose(view)
            assert view == before, what

    def test_a_period_is_a_time(self) -> None:
        """Whole nanoseconds above 0, or None for a governor that is asked once."""
        period_ns = polling_ns(self.make())
        assert period_ns is None or index(period_ns) > 0

    def test_its_label_reads_back(self) -> None:
        """What reports call it can be typed again."""
        governor = self.make()
        label = memory_label(governor)
        assert memory_label(governor) == label
        if self.governor:
            assert memory_label(make_memory_governor(label)) == label
