"""To add a governor that sees the queue, one file is touched: it is shown queues, and runs."""

from __future__ import annotations

import pytest

from dfsrt.governor import make_governor
from dfsrt.governor.queue_view import QueuedRequest, WorkStep
from dfsrt.testing import GovernorConformance
from dfsrt.testing.queued import NOW_NS, with_queue
from dfsrt.testing.views import make_view
from tests.helpers.recipes import recipe

GOVERNOR = recipe("A governor that sees the queue")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The one file, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hurry.py").write_text(GOVERNOR.new["hurry.py"], "utf-8")
    return tmp_path


class TestConformance(GovernorConformance):
    governor = "hurry.py:Hurry"


def test_it_goes_by_the_time_that_is_left():
    view = make_view(n_layers=1, cap_w=float("inf"))
    times, hurry = view.duration_ns[0].tolist(), make_governor("hurry.py:Hurry:spare=0")
    for level in (0, 2, 4):
        due = NOW_NS + times[level]
        request = QueuedRequest(0, NOW_NS, due, 0, False, (WorkStep(0, 1),))
        chosen = int(hurry.plan(with_queue(view, (request,))).level[0])
        assert times[chosen] <= times[level] < (times[chosen - 1] if chosen else 1e18)


def test_one_file_is_all_and_what_the_recipe_shows_runs(dfsrt):
    assert GOVERNOR.files == {"hurry.py"}
    for command in GOVERNOR.commands:
        done = dfsrt(*command.split()[1:])
        assert done.returncode == 0, done.stderr
        assert "hurry.py:Hurry" in done.stdout
