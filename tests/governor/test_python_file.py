"""A governor of one's own in a Python file: named, made, shown, and told what is wrong."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.governor.registry import governor_files, label
from dfsrt.testing.views import make_view

MINE = '''
from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

import dfsrt


@dataclass(frozen=True, slots=True)
class Slack:
    """The fastest clock that leaves a share of the cap free."""

    slack: float = 0.1
    most: int | None = None
    end: Literal["fast", "slow"] = "fast"

    def plan(self, view):
        free = view.own_power_w() <= (1 - self.slack) * view.cap_w
        level = np.array([np.flatnonzero(row).max(initial=0) for row in free & view.own_fits()])
        if self.end == "slow":
            level[:] = 0
        if self.most is not None:
            level = np.minimum(level, self.most)
        return dfsrt.Plan(level, view.rails_uv[level])


class Half:
    def plan(self, view):
        level = np.full(view.n_layers, view.top // 2)
        return dfsrt.Plan(level, view.rails_uv[level])


@dataclass
class Needy:
    share: float
    table: tuple[float, ...] = ()

    def plan(self, view):
        return Half().plan(view)


@dataclass
class NeedsATable:
    table: tuple[float, ...]

    def plan(self, view):
        return Half().plan(view)


class NeedsMore:
    def __init__(self, more):
        self.more = more

    def plan(self, view):
        return Half().plan(view)


@dataclass
class Strict:
    share: float = 0.5

    def __post_init__(self):
        assert self.share < 1, "share must be below 1"

    def plan(self, view):
        return Half().plan(view)


class Slip:
    def plan(self, view):
        watts = view.predicted_w
        watts *= 0.5
        return Half().plan(view)


class Planless:
    pass
'''


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in, with the file of all governors above."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def test_its_plan_is_as_worked_by_hand(here):
    (here / "hand.py").write_text(MINE)
    view = make_view(n_layers=3, n_levels=4, cap_w=1.0)
    own = view.own_power_w()
    want = [max((k for k in range(4) if own[i, k] <= 0.75), default=0) for i in range(3)]
    plan = make_governor("hand.py:Slack:slack=0.25").plan(view)
    assert plan.level.tolist() == want
    assert make_governor("hand.py:Slack:slack=0.25:most=1").plan(view).level.max() == 1
    assert make_governor("hand.py:Slack:end=slow").plan(view).level.max() == 0


@pytest.mark.parametrize(
    "text",
    [
        "mine.py:Slack",
        "mine.py:Half",
        "./mine.py:Half",
        "mine.py:Slack:slack=0.2",
        "mine.py:Slack:slack=1e-05:most=3:end=slow",
        "mine.py:Slack:slack=0.2:guard=0.1:set_points=700mV+850mV",
        "mine.py:Needy:share=0.3",
    ],
)
def test_a_label_reads_back_as_the_same_governor(here, text):
    governor = make_governor(text)
    assert label(governor) == text
    assert label(make_governor(label(governor))) == text
    if "Half" not in text:  # no dataclass, so no equality
        assert make_governor(label(governor)) == governor


def test_defaults_and_none_are_left_out_of_the_label(here):
    assert label(make_governor("mine.py:Slack:slack=0.10:most=none:guard=0%")) == "mine.py:Slack"


def test_a_path_from_the_root_does_as_well(here, monkeypatch):
    monkeypatch.chdir("/")
    assert label(make_governor(f"{here}/mine.py:Slack:most=2")) == f"{here}/mine.py:Slack:most=2"


def test_a_file_is_run_once_for_each_content(here):
    count = MINE + "import os\nos.mkdir('ran')\n"
    (here / "count.py").write_text(count)
    one, two = make_governor("count.py:Slack"), make_governor("count.py:Slack:slack=0.3")
    assert type(one) is type(two)
    (here / "ran").rmdir()
    (here / "count.py").write_text(count.replace("0.1", "0.4"))
    assert make_governor("count.py:Slack").slack == 0.4
    assert (here / "ran").is_dir()
    assert one.slack == 0.1


def test_a_file_takes_no_module_s_name(here):
    (here / "json.py").write_text(MINE)
    before = set(sys.modules)
    make_governor("json.py:Half")
    assert sys.modules["json"] is json
    assert not any(name.isidentifier() for name in set(sys.modules) - before)
    assert not (here / "__pycache__").exists()


def test_the_file_s_own_imports_from_the_future_are_its_own(here):
    (here / "plain.py").write_text("def f(a: missing): pass")
    with pytest.raises(InputError, match="line 1, NameError: name 'missing' is not defined"):
        make_governor("plain.py:Half")
    (here / "plain.py").write_text(
        "from dataclasses import dataclass\n@dataclass\nclass Typed:\n    share: float = 1\n"
        "    def plan(self, view): return self.share\n"
    )
    assert make_governor("plain.py:Typed:share=2").plan(None) == 2.0


def test_another_process_reads_the_label(here):
    governor = make_governor("mine.py:Slack:slack=0.25:guard=0.1")
    data = pickle.dumps(governor)
    assert pickle.loads(data) == governor  # noqa: S301 - our own
    code = (
        "import pickle, sys\nfrom dfsrt.governor.registry import label\n"
        "print(label(pickle.load(sys.stdin.buffer)))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True)
    assert done.stdout.decode().strip() == "mine.py:Slack:slack=0.25:guard=0.1", done.stderr


def test_run_and_compare_take_it_wherever_a_governor_is_named(here):
    runs = dfsrt.compare("alexnet", ["dfs", "mine.py:Slack:slack=0.2"], cap="0.16 W", frames=1)
    assert [run.governor for run in runs.report.runs] == ["dfs", "mine.py:Slack:slack=0.2"]
    named = dfsrt.run("alexnet", governor="mine.py:Slack:slack=0.2", cap="0.16 W", frames=1).report
    given = make_governor("mine.py:Slack:slack=0.2")
    assert dfsrt.run("alexnet", governor=given, cap="0.16 W", frames=1).report == named


def test_a_governor_file_names_the_python_file_beside_it(here):
    folder = here / "tuned"
    folder.mkdir()
    (folder / "mine.py").write_text(MINE.replace("0.1", "0.3"))
    (folder / "g.toml").write_text(
        'format = 1\ngovernor = "mine.py:Slack"\n[parameters]\nmost = "2"\n'
    )
    governor = make_governor("tuned/g.toml:end=slow")
    assert (governor.slack, governor.most, governor.end) == (0.3, 2, "slow")
    assert label(governor) == "tuned/mine.py:Slack:most=2:end=slow"
    assert make_governor(label(governor)) == governor
    assert [str(p) for p in governor_files("tuned/g.toml")] == ["tuned/g.toml", "tuned/mine.py"]
    assert [str(p) for p in governor_files("mine.py:Slack:most=2")] == ["mine.py"]
    assert governor_files("dfs:same=0.1") == ()


FILES = {
    "syntax.py": "class X:\n    def plan(self view): pass",
    "imports.py": "\nimport nowhere_to_be_found",
    "raises.py": "def f():\n    return 1 / 0\nf()",
    "exits.py": "import sys\n\nsys.exit(3)",
    "null.py": "a\0b",
    "empty.py": "",
}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("mine.py", "names no class of its file; write it like mine.py:Half"),
        ("mine.py:most=3", "names no class of its file"),
        ("empty.py:", "names no class of its file; write it like empty.py:Class"),
        ("empty.py:X", r"unknown class in governor file 'empty.py' 'X' \(known: none\)"),
        ("mine.py:Slak", "'Slak'; did you mean 'Slack'?"),
        ("mine.py:dataclass", "unknown class"),
        ("mine.py:Planless", "class Planless .* has no method 'plan'; give it 'def plan"),
        ("none.py:X", "cannot read governor file 'none.py': No such file"),
        ("folder.py:X", "cannot read governor file 'folder.py': Is a directory"),
        ("syntax.py:X", "cannot be loaded: line 2, SyntaxError"),
        ("imports.py:X", "line 2, ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("raises.py:X", "line 2, ZeroDivisionError: division by zero"),
        ("exits.py:X", "line 3, SystemExit: 3"),
        ("null.py:X", "cannot be loaded"),
        ("mine.py:Needy", "needs a value for share; write it like mine.py:Needy:share=VALUE"),
        ("mine.py:NeedsATable", "needs a value for table; give it a default in the class"),
        ("mine.py:NeedsMore", "needs a value for more; give it a default in the class"),
        ("mine.py:Needy:share=1:table=3", "table of governor mine.py:Needy cannot be set by text"),
        ("mine.py:Strict:share=2", "cannot be made: share must be below 1"),
        ("mine.py:Slack:slak=1", "did you mean 'slack'"),
        ("mine.py:Slack:slack=x", "parameter slack: value 'x' is no number"),
        ("mine.py:Half:slack=1", "fields of a dataclass, and this class is none"),
        ("mine:Slack", "one of your own is named like file.py:Class"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(here, name, says):
    for file, text in FILES.items():
        (here / file).write_text(text)
    (here / "folder.py").mkdir()
    with pytest.raises(InputError, match=says) as caught:
        make_governor(name)
    assert "\n" not in str(caught.value)


def test_a_plan_that_fails_says_where_in_the_file(here):
    line = MINE.splitlines().index("        watts *= 0.5") + 1
    with pytest.raises(ValueError, match=rf"mine.py:Slip failed to plan: line {line}.*read-only"):
        dfsrt.run("alexnet", governor="mine.py:Slip", frames=1)
    with pytest.raises(ValueError, match="read-only"):
        dfsrt.compare("alexnet", ["dfs", "mine.py:Slip", "dfs"], frames=1)


def test_the_command_line_ends_with_one_line_and_code_2(dfsrt, tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    for name in ("mine.py:Slip", "mine.py:Slak", "mine.py:NeedsMore"):
        done = dfsrt("run", "alexnet", "-n", 1, "-g", name)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
    done = dfsrt("run", "alexnet", "-n", 1, "-g", "mine.py:Slack:slack=0.2")
    assert done.returncode == 0, done.stderr
    assert "governor mine.py:Slack:slack=0.2," in done.stdout


def test_numbers_of_a_governor_s_own_do_not_meet_those_of_the_next(here):
    a, b = make_governor("mine.py:Slack:slack=0.5"), make_governor("mine.py:Slack")
    view = make_view(n_layers=30, n_levels=8, cap_w=2.0)
    first = b.plan(view).level
    a.plan(view)
    assert np.array_equal(b.plan(view).level, first)
