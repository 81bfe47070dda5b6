"""Conformance of idle governors: subclass, name yours or make it; pytest collects the rest.

class TestMine(IdleGovernorConformance):
    governor = "mine.py:Mine:after=3"


class TestOther(IdleGovernorConformance):
    def make(self):
        return Other()
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from operator import index
from typing import ClassVar

from dfsrt.governor.idle import IdleGovernor, IdleView, idle_label, make_idle_governor
from dfsrt.testing.idle_views import MS, odd_idle_views


class IdleGovernorConformance:
    """What every idle governor must do, whatever its policy.

    ``governor`` names the one under test as ``--idle`` does, a Python file's path from where
    pytest is run.
    """

    governor: ClassVar[str] = ""

    def make(self) -> IdleGovernor:
        """Return a fresh idle governor; each test calls this anew.

        Raises:
            NotImplementedError: a subclass that neither names one nor makes one.
        """
        if not self.governor:
            raise NotImplementedError("set 'governor' to a name, or return an instance from 'make'")
        return make_idle_governor(self.governor)

    def views(self) -> Iterator[tuple[str, IdleView]]:
        """Yield what is odd about a view, and the view, with the future for those who see it."""
        sees = bool(getattr(self.make(), "sees_next", False))
        for what, view in odd_idle_views().items():
            if not sees:
                yield what, view
                continue
            for next_ns in (1, 3 * MS, 3_000 * MS):
                future = replace(view, next_ns=next_ns, gap_ns=10 * MS)
                yield f"{what}, next in {next_ns} ns", future

    def test_a_choice_is_a_state_that_is_there_and_deeper(self) -> None:
        """Or -1: the NPU stays where it is. States are numbered from 0, shallow to deep."""
        for what, view in self.views():
            state = index(self.make().choose(view).state)
            assert state == -1 or view.state < state < len(view.power_w), what

    def test_times_are_whole_nanoseconds_from_the_beginning_of_the_stretch(self) -> None:
        """None of them is negative, and no state is left before it can have been entered."""
        for what, view in self.views():
            sleep = self.make().choose(view)
            assert index(sleep.after_ns) >= 0, what
            if sleep.wake_ns is not None:
                entered_ns = 0 if sleep.state < 0 else sleep.after_ns
                assert index(sleep.wake_ns) >= entered_ns, what

    def test_the_same_view_gives_the_same_choice(self) -> None:
        """A fresh governor has no memory and no dice: what has been stands in the view."""
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

    def test_its_label_reads_back(self) -> None:
        """What reports call it can be typed again."""
        governor = self.make()
        label = idle_label(governor)
        assert idle_label(governor) == label
        if self.governor:
            assert idle_label(make_idle_governor(label)) == label
