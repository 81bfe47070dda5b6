"""What killed commands have left goes with the next that writes there, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from dfsrt.base.beside import begin_file, begin_folder
from dfsrt.base.files import write_atomically, write_folder
from dfsrt.base.output_set import name_outputs, output_set, remove_after
from dfsrt.base.undisturbed import undisturbed

KILLED = """
import os, signal
from pathlib import Path
from dfsrt.base.files import write_atomically, write_folder
end = lambda beside: os.kill(os.getpid(), signal.SIGKILL)
{}
"""


def killed_in(folder, call):
    subprocess.run([sys.executable, "-c", KILLED.format(call)], cwd=folder, check=False)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_next_file_removes_what_a_kill_left_of_its_own_place_alone(tmp_path):
    killed_in(tmp_path, "write_atomically(Path('r.json'), end)")
    (left,) = names(tmp_path)
    others = [".r.tmp-abcdefgh.csv", ".q.tmp-abcdefgh.json", ".r.tmp-mine.json", "r.json.part"]
    for name in others:
        (tmp_path / name).write_text("another's")
    write_atomically(tmp_path / "r.json", lambda beside: beside.write_text("{}"))
    assert left.startswith(".r.tmp-")
    assert names(tmp_path) == sorted([*others, "r.json"])


def test_the_next_folder_removes_what_a_kill_left(tmp_path):
    killed_in(tmp_path, "write_folder(Path('trace'), end)")
    (left,) = names(tmp_path)
    write_folder(tmp_path / "trace", lambda beside: (beside / "a").write_text(""))
    assert left.startswith(".trace.tmp-")
    assert names(tmp_path) == ["trace"]


def test_a_second_name_of_what_was_there_goes_too(tmp_path):
    (tmp_path / "r.json").write_text("earlier")
    os.link(tmp_path / "r.json", tmp_path / ".r.tmp-abcdefgh.json.earlier")
    write_atomically(tmp_path / "r.json", lambda beside: beside.write_text("{}"))
    assert names(tmp_path) == ["r.json"]


def test_what_a_living_command_writes_stays(tmp_path):
    living, folder = begin_file(tmp_path / "r.json", ".json"), begin_folder(tmp_path / "trace")
    write_atomically(tmp_path / "r.json", lambda beside: beside.write_text("{}"))
    write_folder(tmp_path / "trace", lambda beside: (beside / "a").write_text(""))
    assert living.path.exists()
    assert folder.path.exists()
    living.end()
    folder.end()
    assert names(tmp_path) == ["r.json", "trace"]


def test_what_bears_such_a_name_and_is_none_stays(tmp_path):
    os.mkfifo(tmp_path / ".r.tmp-abcdefgh.json")
    (tmp_path / ".r.tmp-hgfedcba.json").symlink_to("elsewhere")
    write_atomically(tmp_path / "r.json", lambda beside: beside.write_text("{}"))
    assert names(tmp_path) == [".r.tmp-abcdefgh.json", ".r.tmp-hgfedcba.json", "r.json"]


def test_what_outputs_replace_stays_until_they_are_in_place(tmp_path):
    journal, out = tmp_path / "s.part", tmp_path / "s"
    for stops in (KeyboardInterrupt, None):
        journal.write_text("readings")
        with pytest.raises(KeyboardInterrupt) if stops else output_set(), output_set():
            name_outputs([out])
            write_atomically(out, lambda beside: beside.write_text("samples"))
            remove_after(journal)
            if stops:
                raise stops
        assert names(tmp_path) == (["s.part"] if stops else ["s"])


def test_signals_wait_until_undisturbed_steps_are_done():
    done = []
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), undisturbed():
            signal.raise_signal(signal.SIGINT)
            done.append("all")
        assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, kept)
    assert done == ["all"]
