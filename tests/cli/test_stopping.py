"""Signals: the first ends a command in order, those that come at once with it change nothing."""

from __future__ import annotations

import signal

import pytest

from dfsrt.cli.stopping import Stopping


@pytest.fixture
def stopping():
    """What listens, while signals that would end the tests are kept aside."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield Stopping()
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("number", "word", "code"),
    [(signal.SIGINT, "interrupted", 130), (signal.SIGTERM, "terminated", 143)],
)
def test_the_first_signal_ends_the_command_and_more_at_once_disturb_nothing(
    stopping, number, word, code
):
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGTERM)
    assert (stopping.word, stopping.code) == (word, code)


def test_who_does_not_wait_for_the_end_is_heard_again(stopping, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    monkeypatch.setattr("dfsrt.cli.stopping.AT_ONCE_S", 0.0)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_while_the_process_ends_a_signal_ends_it_without_a_word(stopping, monkeypatch):
    codes = []
    monkeypatch.setattr("dfsrt.cli.stopping.os._exit", codes.append)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    stopping.leave(143)
    monkeypatch.setattr("dfsrt.cli.stopping.AT_ONCE_S", 60.0)
    signal.raise_signal(signal.SIGTERM)
    assert codes == [143]


def test_ctrl_c_stays_ignored_where_it_came_ignored():
    kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        Stopping()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, kept)
