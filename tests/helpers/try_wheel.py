"""Build the wheel, install it in a fresh environment outside the checkout, and use it there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

from dfsrt.base.shipped import this_platform

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dfsrt-wheel-") as folder:
        away = Path(folder)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", str(away), str(ROOT))
        wheel = next(away.glob("*.whl"))
        check_contents(wheel)
        venv.create(away / "env", with_pip=True)
        binary = away / "env" / "bin"
        pip = [str(binary / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        run(*pip, "--no-compile", str(wheel))  # what is imported is compiled then
        dfsrt = str(binary / "dfsrt")
        run(dfsrt, "--version", cwd=away)
        run(dfsrt, "list", cwd=away)
        run(dfsrt, "run", "resnet50", "--figure", "f.svg", "--log", "l.parquet", cwd=away)
        page = ["--until", "5s", "--step", "layer", "--html", "b.html"]
        run(dfsrt, "battery", "voice-glasses", *page, cwd=away)
        code = "import dfsrt; print(dfsrt.run('squeezenet').report.fps)"
        run(str(binary / "python"), "-c", code, cwd=away)
        if (ROOT / "machinecode" / this_platform()).is_dir():
            life = "dfsrt.run('voice-glasses', until='5 s', step='kernel')"
            code = f"import dfsrt, sys; {life}; assert 'numba' not in sys.modules"
            run(str(binary / "python"), "-c", code, cwd=away)


def check_contents(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"dfsrt"}, tops
    assert any(name.startswith("dfsrt/_data/powermodels/") for name in names)
    assert any(name.startswith("dfsrt/_data/traces/") for name in names)
    assert "dfsrt/_data/machinecode/linux-x86_64/card.toml" in names
    assert "dfsrt/py.typed" in names
    data = {
        str(path.relative_to(ROOT))
        for kind in ("css", "html", "js", "toml")
        for path in (ROOT / "dfsrt").rglob(f"*.{kind}")
    }
    assert data, "no data files beside the code"
    assert not data - set(names), sorted(data - set(names))


def run(*command: str, cwd: Path | None = None) -> None:
    print("+", " ".join(command), flush=True)
    subprocess.run(command, cwd=cwd, check=True)


if __name__ == "__main__":
    main()
