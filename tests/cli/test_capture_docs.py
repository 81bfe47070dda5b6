"""Commands in docs/capture.md and docs/recordings.md give what is shown; measured times differ."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.cli import dfsrt

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("capture.md", "recordings.md")
PAGE = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in PAGES)
EXAMPLES = re.findall(r"```console\n\$ dfsrt ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)
MEASURED = re.compile(r"[\d.]+ [mµ]?s|[\d.]+%|onnxruntime [\d.]+|thread of .*, opt")


def test_the_pages_show_captures_imports_profiles_cycles_and_times():
    assert {command.split()[0] for command, _ in EXAMPLES} == {
        "capture",
        "device",
        "import",
        "layers",
        "run",
    }


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[e[0][:30] for e in EXAMPLES])
def test_what_the_pages_show_is_how_the_output_begins(command, shown, tmp_path):
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    done = dfsrt(tmp_path, *command.split())
    out = done.stdout + done.stderr
    if command.startswith("capture"):
        shown, out = MEASURED.sub("#", shown), MEASURED.sub("#", out)
    assert out.startswith(shown)
    assert shown.strip()
