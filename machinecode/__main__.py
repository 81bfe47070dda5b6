"""Make the machine code that is shipped, for this platform: ``python -m machinecode``."""

from __future__ import annotations

import os

os.environ["NUMBA_CPU_NAME"] = "generic"  # read when numba is loaded: any processor will do

import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import dfsrt
from dfsrt.base.shipped import file_digest, name_of, sources_digest, this_platform
from dfsrt.base.words import Argument, layout_of
from dfsrt.run import energy, execution
from machinecode.library import make_library, makers

SHELF = Path(__file__).resolve().parent
RUNS: tuple[Callable[[], object], ...] = (
    lambda: dfsrt.run("squeezenet", step="kernel"),
    lambda: dfsrt.run("squeezenet", device="rk3588-npu", parallel=2, step="kernel"),
    lambda: dfsrt.run("voice-glasses", until="1 s", step="kernel"),
    lambda: dfsrt.run("squeezenet", frames=2, governor="dvfs", detail="layer", step="layer"),
)
"""Runs that call each function: what arguments it takes is seen there."""


class CalledError(Exception):
    """A function has been called, and its library made: that is all that a run is for."""


class Maker:
    """In place of ``compiled``: makes the library of what is called, then ends the run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: dict[str, str] = {}

    def __call__(
        self,
        function: Callable[..., object],
        helpers: tuple[Callable[..., object], ...] = (),
        inlined: tuple[str, ...] = (),
        allocates: bool = True,
        what: str = "",
    ) -> Callable[..., object]:
        """Return what makes a library of ``function`` when it is called."""

        def make(*arguments: Argument) -> object:
            path = self.folder / f"{function.__name__}.so"
            make_library(function, inlined, arguments, path)
            self.entries[name_of(function)] = _entry(function, path, arguments)
            raise CalledError

        return make


def _entry(function: Callable[..., object], path: Path, arguments: tuple[Argument, ...]) -> str:
    lines = "".join(f'  "{layout_of(argument)}",\n' for argument in arguments)
    return (
        f'\n[function."{name_of(function)}"]\nfile = "{path.name}"\n'
        f'sources = "{sources_digest(function)}"\nlibrary = "{file_digest(path)}"\n'
        f"arguments = [\n{lines}]\n"
    )


def make_all(folder: str | Path) -> None:
    """Write all libraries and their card to ``folder``."""
    maker = Maker(Path(folder))
    with (
        patch.object(execution, "compiled", maker),
        patch.object(energy, "compiled", maker),
        patch.object(energy, "MANY", 0),
    ):
        for run in RUNS:
            try:
                run()
            except CalledError:
                continue
            raise SystemExit("a run called nothing that is compiled; choose another")
    head = "# Made by python -m machinecode; do not edit.\n"
    head += "".join(f'{name} = "{version}"\n' for name, version in makers().items())
    entries = "".join(entry for _, entry in sorted(maker.entries.items()))
    (maker.folder / "card.toml").write_text(head + entries, encoding="utf-8")


def main() -> None:
    """Put this platform's libraries and their card on the shelf, all of them or none."""
    folder = SHELF / this_platform()
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SHELF) as beside:
        make_all(beside)
        for path in sorted(Path(beside).iterdir(), key=lambda p: p.suffix == ".toml"):  # last
            path.replace(folder / path.name)


if __name__ == "__main__":
    main()
