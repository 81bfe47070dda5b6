"""CSVs of measured networks: what their columns mean, and what is refused."""

from __future__ import annotations

import os

import pytest

from dfsrt.base.errors import InputError
from dfsrt.study.calibration.measured import read_networks


def rows(tmp_path, *lines: str):
    path = tmp_path / "board.csv"
    path.write_text("\n".join(lines) + "\n")
    return read_networks(path)


def test_fps_counts_pictures_so_that_a_batch_takes_as_many_times_longer(tmp_path):
    one, four = rows(tmp_path, "network,batch,fps", "resnet18,,50", "resnet18,4,200")
    assert one.latency_s == pytest.approx(0.02)
    assert four.latency_s == pytest.approx(4 / 200)


def test_a_latency_that_its_fps_contradict_is_refused(tmp_path):
    with pytest.raises(InputError, match="leave one out"):
        rows(tmp_path, "network,latency_s,fps", "resnet18,0.02,150")


def test_a_quote_left_open_is_one_line_and_no_traceback(tmp_path):
    with pytest.raises(InputError, match="is a quote left open"):
        rows(tmp_path, "network,latency_s", f'resnet18,"{"x" * 200_000}')


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        read_networks(tmp_path / "pipe")
