"""However a live command ends, the board is as before, or the word is said; real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dfsrt.live import BoardError, Devfreq, Session, States, Sysfs
from dfsrt.live.guard import Watchdog
from tests.helpers.cli import DFSRT, dfsrt, interruptible
from tests.helpers.fake_devfreq import FOLDER, NAME, kept

MHZ = 1_000_000
BOARD = f"devfreq:{NAME}"


@pytest.fixture
def root(tmp_path):
    return tmp_path / "tree"


@pytest.fixture
def device(root):
    with kept(root) as device:
        yield device


def begin(root: Path, *words: str) -> subprocess.Popen[str]:
    return interruptible(
        [DFSRT, "live", *words, "--root", str(root), "--yes"], stdout=subprocess.DEVNULL
    )


def wait_for(what, seconds=20.0):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def holding(root, device, *words) -> subprocess.Popen[str]:
    """A command that has moved the board to 800 MHz."""
    process = begin(root, *(words or ("hold", "800MHz")))
    wait_for(lambda: device.hz == 800 * MHZ or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return process


def untouched(device) -> bool:
    limits = (device.low, device.high) == (300 * MHZ, 1000 * MHZ)
    return device.governor == "simple_ondemand" and limits


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.deep)],
)
def test_a_signal_restores_and_says_so(root, device, number, code):
    process = holding(root, device)
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    wait_for(lambda: untouched(device))
    assert process.returncode == code
    assert f"{BOARD} restored: governor simple_ondemand" in said
    assert "Traceback" not in said


def test_after_sigkill_the_watchdog_restores_and_says_so(root, device):
    process = holding(root, device, "hold", "800MHz", "--method", "limits")
    wait_for(lambda: device.low == device.high == 800 * MHZ)
    process.kill()
    _, said = process.communicate(timeout=20)
    wait_for(lambda: untouched(device))
    assert f"watchdog: the live command ended without restoring; {BOARD} restored" in said
    assert "nothing to restore" in dfsrt(root, "live", "restore", "--root", root).stdout


def test_what_a_kill_of_all_leaves_is_said_by_the_next_command_and_put_back(root, device, tmp_path):
    process = holding(root, device)
    (watchdog,) = children(process.pid)
    os.kill(watchdog, signal.SIGKILL)
    process.kill()
    process.communicate(timeout=20)
    assert device.governor == "userspace"
    shown = dfsrt(tmp_path, "live", "show", "--root", root)
    assert f"{BOARD} was not restored by the live command of" in shown.stderr
    assert "governor simple_ondemand" in shown.stderr
    again = dfsrt(tmp_path, "live", "hold", "500MHz", "--root", root, "--yes")
    assert again.returncode == 2
    assert device.told == 800 * MHZ
    advice = again.stderr.strip().rpartition("put them back first: ")[2]
    assert advice == f"dfsrt live restore --yes --root {root}"
    rehearsed = dfsrt(tmp_path, *advice.replace(" --yes", "").split()[1:])
    assert rehearsed.stdout == (
        f"would write simple_ondemand to {FOLDER}/governor, now userspace\n"
        "nothing was written; --yes writes\n"
    )
    done = dfsrt(tmp_path, *advice.split()[1:])
    assert done.returncode == 0
    wait_for(lambda: untouched(device))
    assert dfsrt(tmp_path, "live", "show", "--root", root).stderr == ""


def test_files_that_vanish_end_the_command_with_a_word(root, device):
    process = holding(root, device, "govern", "-g", "userspace:freq=800MHz", "--period", "20ms")
    (root / FOLDER).rename(root / "gone")
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"'{FOLDER}/min_freq' is not there (any more)" in said.splitlines()[-1]
    assert f"{BOARD} could not be restored" in said
    assert "governor simple_ondemand" in said
    assert "Traceback" not in said
    gone = dfsrt(root, "live", "restore", "--yes", "--root", root)
    assert gone.returncode == 2
    advice = gone.stderr.strip().rpartition("if it is gone for good: ")[2].split()[1:]
    assert "forgot governor simple_ondemand" in dfsrt(root, *advice).stdout
    assert dfsrt(root, "live", "show", "--root", root).stderr == ""


@pytest.mark.deep
def test_one_command_at_a_time_has_a_board(root, device, tmp_path):
    process = holding(root, device)
    second = dfsrt(tmp_path, "live", "hold", "500MHz", "--root", root, "--yes")
    assert second.returncode == 2
    assert "in use by another dfsrt" in second.stderr
    said = dfsrt(tmp_path, "live", "show", "--root", root).stderr
    assert "is in the hands of the live command of" in said
    assert f"(process {process.pid})" in said
    process.terminate()
    process.communicate(timeout=20)
    wait_for(lambda: untouched(device))


def test_a_command_that_stands_still_is_restored_by_the_watchdog_and_hears_of_it(
    root, device, capfd
):
    board, states = Devfreq(Sysfs(root), NAME), States.below(root)

    def watch(lock: int) -> Watchdog:
        return Watchdog(root, states.folder, board.id, lock, silent_s=0.2)

    with (
        pytest.raises(BoardError, match=r"watchdog of .* has ended"),
        Session(board, states, watch) as session,
    ):
        assert session.write(800 * MHZ) == 800 * MHZ
        wait_for(lambda: untouched(device))
        wait_for(lambda: not states.pending())
        while True:
            session.beat()
            time.sleep(0.01)
    wait_for(lambda: untouched(device))
    assert "gave no sign of life for 0.2 s" in capfd.readouterr().err
