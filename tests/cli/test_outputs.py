"""A command's outputs: all or none, never over an input, whoever ends it and whatever fails."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.base.lock import append_whole, open_alone
from dfsrt.cli import main as entry
from dfsrt.cli.said_line import MOST, said_line
from tests.helpers.cli import DFSRT, interruptible

RUN = ("run", "digits", "-n", "1")


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Type words behind ``dfsrt`` in an empty folder; code and errors."""
    monkeypatch.chdir(tmp_path)

    def type_(*words):
        monkeypatch.setattr("sys.argv", ["dfsrt", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        return stopped.value.code, capsys.readouterr().err

    return type_


def test_outputs_are_put_in_place_together_or_not_at_all(typed, tmp_path, monkeypatch):
    (tmp_path / "r.json").write_text("earlier")
    monkeypatch.setattr("dfsrt.report.page.page.page_html", fails)
    code, said = typed(*RUN, "--json", "r.json", "--log", "r.parquet", "--html", "r.html")
    assert code == 2
    assert "No space left" in said
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert (tmp_path / "r.json").read_text() == "earlier"


def fails(*_):
    raise OSError(28, "No space left on device")


def test_where_one_cannot_be_put_in_place_the_others_are_as_they_were(typed, tmp_path, monkeypatch):
    (tmp_path / "r.json").write_text("earlier")
    replaced = type(tmp_path).replace

    def replace(path, target):
        if str(target).endswith("r.html"):
            fails()
        return replaced(path, target)

    monkeypatch.setattr(type(tmp_path), "replace", replace)
    code, said = typed(*RUN, "--log", "r.parquet", "--json", "r.json", "--html", "r.html")
    assert (code, said.count("\n")) == (2, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert (tmp_path / "r.json").read_text() == "earlier"


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_an_input_is_never_written_over(typed, tmp_path, link):
    device = tmp_path / "mine.toml"
    device.write_text('format = 1\nbase = "rk3588-npu"\nname = "mine"\ndescription = "as it is"\n')
    output = device if link is None else tmp_path / "out.json"
    if link is not None:
        link(device, output)
    before = device.read_text()
    code, said = typed(*RUN, "--device", "mine.toml", "--json", output)
    assert code == 2
    assert said.startswith("dfsrt: '")
    assert "an input; give the output another name" in said
    assert device.read_text() == before


def test_one_path_for_two_outputs_is_refused_by_whatever_name(typed, tmp_path):
    code, said = typed(*RUN, "--json", "a.json", "--log", tmp_path / "a.json")
    assert code == 2
    assert "two outputs" in said


@pytest.mark.parametrize(
    ("redirection", "says"),
    [(">&-", "standard output is closed"), ("> /dev/full", "No space left"), (">&- 2>&-", "")],
)
def test_an_output_that_takes_nothing_ends_in_one_line(redirection, says, tmp_path):
    done = subprocess.run(
        ["bash", "-c", f"{DFSRT} {' '.join(RUN)} {redirection}"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == bool(says)


def test_a_terminal_of_ascii_shows_what_it_can(tmp_path):
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([DFSRT, *RUN], cwd=tmp_path, env=ascii_only, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\xb5J" in done.stdout


def test_a_name_that_is_no_text_and_one_that_steers_the_terminal_are_shown_escaped(typed):
    code, said = typed("run", "\udcff\x1b[31m\u202e")
    assert code == 2
    assert r"'\udcff\x1b[31m\u202e'" in said


@given(st.text())
def test_whatever_is_said_is_one_line_that_a_terminal_shows_as_it_is(text):
    line = said_line(text)
    assert line.isprintable()
    assert len(line) <= 12 * MOST  # an escaped character takes ten
    if text.isprintable() and "  " not in text and len(text) < 200:
        assert line == text.strip()


def test_of_a_long_quotation_both_ends_are_said():
    line = said_line(f"cap '{'9' * 70_000}7' is no power")
    assert line.startswith("cap '999")
    assert line.endswith("997' is no power")
    assert "69,801 characters" in line


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_stopped_says_so_and_leaves_nothing(number, code, tmp_path):
    words = ["run", "densenet121", "--step", "layer", "-n", "90000", "--log", "r.parquet"]
    process = interruptible([DFSRT, *words, "--json", "r.json"], cwd=tmp_path)
    while process.poll() is None and not list(tmp_path.iterdir()):
        time.sleep(0.02)  # until the log is begun beside its place
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert errors.strip().splitlines()[-1].endswith("nothing was half-written")
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_one_process_at_a_time_has_a_file_alone(tmp_path):
    path = tmp_path / "s.parquet.part"
    with open_alone(path, "--out"), pytest.raises(InputError, match="in use by another dfsrt"):
        open_alone(path, "--out")
    open_alone(path, "--out").close()


def test_what_a_nearly_full_disk_takes_in_parts_is_appended_whole():
    class Slow:
        taken = b""

        def write(self, data):
            self.taken += bytes(data[:3])
            return len(data[:3])

    append_whole(file := Slow(), b"a reading, whole")
    assert file.taken == b"a reading, whole"


SLEEPERS = """
import sys
from dfsrt.study.pool import open_pool
from tests.helpers.sleeper import sleep_in
if __name__ == "__main__":
    with open_pool(2, None, sleep_in) as pool:
        list(pool.outcomes([sys.argv[1]] * 2))
"""


def test_workers_of_a_killed_command_end_by_themselves(tmp_path):
    command = [sys.executable, "-c", SLEEPERS, str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.02)
    process.kill()
    process.wait()
    workers = [int(path.name) for path in tmp_path.iterdir()]
    end = time.monotonic() + 30
    while any(map(alive, workers)) and time.monotonic() < end:
        time.sleep(0.1)
    assert workers
    assert not any(map(alive, workers))


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_disk_that_fills_up_while_files_are_written_leaves_none_of_them(tmp_path):
    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    words = [*RUN, "--json", "r.json", "--html", "r.html"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [DFSRT, *words], cwd=tmp_path, env=environment, capture_output=True, text=True,
        preexec_fn=small,
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot write 'r." in done.stderr.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []
