"""Which packages are there, told without importing one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata

from dfsrt.base.extras import EXTRAS
from dfsrt.report.installation.schema import Package, Part

_NEEDED = re.compile(r"([\w.-]+)(?:\[[^\]]*\])?\s*([^;]*)")


def packages() -> list[Package]:
    """Return the packages that dfsrt needs; none where it is no installed package itself."""
    return sorted(_packages(), key=lambda package: package.name)


def _packages() -> Iterator[Package]:
    try:
        lines = metadata.requires("dfsrt") or []
    except metadata.PackageNotFoundError:
        return
    for line in lines:
        needed = _NEEDED.match(line)
        if needed and "extra ==" not in line:
            yield Package(name=needed[1], needs=needed[2].strip(" ()"), version=_version(needed[1]))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def parts() -> list[Part]:
    """Return the parts that dfsrt works without."""
    return [
        Part(
            name=name,
            packages=list(extra.packages),
            missing=list(extra.missing),
            what_for=extra.what_for,
            install=extra.install,
        )
        for name, extra in EXTRAS.items()
    ]
