"""How far a command has got: a bar on a terminal, elsewhere a line a minute on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dfsrt.base.notice import is_quiet, notice
from dfsrt.base.shown import shown

FIRST_S = 10.0
"""After so much work it is said how long all of it will take, where that is worth saying."""
EVERY_S = 60.0
"""Time between lines; work that takes no longer is not worth one."""

Tell = Callable[[str, int, int | None], None]
"""What is at work, how much of it is done, and of how much in all, where that is known."""


@dataclass(slots=True)
class Work:
    """What is going on: its name, what of it is at hand, how much is done, and since when."""

    text: str
    what: str = ""
    done: int = 0
    total: int | None = None
    shown: bool = False
    since_s: float = field(default_factory=time.monotonic)

    def tell(self, what: str, done: int, total: int | None) -> None:
        """Take note of how far it has got."""
        if what != self.what:
            self.since_s = time.monotonic()
        self.what, self.done, self.total = what, done, total

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take at the rate so far; None where nobody can say."""
        if not self.total or self.done <= 0:
            return None
        return (self.total - self.done) * (time.monotonic() - self.since_s) / self.done

    def line(self, after_s: float) -> str:
        """Return how far it is after so many seconds."""
        name = f"{self.text}, {self.what}" if self.what else self.text
        if self.total:
            far = f"{self.done:,} of {self.total:,} ({self.done / self.total:.0%})"
        else:
            far = f"{self.done:,} done" if self.done else "at work"
        left = self.left_s
        more = "" if left is None else f"; about {span(left)} more"
        return f"{name}: {far} after {span(after_s)}{more}"


class Watch:
    """What a command is at, innermost last, and a thread that says so now and then."""

    def __init__(self) -> None:
        self.works: list[Work] = []
        self._end, self._begun_s = threading.Event(), time.monotonic()

    def speak(self) -> None:
        """Say how far the command is, until it ends; its estimate comes first."""
        if self._end.wait(FIRST_S):
            return
        work = self.works[-1]
        if not work.shown and (work.left_s or 0) >= EVERY_S:
            notice(work.line(time.monotonic() - self._begun_s))
        while not self._end.wait(EVERY_S):
            work = self.works[-1]
            if not work.shown:
                notice(work.line(time.monotonic() - self._begun_s))

    def end(self) -> None:
        """Say no more."""
        self._end.set()


_WATCH = Watch()


@contextmanager
def watched(text: str) -> Iterator[None]:
    """Say, where nobody wants quiet, how far a command called ``text`` is while it runs."""
    global _WATCH
    watch = _WATCH = Watch()
    watch.works.append(Work(text))
    thread = threading.Thread(target=watch.speak, daemon=True)
    thread.start()
    try:
        yield
    finally:
        watch.end()


@contextmanager
def progress(total: int | None, text: str) -> Iterator[Callable[[int], None]]:
    """Show how far work is while it goes on; without a ``total`` how much is done."""
    with progress_of(text) as tell:
        tell("", 0, total)
        yield lambda done: tell("", done, total)


@contextmanager
def progress_of(text: str) -> Iterator[Tell]:
    """Show work in several stages, each of which says its name, done and total."""
    work = Work(text, shown=sys.stderr.isatty() and not is_quiet())
    _WATCH.works.append(work)
    try:
        if work.shown:
            with _bar(text) as tell:
                yield tell
        else:
            yield work.tell
    finally:
        _WATCH.works.remove(work)


@contextmanager
def _bar(text: str) -> Iterator[Tell]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[far]}"))
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(escape(shown(text)), total=None, far="")

        def tell(what: str, done: int, total: int | None) -> None:
            name = escape(shown(f"{text}: {what}" if what else text))
            far = f"{done:,} done" if total is None else f"{done:,} of {total:,}"
            bar.update(task, description=name, completed=done, total=total, far=far)

        yield tell


def span(seconds: float) -> str:
    """Return a stretch of time as people say it: seconds below two minutes, then minutes, hours."""
    if seconds < 100:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
