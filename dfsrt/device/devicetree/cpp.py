"""The C preprocessor, which device-tree source is written for: called where it is installed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree.bounded import BOUNDS, run_bounded

_DIRECTIVE = re.compile(
    r"^[ \t]*#[ \t]*(include|define|undef|ifdef|ifndef|if|else|elif|endif|pragma|error|warning)"
    r"\b(?!-)(?:[^\n]*\\\n)*[^\n]*",
    re.MULTILINE,
)
_CONDITION = re.compile(r"^[ \t]*#[ \t]*(ifdef|ifndef|if|else|elif)\b(?!-)", re.MULTILINE)
_PROGRAMS = (("cpp",), ("cc", "-E"), ("clang", "-E"))
_FLAGS = ("-nostdinc", "-undef", "-D__DTS__", "-x", "assembler-with-cpp")
_NOT_THERE = re.compile(r"fatal error: '?([^'\n:]+)'?(?:: No such file| file not found)")
_FAULT = re.compile(r"^(?:(.*?):(\d+)(?::\d+)?: )?.*?error: (.*)$", re.MULTILINE)
_MOST_MISSING = 100
_UP = 8
"""How many folders upwards from the file those of a kernel's includes are sought."""


@dataclass(frozen=True)
class Macros:
    """What the preprocessor is told: ``folders`` of included files, and names as ``NAME=VALUE``."""

    folders: Sequence[Path] = ()
    defines: Sequence[str] = ()


@dataclass
class Plain:
    """A ``text`` without directives, the included files that are ``missing``, and ``notes``."""

    text: str
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def preprocess(text: str, source: str, path: Path | None, macros: Macros) -> Plain:
    """Return ``text`` as the preprocessor leaves it; ``path`` is the file it is from.

    Without a preprocessor ``#include`` and ``#define`` are passed over, with a note.

    Raises:
        DeviceError: a folder or a macro that is none, text that the preprocessor refuses, or
            conditions in the text and no preprocessor.
    """
    _check(macros)
    if not macros.defines and not _DIRECTIVE.search(text):
        return Plain(text)
    program = next((p for p in _PROGRAMS if BOUNDS and shutil.which(p[0])), None)
    folders = [folder.absolute() for folder in (*macros.folders, *_folders(path))]
    options = [*(f"-I{folder}" for folder in folders), *(f"-D{name}" for name in macros.defines)]
    if program is None:
        return _passed_over(text, source, options, bool(macros.defines))
    with tempfile.TemporaryDirectory() as empty:
        marked = f'#line 1 "{quoted(str(path or source))}"\n{text}'
        return _run([*program, *_FLAGS, *options], marked, source, Path(empty))


def quoted(name: str) -> str:
    """Return ``name`` as a line marker can hold it."""
    return re.sub(r'["\\\n\r]', "_", name)


def _check(macros: Macros) -> None:
    for folder in macros.folders:
        if not folder.is_dir():
            raise DeviceError(f"-I '{folder}' is no folder; give one that has included files")
    for define in macros.defines:
        if not re.fullmatch(r"[A-Za-z_]\w*(=[^\n\0]*)?", define, re.ASCII):
            raise DeviceError(f"-D '{define}' is no macro; write it like -D OPP_TOP=900000000")


def _folders(path: Path | None) -> list[Path]:
    """Return the folder of the file, and those that a kernel's or U-Boot's build would search."""
    if path is None:
        return []
    folders = [path.parent]
    for above in list(path.absolute().parents)[:_UP]:
        for name in ("scripts/dtc/include-prefixes", "include", "src"):
            if (above / "include" / "dt-bindings").is_dir() and (above / name).is_dir():
                folders.append(above / name)
    return folders


def _passed_over(text: str, source: str, options: list[str], is_needed: bool) -> Plain:
    place = source if source.endswith((".dts", ".dtsi", ".dtso")) else "FILE.dts"
    words = ["cpp", *_FLAGS, *options, place, "-o", f"{Path(place).stem}.pp.dts"]
    advice = f"cpp is not installed here; where it is, type: {shlex.join(words)}"
    if is_needed or _CONDITION.search(text):
        raise DeviceError(f"{source}: the text needs the C preprocessor; {advice}")
    directives = list(_DIRECTIVE.finditer(text))
    line = text.count("\n", 0, directives[0].start()) + 1
    note = f"line {line}: {len(directives)} #include and #define are passed over; {advice}"
    bare = _DIRECTIVE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    included = [" ".join(m[0].split()) for m in directives if m[1] == "include"]
    return Plain(bare, included, [note])


def _run(command: list[str], text: str, source: str, empty: Path) -> Plain:
    """Run ``command`` again for each file that it misses, with an empty one in its place."""
    missing: list[str] = []
    while True:
        status, out, faults = run_bounded([*command, f"-I{empty}", "-"], text, empty)
        gone = _NOT_THERE.search(faults) if status else None
        if gone is None or not _put_empty(empty, gone[1]) or len(missing) >= _MOST_MISSING:
            break
        missing.append(f"#include {gone[1]}")
    if status:
        fault = _FAULT.search(faults)
        where = f"line {fault[2]}: " if fault and fault[2] else ""
        what = fault[3] if fault else " ".join(faults.split())[:200] or f"status {status}"
        raise DeviceError(f"{source}: {where}the C preprocessor says: {what}; correct the text")
    notes = [f"{name} is not found and passed over; -I says where it is" for name in missing]
    return Plain(out, missing, notes)


def _put_empty(folder: Path, name: str) -> bool:
    """Put an empty file where ``name`` is sought last; a name that leads elsewhere is refused."""
    path = Path(os.path.normpath(folder / name))
    if folder not in path.parents or path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return True
