"""An installation, looked over."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

from dfsrt.base import version
from dfsrt.report.installation.kept import cache_state, machine_code
from dfsrt.report.installation.packages import packages, parts
from dfsrt.report.installation.schema import CacheState, Installation, MachineCode, Package


def look_over() -> Installation:
    """Return what there is of dfsrt on this machine; nothing is imported for it, nothing made."""
    needed, cache, code = packages(), cache_state(), machine_code()
    return Installation(
        dfsrt=version.__version__,
        folder=str(Path(version.__file__).parents[1]),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        packages=needed,
        parts=parts(),
        cache=cache,
        machine_code=code,
        problems=[*_missing(needed), *_cache_problems(cache), *_code_problems(code)],
    )


def _missing(needed: list[Package]) -> Iterator[str]:
    missing = [package.name for package in needed if package.version is None]
    if missing:
        yield f"{', '.join(missing)} not installed; run: pip install {' '.join(missing)}"


def _cache_problems(cache: CacheState) -> Iterator[str]:
    if cache.unusable:
        yield (
            f"nothing is kept in '{cache.folder}': {cache.unusable}; work is done again each time. "
            "Remove it, or name a folder of your own in XDG_CACHE_HOME"
        )
    if cache.damaged:
        yield (
            f"{len(cache.damaged)} damaged files in '{cache.folder}', like {cache.damaged[0]}: "
            "each is thrown away and made again when it is asked for; or remove the folder"
        )


def _code_problems(code: MachineCode) -> Iterator[str]:
    if code.damaged:
        yield (
            f"compiled code of {', '.join(code.damaged)} is not as it was shipped, and is compiled "
            "anew here; run: pip install --force-reinstall --no-deps dfsrt"
        )
