"""Exit codes are those that ``docs/exit_codes.md`` says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dfsrt.cli import device_check, doctor, program, stopping
from dfsrt.cli.commands import EXIT_CODES
from tests.helpers.cli import DFSRT

TABLE = (Path(__file__).resolve().parents[2] / "docs/exit_codes.md").read_text()
SAID = {int(code) for code in re.findall(r"^\| (\d+) \|", TABLE, re.MULTILINE)}
IN_CODE = {
    0,
    device_check.EXIT_UNMEASURED,
    doctor.EXIT_PROBLEMS,
    program.EXIT_USAGE,
    program.EXIT_BROKEN_PIPE,
    stopping.EXIT_INTERRUPTED,
    stopping.EXIT_TERMINATED,
}
RUNS_ON = (
    "import os, signal, sys; from dfsrt.cli import commands; from dfsrt.cli.main import main\n"
    # Whoever starts the tests with `&` has Ctrl-C ignored, and dfsrt leaves it so.
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "commands.make_app = lambda words: lambda *_, **__: os.kill(os.getpid(), {number}) or 1\n"
    "sys.argv = ['dfsrt', 'list']; main()"
)


def test_the_page_and_the_help_say_every_code_and_no_other():
    assert SAID == IN_CODE
    assert {int(code) for code in re.findall(r"\b\d+\b", EXIT_CODES)} == IN_CODE


def test_the_help_shows_them(dfsrt):
    assert "Exit codes: 0 done" in dfsrt("--help").stdout


def test_done_is_0_and_wrong_input_2(dfsrt):
    assert dfsrt("list", "devices").returncode == 0
    for words in (("run",), ("run", "nothing"), ("nothing",), ("run", "digits", "--nothing")):
        done = dfsrt(*words)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1


def test_a_device_that_nobody_has_measured_is_1(dfsrt):
    assert dfsrt("device", "check", "ideal").returncode == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_have_codes_of_their_own(number, code):
    done = subprocess.run(
        [sys.executable, "-c", RUNS_ON.format(number=int(number))], capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1


def test_a_reader_that_has_gone_is_141():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([DFSRT, "--version"], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
