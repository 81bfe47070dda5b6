"""Plug-ins of a kind by name or by file, told with a kind of their own: greeters."""

from __future__ import annotations

import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec
from dfsrt.base.plugin import PluginKind, beside, parameters, python_file

MINE = '''
from dataclasses import dataclass


@dataclass(frozen=True)
class Loud:
    """Greets loudly.

    marks: exclamation marks
    """

    marks: int = 1

    def greet(self, whom):
        return f"HEY {whom.upper()}" + "!" * self.marks

    def leave(self, whom):
        return whom[99]


class Slip(Loud):
    def greet(self, whom):
        return {}[whom]


class Silent:
    pass
'''
SLIP_LINE = 1 + MINE.splitlines().index("        return {}[whom]")
LEAVE_LINE = 1 + MINE.splitlines().index("        return whom[99]")


@dataclass(frozen=True)
class Plain:
    name = "plain"
    word: str = "hello"

    def greet(self, whom):
        return f"{self.word} {whom}"


GREETERS: PluginKind = PluginKind(
    noun="greeter",
    method="greet",
    arguments="whom",
    returns="a text",
    group="dfsrt.no_such_group",
    own={"plain": "greetings_of_a_test:Plain", "gone": "greetings_of_a_test:Gone"},
    common=("tone",),
)
LEAVERS: PluginKind = PluginKind(
    noun="leaver", method="leave", arguments="whom", returns="a text", group="dfsrt.no_such_group"
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with the file of all greeters, and a package's module that has a class of ours."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)
    package = ModuleType("greetings_of_a_test")
    package.Plain = Plain
    monkeypatch.setitem(sys.modules, package.__name__, package)
    return tmp_path


@pytest.mark.parametrize(
    ("source", "greeting"),
    [
        ("plain", "hello you"),
        ("plain:word=good day", "good day you"),
        (NameSpec("plain", {"word": "hi"}), "hi you"),
        (Plain("ho"), "ho you"),
        ("mine.py:Loud", "HEY YOU!"),
        ("mine.py:Loud:marks=3", "HEY YOU!!!"),
    ],
)
def test_a_name_a_file_s_class_and_an_object_are_made_and_labelled(source, greeting):
    greeter = GREETERS.make(source)
    assert greeter.greet("you") == greeting
    assert GREETERS.make(GREETERS.label(greeter)) == greeter
    if isinstance(source, str):
        assert GREETERS.label(greeter) == source


def test_ours_need_no_entry_point_and_those_of_packages_are_found_by_theirs():
    assert GREETERS.names() == ("gone", "plain")
    registered: PluginKind = PluginKind(
        noun="governor", method="plan", arguments="view", returns="a plan", group="dfsrt.governors"
    )
    assert "powersave" in registered.names()
    assert registered.class_of("powersave").__name__ == "Powersave"


def test_what_a_package_has_registered_is_labelled_by_that_name(tmp_path, monkeypatch):
    info = tmp_path / "shouting-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: shouting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[test.greeters]\nshout = shouting:Loud\n")
    (tmp_path / "shouting.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path)
    kind: PluginKind = PluginKind(
        noun="greeter", method="greet", arguments="whom", returns="text", group="test.greeters"
    )
    assert kind.names() == ("shout",)
    assert kind.label(kind.make("shout:marks=3")) == "shout:marks=3"
    assert kind.make(kind.label(kind.make("shout:marks=3"))).marks == 3


def test_a_class_of_a_file_says_what_its_parameters_are_for():
    assert parameters(GREETERS.class_of("mine.py:Loud")) == {"marks": "exclamation marks"}
    assert python_file("mine.py:Loud") == Path("mine.py")
    assert python_file("plain") is None
    assert beside("mine.py:Loud", Path("a")) == "a/mine.py:Loud"


def test_one_file_may_hold_plug_ins_of_two_kinds():
    assert GREETERS.class_of("mine.py:Loud") is LEAVERS.class_of("mine.py:Loud")
    with pytest.raises(
        InputError, match=f"^leaver mine.py:Loud failed to leave: line {LEAVE_LINE},"
    ):
        LEAVERS.make("mine.py:Loud").leave("you")


def test_what_a_file_s_class_made_is_pickled_by_its_label(here):
    data = pickle.dumps(GREETERS.make("mine.py:Loud:marks=2"))
    assert b"mine.py:Loud:marks=2" in data
    assert pickle.loads(data).greet("you") == "HEY YOU!!"  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("plane", "unknown greeter 'plane'; did you mean 'plain'.* is named like file.py:Class"),
        ("gone", "greeter 'gone' cannot be loaded: .*Gone.*; reinstall it"),
        ("plain:wort=x", "unknown parameter of greeter plain 'wort'; did you mean 'word'.*tone"),
        ("plain:word=a:word=b", "greeter .* sets 'word' twice"),
        (":word=a", "greeter ':word=a' has no name"),
        ("mine.py:Loud:marks=many", "greeter mine.py:Loud, parameter marks: .* is no number"),
        ("mine.py", "greeter 'mine.py' names no class of its file; write it like mine.py:Loud"),
        ("mine.py:Lout", "unknown class in greeter file 'mine.py' 'Lout'; did you mean 'Loud'"),
        (
            "mine.py:Silent",
            "class Silent in greeter file 'mine.py' has no method 'greet'; "
            r"give it 'def greet\(self, whom\)' that returns a text",
        ),
        ("none.py:X", "cannot read greeter file 'none.py': No such file"),
        ("bad.py:X", "greeter file 'bad.py' cannot be loaded: line 1, ZeroDivisionError"),
        (3, "3 is no greeter; give a name or an object with 'greet'"),
        (Plain, "is no greeter"),
        (LEAVERS, "is no greeter"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(here, source, says):
    (here / "bad.py").write_text("1 / 0")
    with pytest.raises(InputError, match=says) as caught:
        GREETERS.make(source)
    assert "\n" not in str(caught.value)


def test_an_error_inside_the_method_is_one_line_that_says_where():
    says = f"^greeter mine.py:Slip failed to greet: line {SLIP_LINE}, KeyError: 'you'; correct the"
    with pytest.raises(InputError, match=says) as caught:
        GREETERS.make("mine.py:Slip").greet("you")
    assert isinstance(caught.value.__cause__, KeyError)
