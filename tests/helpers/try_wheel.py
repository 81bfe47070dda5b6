"""Build sdist and wheel, install the wheel in a fresh environment outside the checkout, use it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from dfsrt.base.shipped import this_platform
from docs.walks import files
from tests.helpers.dist_contents import check_sdist, check_wheel

ROOT = Path(__file__).resolve().parents[2]
MOST_MB = 595
"""What a plain install may take; byte code, which is not made here, adds a sixth: 700 in all."""
LONG_LIFE = "dfsrt.run('voice-glasses', until='5 s', step='kernel')"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dfsrt-wheel-") as folder:
        away = Path(folder)
        run(sys.executable, "-m", "build", "--outdir", str(away), str(ROOT))  # wheel out of sdist
        wheel, sdist = next(away.glob("*.whl")), next(away.glob("*.tar.gz"))
        check_sdist(sdist, ROOT)
        check_wheel(wheel, ROOT)
        venv.create(away / "env", with_pip=True)
        binary = away / "env" / "bin"
        before = megabytes(away / "env")
        pip = [str(binary / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        run(*pip, "--no-compile", str(wheel))  # what is imported is compiled then
        check_size(megabytes(away / "env") - before)
        use(binary, away)


def use(binary: Path, away: Path) -> None:
    """Do what decision 1 promises of a plain install, and be told of what it leaves out."""
    dfsrt = str(binary / "dfsrt")
    run(dfsrt, "--version", cwd=away)
    run(dfsrt, "list", cwd=away)
    outputs = ["--figure", "f.svg", "--log", "l.parquet", "--json", "r.json"]
    run(dfsrt, "run", "resnet50", *outputs, cwd=away)
    page = ["--until", "5s", "--step", "layer", "--html", "b.html"]
    run(dfsrt, "battery", "voice-glasses", *page, cwd=away)
    run(dfsrt, "optimize", "digits", "--steps", "int8", cwd=away)
    (away / "board.csv").write_text(board())
    measured = ["--measured", "board.csv", "--name", "my-dla", "--out", "my-dla.toml"]
    run(dfsrt, "device", "calibrate", "orin-dla-spec", *measured, cwd=away)
    code = "import dfsrt; print(dfsrt.read_report('r.json').fps)"
    run(str(binary / "python"), "-c", code, cwd=away)
    if (ROOT / "machinecode" / this_platform()).is_dir():
        code = (
            f"import dfsrt, importlib.util as u; assert u.find_spec('numba') is None; {LONG_LIFE}"
        )
        run(str(binary / "python"), "-c", code, cwd=away)
    says(dfsrt, "models", "check", "mdla", text="run: pip install 'dfsrt[train]'", cwd=away)
    says(dfsrt, "tune", "x.toml", "-o", "x", text="run: pip install 'dfsrt[tune]'", cwd=away)


def board() -> str:
    """The measurements that docs/calibration.md calibrates on."""
    return files((ROOT / "docs" / "calibration.md").read_text())["board.csv"]


def megabytes(environment: Path) -> float:
    """What all files take, byte code left out."""
    files = (f for f in environment.rglob("*") if f.is_file() and not f.is_symlink())
    return sum(f.stat().st_size for f in files if f.suffix != ".pyc") / 1e6


def check_size(taken: float) -> None:
    print(f"a plain install takes {taken:.0f} MB without byte code, of {MOST_MB}", flush=True)
    assert taken <= MOST_MB, "too much: make something an extra, see decision 101"


def run(*command: str, cwd: Path | None = None) -> None:
    print("+", " ".join(command), flush=True)
    subprocess.run(command, cwd=cwd, check=True, env=away_from_here())


def away_from_here() -> dict[str, str]:
    """The environment without the checkout's modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def says(*command: str, text: str, cwd: Path) -> None:
    print("+", " ".join(command), flush=True)
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=away_from_here())
    assert done.returncode == 2, done
    assert text in done.stderr, done
    assert done.stderr.count("\n") == 1, done


if __name__ == "__main__":
    main()
