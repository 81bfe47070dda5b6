"""CSV reports: a header, a row for each layer, and spaces and commas wherever they fall."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.cost.cycles.report import read_bytes


def table(path: Path, needed: Sequence[str], tool: str) -> tuple[list[Mapping[str, str]], bytes]:
    """Return the rows of a CSV file by column, and its bytes.

    Where two columns have one name the first counts.

    Raises:
        InputError: no text, a column of ``needed`` missing, or a row without a value for one.
    """
    data = read_bytes(path)
    try:
        text = data.decode("utf-8-sig")
        lines = [[cell.strip() for cell in line] for line in csv.reader(text.splitlines())]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"'{path}' is no CSV report of {tool} ({error})") from error
    heads = lines[0] if lines else []
    missing = [name for name in needed if name not in heads]
    if missing:
        raise InputError(
            f"'{path}' is no report of {tool}: its first line lacks {', '.join(missing)}"
        )
    places = {name: heads.index(name) for name in reversed(heads) if name}
    rows: list[Mapping[str, str]] = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(line):
            continue
        if len(line) <= max(places[name] for name in needed) or not all(
            line[places[name]] for name in needed
        ):
            raise InputError(
                f"'{path}', line {number}: no value for {' or '.join(needed)}; the report is cut "
                "short: run the simulator again"
            )
        rows.append({name: line[place] for name, place in places.items() if place < len(line)})
    return rows, data
