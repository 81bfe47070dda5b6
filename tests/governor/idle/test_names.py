"""Idle governors by name: defaults, drivers' delays, labels, and what is refused in one line."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import InputError
from dfsrt.governor.idle import idle_governor_names, idle_label, make_idle_governor
from dfsrt.governor.idle.delays import DELAYS
from tests.governor.idle.players import MS


def test_all_are_there_by_name():
    names = {"none", "timeout", "break-even", "ladder", "menu", "teo", "oracle"}
    assert names <= set(idle_governor_names())
    assert all(make_idle_governor(name).name == name for name in names)


def test_a_timeout_is_typed_as_a_time_or_as_a_driver():
    said = {
        "timeout": 50, "timeout=50ms": 50, "timeout:after=1.5ms": 1.5, "timeout=0s": 0,
        "timeout=rocket": 50, "timeout=ethosu": 50, "timeout=panthor": 50, "timeout=v3d": 50,
        "timeout=etnaviv": 200, "timeout=ivpu-37xx": 10, "timeout=ivpu": 100,
        "timeout=amdxdna": 5_000, "timeout=rknpu": 3_000, "timeout:after=rknpu": 3_000,
    }  # fmt: skip
    assert {text: make_idle_governor(text).params()[0] / MS for text in said} == said
    assert all(delay.source for delay in DELAYS.values())


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("timeout", "timeout=50ms"),
        ("timeout:after=50ms", "timeout=50ms"),
        ("timeout=rknpu", "timeout=3000ms"),
        ("timeout=0.25us", "timeout=0.00025ms"),
        ("menu", "menu"),
        ("menu:tick=auto", "menu"),
        ("teo:tick=4ms", "teo:tick=4ms"),
        ("break-even", "break-even"),
    ],
)
def test_a_label_reads_back(text, label):
    governor = make_idle_governor(text)
    assert idle_label(governor) == idle_label(text) == label
    assert make_idle_governor(label) == governor


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("timeout=-5ms", ("'-5ms' is out of range", "0 s to")),
        ("timeout=abc", ("unknown driver 'abc'", "rknpu", "like '50 ms'")),
        ("timeout=rkpnu", ("did you mean 'rknpu'",)),
        ("timeout=5 apples", ("'5 apples'", "like '20 ms'")),
        ("timeout=", ("''", "like '20 ms'")),
        ("timeout=5ms:after=3ms", ("sets 'after' twice",)),
        ("timeout:before=3ms", ("'before'", "known: after")),
        ("menu:foo=1", ("'foo'", "known: tick")),
        ("menu:tick=0ms", ("zero", "above 0")),
        ("teo=3", ("'teo=3'", "write it like 'teo'")),
        ("tmeout", ("did you mean 'timeout'", "known: break-even")),
        ("break_even", ("did you mean 'break-even'",)),
        ("tmeout=5ms", ("did you mean 'timeout'",)),
        ("", ("no name",)),
        (7, ("7 is no idle governor", "'choose'")),
    ],
)
def test_what_does_not_fit_is_one_line_with_what_is_allowed(text, parts):
    with pytest.raises(InputError) as error:
        make_idle_governor(text)
    assert len(str(error.value).splitlines()) == 1
    assert all(part in str(error.value) for part in parts), str(error.value)


def test_a_label_is_of_idle_governors_alone():
    with pytest.raises(InputError, match="is no idle governor"):
        idle_label(7)
