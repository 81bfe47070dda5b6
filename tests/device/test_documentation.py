"""The device file that the documentation shows is one that loads."""

from __future__ import annotations

import re
from pathlib import Path

from dfsrt.device import load_device

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_example_of_a_device_file_loads(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", (DOCS / "devices.md").read_text(), re.DOTALL)
    (tmp_path / "mine.toml").write_text(example)
    npu = load_device(tmp_path / "mine.toml")
    assert npu.opps.freqs_hz == (400_000_000, 800_000_000)
    assert npu.rail.command_ns == 40_000
    assert npu.sources["opp.points"] == "measured on 2026-11-23"


def test_the_example_of_idle_states_loads(tmp_path):
    (example,) = re.findall(r"```toml idle\n(.*?)```", (DOCS / "devices.md").read_text(), re.DOTALL)
    (tmp_path / "mine.toml").write_text(f'base = "rk3588-npu"\nname = "mine"\n{example}')
    npu = load_device(tmp_path / "mine.toml")
    assert [s.name for s in npu.idle] == ["retention", "collapse", "rail-off"]
    assert npu.idle[0].rail_uv == 650_000
