"""Plain annotations are parameters: what text sets them, and what it reads back as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec
from dfsrt.base.plugin import PluginKind, declared, number_param, parameter_of, parameters
from dfsrt.base.plugin.declared import instance

ECHOES: PluginKind = PluginKind(
    noun="echo", method="say", arguments="word", returns="a word", group="dfsrt.no_such_group"
)
REAL = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(codec="utf-8")).filter(lambda text: text not in ("auto", "none"))
VALUES = {
    int: st.integers(),
    float: REAL,
    str: WORDS,
    bool: st.booleans(),
    Literal["fast", "slow", 3, True]: st.sampled_from(["fast", "slow", 3, True]),
    int | None: st.none() | st.integers(),
    float | None: st.none() | REAL,
    Optional[float]: st.none() | REAL,  # noqa: UP045 - written so by many
    str | None: st.none() | WORDS,
    bool | None: st.none() | st.booleans(),
    Literal["auto", "fast"] | None: st.sampled_from([None, "auto", "fast"]),
    Literal["fast", None]: st.sampled_from([None, "fast"]),
    Annotated[float, "what for"]: REAL,
    Annotated[float, "what for"] | None: st.none() | REAL,
    Annotated[int | None, 7, "what for"]: st.none() | st.integers(),
}


@pytest.mark.parametrize("hint", VALUES, ids=str)
@given(data=st.data())
def test_what_is_shown_reads_back_as_the_same_value(hint, data):
    value = data.draw(VALUES[hint])
    parameter = parameter_of(hint)
    again = parameter.parse(parameter.show(value))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    ("hint", "text", "value"),
    [
        (int, "10.0", 10),  # as TOML's numbers arrive
        (int, "1_000", 1000),
        (float, "3", 3.0),
        (float, "1e-3", 0.001),
        (bool, "true", True),
        (float | None, "none", None),
        (float | None, "auto", None),
        (Literal["auto", "fast"] | None, "none", None),
        (Literal["auto", "fast"] | None, "auto", "auto"),
        (str, "none", "none"),
        (str, "", ""),
    ],
)
def test_text_is_read_as_its_type_says(hint, text, value):
    assert parameter_of(hint).parse(text) == value


@pytest.mark.parametrize(
    ("hint", "text", "says"),
    [
        (int, "2.5", "value '2.5' is no whole number; write it like 3"),
        (int, "many", "value 'many' is no number"),
        (int, "1e999", "is no number"),
        (int, "9" * 5000, "is no number"),
        (float, "fast", "value 'fast' is no number; write it like 0.5"),
        (float, "nan", "is no number"),
        (float, "inf", "is no number"),
        (float, "5 W", "is no number"),
        (bool, "yes", "use one of false, true"),
        (Literal["a", "b"], "c", "use one of a, b"),
        (Literal["a", "b"] | None, "c", "use one of a, b, auto, none"),
    ],
)
def test_text_that_does_not_fit_is_an_error_that_says_what_does(hint, text, says):
    with pytest.raises(InputError, match=says):
        parameter_of(hint).parse(text)


@pytest.mark.parametrize("hint", [list[int], tuple[float, ...], int | str, object, "Unknown", dict])
def test_what_no_text_can_set_is_no_parameter(hint):
    assert parameter_of(hint) is None


@dataclass
class Everything:
    """Has a parameter of each kind.

    quiet: said in the docstring
    ``loud`` (float): said there too, with its type
    """

    name: ClassVar[str] = "everything"
    plain: float = 0.5
    quiet: int = 1
    loud: float = 2.0
    noted: Annotated[bool, "said in a note"] = False
    meant: Annotated[str, "not this"] = field(default="x", metadata={"help": "said in metadata"})
    ranged: float = number_param("said by a helper", 0.5, 0, 1)
    weights: list[float] = field(default_factory=list)
    hidden: float = field(default=0.0, init=False)

    def say(self, word) -> str:
        raise NotImplementedError


def test_help_comes_from_metadata_a_note_or_the_docstring():
    assert parameters(Everything) == {
        "plain": "",
        "quiet": "said in the docstring",
        "loud": "said there too, with its type",
        "noted": "said in a note",
        "meant": "said in metadata",
        "ranged": "said by a helper",
    }


def test_a_class_that_is_no_dataclass_has_no_parameters():
    assert declared(object) == {}


def test_the_label_shows_what_differs_from_the_defaults():
    assert ECHOES.label(Everything()) == "everything"
    assert ECHOES.label(Everything(plain=0.25, noted=True)) == "everything:plain=0.25:noted=true"
    assert ECHOES.label(Everything(weights=[1.0, 2.0])) == "everything:weights=[1.0, 2.0]"
    # A whole number in place of a fraction is the default all the same.
    assert ECHOES.label(Everything(loud=2.0, meant="x", weights=[])) == "everything"


def test_an_annotation_of_a_name_that_is_not_there_spoils_no_other_parameter():
    @dataclass
    class Mixed:
        good: float = 1.0
        bad: Elsewhere = None  # noqa: F821 - as under TYPE_CHECKING

        def say(self, word):
            raise NotImplementedError

    assert list(declared(Mixed)) == ["good"]
    assert instance(Mixed, NameSpec("mixed", {"good": "2"}), "echo").good == 2.0
    with pytest.raises(InputError, match="bad of echo mixed cannot be set by text"):
        instance(Mixed, NameSpec("mixed", {"bad": "2"}), "echo")
