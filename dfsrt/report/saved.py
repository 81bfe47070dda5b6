"""Reports that were saved as JSON, by this dfsrt or the one before."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.reading import MOST_TEXT_BYTES, read_bytes
from dfsrt.base.tomlfile import check_format
from dfsrt.report.schema import SCHEMA_VERSION, ComparisonReport, Report

OLDEST = 2
"""The schema of the oldest reports that are read: what dfsrt 0.1 wrote."""


class _Head(msgspec.Struct):
    schema_version: object
    runs: msgspec.Raw = msgspec.Raw()


def read_report(path: str | Path) -> Report | ComparisonReport:
    """Return the report that ``--json`` of ``run``, ``compare``, ``replay`` or ``battery`` wrote.

    Raises:
        InputError: no such file, not such a report, or one of a later or much earlier dfsrt.
    """
    path = Path(path)
    try:
        data = read_bytes(path, MOST_TEXT_BYTES)
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; {_ADVICE}") from error
    try:
        head = msgspec.json.decode(data, type=_Head)
        check_format(head.schema_version, SCHEMA_VERSION, "report", path, OLDEST)
        if bytes(head.runs):
            return msgspec.json.decode(data, type=ComparisonReport)
        return msgspec.json.decode(data, type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"'{path}' is no report ({error}); {_ADVICE}") from error


_ADVICE = "give a file that 'dfsrt run --json FILE' wrote"
