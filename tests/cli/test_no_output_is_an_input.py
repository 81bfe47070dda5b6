"""Whatever command, whatever option of it writes a file: no input is written over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import repeat

import pytest
from typer.main import get_command

from dfsrt.cli.commands import make_app
from tests.cli.test_inputs_kept import STUDY, SWEEP, typed
from tests.helpers.fake_devfreq import FakeDevfreq, Mirror

__all__ = ["typed"]

DEVICE = 'format = 1\nbase = "rk3588-npu"\nname = "mine"\ndescription = "mine"\n'
INPUTS = {
    "d.toml": DEVICE, "t.toml": STUDY, "s.toml": SWEEP, "n.onnx": "x", "m": "x", "r.csv": "x",
    "p.toml": "format = 1\n",
}  # fmt: skip
READS = {
    "run": ("d.toml", "digits -n 1 --device d.toml"),
    "compare": ("d.toml", "digits -n 1 --device d.toml"),
    "replay": ("r.csv", "r.csv"),
    "budget": ("d.toml", "voice-glasses --device d.toml --target 8h"),
    "frontier": ("d.toml", "digits --device d.toml"),
    "layers": ("d.toml", "digits --device d.toml"),
    "levers": ("d.toml", "digits -n 1 --device d.toml -w 1"),
    "measure": ("d.toml", "--network digits --device d.toml"),
    "tune": ("t.toml", "t.toml -o new -w 1"),
    "sweep": ("s.toml", "s.toml -o new -w 1"),
    "predict": ("n.onnx", "n.onnx"),
    "capture": ("n.onnx", "n.onnx --out new"),
    "activity": ("n.onnx", "n.onnx --inputs random"),
    "import": ("m", "m --format power"),
    "battery run": ("d.toml", "voice-glasses --device d.toml"),
    "battery compare": ("d.toml", "voice-glasses --device d.toml"),
    "battery ranges": ("d.toml", "voice-glasses --device d.toml"),
    "device show": ("d.toml", "d.toml"),
    "device new": ("d.toml", "--base d.toml"),
    "device check": ("d.toml", "d.toml"),
    "device calibrate": ("d.toml", "d.toml -m r.csv"),
    "device profile": ("m", "rknn:m"),
    "device import-dt": ("m", "m"),
    "live dry-run": ("d.toml", "digits --device d.toml --root tree"),
    "live watch": ("d.toml", "digits --device d.toml --root tree --for 10ms"),
    "memory network": ("d.toml", "digits --device d.toml"),
    "memory compare": ("d.toml", "digits --device d.toml"),
    "memory stream": ("p.toml", "--dram p.toml"),
    "models show": ("mine/card.toml", "mine"),
    "trace show": ("r.csv", "r.csv"),
    "network check": ("n.onnx", "n.onnx"),
    "network export": ("n.onnx", "n.onnx"),
    "optimize model": ("n.onnx", "n.onnx -s int8 --data random"),
    "optimize search": ("n.onnx", "n.onnx --data random"),
}
"""Of each command an input, and words with which it reads it."""
ENDINGS = {
    "--json": ".json", "--csv": ".csv", "--html": ".html", "--figure": ".svg", "--log": ".parquet",
    "--perfetto": ".perfetto-trace", "--chrome": ".json", "--trans-stat": ".txt",
    "--export": ".csv",
}  # fmt: skip
"""Of each option that writes a file."""
OUT = {
    "measure": ".parquet", "activity": ".csv", "import": ".csv", "live watch": ".csv",
    "device new": ".toml",
    "device calibrate": ".toml", "device import-dt": ".toml", "network export": ".onnx",
    "optimize model": ".onnx", "optimize search": ".onnx",
}  # fmt: skip
"""Of each command whose ``--out`` is a file; that of others is a folder."""
READ = (
    "samples",
    "--networks",
    "--levers",
    "study",
    "file",
    "files",
    "--table",
    "-I",
    "--truth",
    "--root",
    "--state",
)
FOLDERS = ("--out", "--out-dir")

NO_FILE = ("reproduce ", "doctor", "live show")
"""Commands that read no file which one names."""


def paths() -> Iterator[tuple[str, str]]:
    """All commands with their options and arguments that are paths."""
    groups = [("", get_command(make_app()))]
    for words, command in groups:
        for name, inner in getattr(command, "commands", {}).items():
            groups.append((f"{words} {name}".strip(), inner))
        for parameter in getattr(command, "params", ()):
            if "Path" in str(getattr(parameter, "type_descriptor", "")):
                yield words, parameter.opts[0]


WRITTEN = [
    (command, option)
    for command, option in paths()
    if option not in READ and not command.startswith(NO_FILE)
]
FILES = [pair for pair in WRITTEN if pair[1] in ENDINGS or (pair[1] == "--out" and pair[0] in OUT)]
LIKE_RUN = ("compare", "replay", "budget", "battery run", "battery compare", "battery ranges")
REFUSED = ("an input; give the output another name", "leave it out", "is there already")


def case(pair, link):
    """A case; deep are links of the other kind, and options that are read as those of ``run``."""
    alike = pair[0] in LIKE_RUN and pair[1] != "--json"
    deep = (pytest.mark.slow, pytest.mark.deep) if alike or link is os.symlink else ()
    return pytest.param(*pair, link, marks=deep)


def test_every_option_that_is_a_path_is_known():
    assert [pair for pair in WRITTEN if pair[1] not in ENDINGS and pair[1] not in FOLDERS] == []


@pytest.mark.parametrize(
    ("command", "option", "link"),
    [*map(case, FILES, repeat(os.link)), *map(case, FILES, repeat(os.symlink))],
)
def test_no_output_is_written_over_an_input(command, option, link, typed, tmp_path):
    given, words = READS[command]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/card.toml").write_text(DEVICE)
    for name, text in INPUTS.items():
        (tmp_path / name).write_text(text)
    before = (tmp_path / given).read_bytes()
    out = f"out{ENDINGS.get(option) or OUT[command]}"
    link(tmp_path / given, tmp_path / out)
    if command.startswith("live"):
        Mirror(FakeDevfreq(), tmp_path / "tree")
    code, said = typed(*command.split(), *words.split(), option, out)
    assert any(text in said for text in REFUSED), said
    assert (code, said.count("\n")) == (2, 1)
    assert (tmp_path / given).read_bytes() == before
