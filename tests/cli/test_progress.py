"""How far a command is: a bar, a line now and then, or nothing."""

from __future__ import annotations

import io
import sys
import time

import pytest

from dfsrt.base.notice import QUIET
from dfsrt.cli import progress as progressing
from dfsrt.cli.load_job import requests_of
from dfsrt.cli.progress import Work, progress, progress_of, span, watched
from dfsrt.report.api import Job


@pytest.fixture(autouse=True)
def loud(monkeypatch):
    monkeypatch.delenv(QUIET, raising=False)


@pytest.fixture
def soon(monkeypatch):
    """Lines come after hundredths of a second, not after a minute."""
    monkeypatch.setattr(progressing, "FIRST_S", 0.02)
    monkeypatch.setattr(progressing, "EVERY_S", 0.04)


def wait_for(capsys, text):
    """What was said until ``text`` came, which takes no longer than ten seconds."""
    said = ""
    for _ in range(1000):
        said += capsys.readouterr().err
        if text in said:
            return said
        time.sleep(0.01)
    raise AssertionError(said)


def test_piped_a_line_says_how_much_is_done_and_what_is_left(soon, capsys):
    with watched("run"), progress(400, "alexnet, dfs") as on_done:
        on_done(100)
        said = wait_for(capsys, "\n")
    assert said.startswith("dfsrt: alexnet, dfs: 100 of 400 (25%) after 1 s; about 1 s more\n")


def test_a_command_without_stages_says_that_it_is_at_work(soon, capsys):
    with watched("frontier"):
        assert "dfsrt: frontier: at work after 1 s\n" in wait_for(capsys, "\n")


def test_work_of_unknown_length_says_what_is_done(soon, capsys):
    with watched("battery"), progress(None, "phone") as on_done:
        on_done(1234)
        assert "dfsrt: phone: 1,234 done after 1 s\n" in wait_for(capsys, "\n")


def test_a_stage_is_named(soon, capsys):
    with watched("train"), progress_of("training") as tell:
        tell("fitting", 1, 4)
        assert "training, fitting: 1 of 4 (25%)" in wait_for(capsys, "\n")


def test_an_inner_stage_that_is_over_leaves_the_outer_one(soon, capsys):
    with watched("train"):
        with progress(3, "inner"):
            pass
        assert "dfsrt: train: at work" in wait_for(capsys, "\n")


def test_quiet_says_nothing(soon, capsys, monkeypatch):
    monkeypatch.setenv(QUIET, "1")
    with watched("run"), progress(4, "x") as on_done:
        on_done(1)
        time.sleep(0.2)
    assert capsys.readouterr().err == ""


def test_what_ends_soon_says_nothing(capsys):
    with watched("run"), progress(4, "x") as on_done:
        on_done(4)
    assert capsys.readouterr().err == ""


def test_the_estimate_comes_early_where_the_work_is_long(capsys, monkeypatch):
    monkeypatch.setattr(progressing, "FIRST_S", 0.05)
    with watched("run"), progress(10**9, "long") as on_done:
        on_done(1)
        said = wait_for(capsys, "\n")
    assert "long: 1 of 1,000,000,000 (0%) after 1 s; about " in said
    assert " h " in said


def test_on_a_terminal_a_bar_shows_the_same_and_no_line_comes(soon, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with watched("run"), progress(400, "alexnet [b]") as on_done:
        on_done(100)
        time.sleep(0.3)
    assert "alexnet [b]" in terminal.getvalue()
    assert "100 of 400" in terminal.getvalue()
    assert "dfsrt:" not in terminal.getvalue()


def test_what_is_left_goes_on_at_the_rate_so_far():
    work = Work("x", done=25, total=100, since_s=time.monotonic() - 10)
    assert work.left_s == pytest.approx(30, rel=0.01)
    assert Work("x", done=0, total=100).left_s is None
    assert Work("x", done=5).left_s is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (99, "99 s"), (120, "2 min"), (5940, "99 min"), (7500, "2 h 05 min")],
)
def test_spans_are_said_as_people_say_them(seconds, text):
    assert span(seconds) == text


def test_a_run_that_ends_at_a_time_knows_about_how_many_requests_come():
    assert requests_of(Job("alexnet", period="10 ms", until="1 s")) == 101
    assert requests_of(Job("alexnet", until="1 s")) is None  # back to back: as fast as it goes
    assert requests_of(Job("alexnet", frames=7)) == 7


def test_a_queue_that_grows_is_said_once_and_long_before_it_is_refused(capsys, monkeypatch):
    from dfsrt.run import live_requests

    monkeypatch.setattr(live_requests, "MANY_WAITING", 512)
    live_requests._say_once.cache_clear()
    for _ in range(2):
        Job("alexnet", period="1 us", frames=1500).run()
    assert capsys.readouterr().err.count("512 requests wait at once") == 1
    live_requests._say_once.cache_clear()
