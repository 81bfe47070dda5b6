"""Signals: the first ends a command in order, those that come at once with it change nothing."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

import pytest

from dfsrt.base.errors import InputError
from dfsrt.cli import main as entry
from dfsrt.cli.stopping import Stopping
from dfsrt.study.pool import _deaf_to_ctrl_c
from tests.helpers.cli import interruptible


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


ENDS = """
import os, signal, sys, threading, time
from dfsrt.cli import main, program
program.run_program = lambda words, stopping: 0
def wait_for_workers():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
threading._register_atexit(wait_for_workers)
main.main()
"""


def test_while_the_interpreter_waits_for_workers_a_signal_ends_it_without_a_word():
    command = [sys.executable, "-c", ENDS]
    process = interruptible(command)
    assert process.communicate(timeout=30)[1] == ""
    assert process.returncode == 0


def test_ctrl_c_stays_ignored_where_it_came_ignored():
    kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        Stopping()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, kept)


@pytest.fixture
def run_fails(stopping, monkeypatch, capsys):
    """Let a command do what is given instead of its work; exit code, and what is said."""

    def run(does):
        monkeypatch.setattr("dfsrt.cli.program._run", lambda _words: does())
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        return stopped.value.code, capsys.readouterr().err

    return run


def test_an_error_that_a_library_makes_of_ctrl_c_is_said_as_ctrl_c(run_fails):
    def does():
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise InputError("no such library") from None

    assert run_fails(does) == (143, "dfsrt: terminated; nothing was half-written\n")


def test_ctrl_c_that_a_library_swallows_ends_the_command_all_the_same(run_fails):
    def does():
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    assert run_fails(does) == (130, "dfsrt: interrupted; nothing was half-written\n")


def test_ctrl_c_while_workers_begin_is_heard_when_they_have_begun(stopping):
    begun = []
    with pytest.raises(KeyboardInterrupt), _deaf_to_ctrl_c():
        signal.raise_signal(signal.SIGINT)
        begun.append("all")
    assert begun == ["all"]
    assert stopping.number == signal.SIGINT


def test_a_fault_of_the_program_is_not_hidden(run_fails):
    with pytest.raises(ZeroDivisionError):
        run_fails(lambda: 1 / 0)


def test_the_end_of_a_file_that_comes_too_early_is_no_interruption(monkeypatch, capsys):
    def ends(*_):
        raise EOFError("Compressed file ended")

    monkeypatch.setattr("sys.argv", ["dfsrt", "network", "show", "digits"])
    monkeypatch.setattr("dfsrt.report.network_show.load_network", ends)
    with pytest.raises(SystemExit) as stopped:
        entry.main()
    said = capsys.readouterr().err
    assert (stopped.value.code, said.count("\n")) == (2, 1)
    assert "ends too early (Compressed file ended); give whole files" in said
