"""An installation as tables."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.base.units import format_si
from dfsrt.report.installation.schema import CacheState, Installation, MachineCode
from dfsrt.report.tables import Grid


def installation_grids(report: Installation) -> list[Grid]:
    """Return an installation as tables: what it is, what it needs, what can be added."""
    lines = [
        f"dfsrt {report.dfsrt} in {report.folder}",
        report.python,
        _cache_line(report.cache),
        _code_line(report.machine_code),
        *_packages_lines(report),
    ]
    packages = [(p.name, p.version or "missing", p.needs) for p in report.packages]
    parts = [
        (p.name, f"missing; {p.install}" if p.missing else "installed", p.what_for)
        for p in report.parts
    ]
    problems = [f"problem: {problem}" for problem in report.problems] or ["no problems"]
    return [
        Grid((), (), lines),
        Grid(("<package", "<version", "<needed"), packages),
        Grid(("<optional part", "<there", "<for"), parts),
        Grid((), (), problems),
    ]


def _cache_line(cache: CacheState) -> str:
    if cache.unusable:
        return f"cache {cache.folder}: not used, {cache.unusable}"
    if not cache.exists:
        return f"cache {cache.folder}: empty"
    whole = f"{len(cache.damaged)} damaged" if cache.damaged else "whole"
    size = format_si(cache.size_bytes, "B")
    return f"cache {cache.folder}: {size} in {cache.files:,} files, private, {whole}"


def _code_line(code: MachineCode) -> str:
    if not code.functions:
        return f"compiled code: none shipped for {code.platform}; the first use compiles it, once"
    whole = f"{len(code.damaged)} damaged" if code.damaged else "whole"
    return f"compiled code: {code.functions} functions shipped for {code.platform}, {whole}"


def _packages_lines(report: Installation) -> Iterator[str]:
    if not report.packages:
        yield "packages: unknown, for dfsrt runs from a folder and is not installed by pip"
