"""A few of what ``python -m tests.faults.full_disk`` tries on a disk that is really full."""

from __future__ import annotations

import pytest

from tests.faults.full_disk import CASES, can_mount, faults, inputs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.deep,
    pytest.mark.skipif(not can_mount(), reason="no file system can be mounted here"),
]


@pytest.mark.parametrize("name", ["several", "measure", "sweep", "capture"])
def test_a_full_disk_is_said_in_one_line_and_leaves_old_files_as_they_were(name, tmp_path):
    assert faults(CASES[name], inputs(tmp_path), free=0) == []
