"""Windows has no fcntl, no resource and fewer signals: dfsrt is imported without them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AS_WINDOWS = """
import os, signal, sys, sysconfig, threading, types, zoneinfo
import numpy, onnx, onnxruntime, simpy, subprocess, tempfile, typer, typer.main, rich.console
sysconfig.get_config_vars()
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("SIGPIPE", "SIGKILL", "SIGHUP", "SIGSTOP", "SIGUSR1", "pthread_sigmask", "SIG_BLOCK"):
    delattr(signal, name)
for name in ("geteuid", "getuid", "killpg", "fork", "O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY",
             "sched_getaffinity", "uname", "mkfifo"):
    delattr(os, name)
locked = []
sys.modules["msvcrt"] = types.SimpleNamespace(
    LK_NBLCK=2, locking=lambda handle, mode, count: locked.append((handle, mode, count)))
sys.platform = "win32"
"""


def as_windows(
    code: str, *words: str, cwd: Path, before: str = ""
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", before + AS_WINDOWS + code, *words]
    own = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=own)


@pytest.mark.deep
def test_every_module_is_imported_without_posix(tmp_path):
    code = (
        "import pkgutil, dfsrt\n"
        "for module in pkgutil.walk_packages(dfsrt.__path__, 'dfsrt.'):\n"
        "    if module.name != 'dfsrt.__main__':\n"
        "        __import__(module.name)\n"
    )
    before = "import dask, distributed, optuna, concurrent.futures\n"
    done = as_windows(code, cwd=tmp_path, before=before)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_journal_is_locked_and_a_command_writes_its_outputs_without_posix(tmp_path):
    code = (
        "from pathlib import Path\n"
        "from dfsrt.base.lock import open_alone\n"
        "with open_alone(Path('journal'), '--out') as file:\n"
        "    file.write(b'line')\n"
        "assert len(locked) == 1, locked\n"
        "from dfsrt.cli.main import main\n"
        "raise SystemExit(main())\n"
    )
    done = as_windows(code, "run", "squeezenet", "--json", "r.json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "journal").read_bytes() == b"line"
    assert {p.name for p in tmp_path.iterdir() if p.suffix == ".json"} == {"r.json"}
    assert not [p for p in tmp_path.iterdir() if ".tmp-" in p.name]
