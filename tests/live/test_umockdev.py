"""A board of umockdev's, where that is installed: its sysfs is read like a real one."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.helpers.cli import DFSRT
from tests.helpers.fake_devfreq import POINTS

DEVICE = """P: /devices/platform/fdab0000.npu/devfreq/fdab0000.npu
E: SUBSYSTEM=devfreq
A: available_frequencies={points}
A: available_governors=userspace simple_ondemand
A: cur_freq=300000000
A: governor=simple_ondemand
A: load=83@300000000Hz
A: max_freq=1000000000
A: min_freq=300000000
"""


@pytest.mark.skipif(shutil.which("umockdev-run") is None, reason="umockdev is not installed")
def test_a_board_of_umockdev_is_shown_as_the_kernels_would_be(tmp_path):
    file = tmp_path / "board.umockdev"
    file.write_text(DEVICE.format(points=" ".join(map(str, POINTS))))
    command = ["umockdev-run", "-d", str(file), "--", DFSRT, "live", "show"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "devfreq:fdab0000.npu  300 MHz  simple_ondemand  300 to 1000   83%" in done.stdout
