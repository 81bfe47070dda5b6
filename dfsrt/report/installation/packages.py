"""Which packages are there, told without importing one."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from dfsrt.base.extras import EXTRAS
from dfsrt.report.installation.schema import Package, Part

_NEEDED = re.compile(r"([\w.-]+)(?:\[[^\]]*\])?\s*([^;]*)")
_CLAUSE = re.compile(r"""(sys_platform|platform_machine) (==|!=) ["']([^"']*)["']""")


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
        if needed and _holds_here(line.partition(";")[2]):
            yield Package(name=needed[1], needs=needed[2].strip(" ()"), version=_version(needed[1]))


def _holds_here(marker: str) -> bool:
    """Whether this machine is one of those that a requirement is for; one of an extra is for none.

    Of what packaging's markers can say that is a part: the rest counts as for every machine.
    """
    if not marker.strip():
        return True
    return any(
        all(_clause_holds(clause) for clause in words.split(" and "))
        for words in marker.split(" or ")
    )


def _clause_holds(clause: str) -> bool:
    if "extra ==" in clause:
        return False
    asked = _CLAUSE.search(clause)
    if not asked:
        return True
    here = {"sys_platform": sys.platform, "platform_machine": platform.machine()}[asked[1]]
    return (here == asked[3]) == (asked[2] == "==")


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
