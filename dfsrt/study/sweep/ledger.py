"""The ledger of a sweep: the outcome of each point on disk, whole after any kill."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.json import Document, encode
from dfsrt.report.brief import Brief
from dfsrt.study.journal import COMMITTED, Fingerprint, Journal
from dfsrt.study.points import PointOutcome

_FINGERPRINT = "fingerprint"


class Ledger:
    """Outcomes by their point's number, a line of the journal each.

    A journal in which no point is complete holds nothing to lose: it is begun anew.

    Raises:
        InputError: the journal is of another study, or of none.
    """

    def __init__(self, journal: Journal, fingerprint: Mapping[str, object]) -> None:
        self._journal = journal
        self.outcomes: dict[int, PointOutcome] = {}
        mine = cast(Fingerprint, json.loads(encode(fingerprint)))
        lines = list(journal.read_logs(0))
        if not lines:
            self._write({_FINGERPRINT: mine})
            return
        known = lines[0].get(_FINGERPRINT)
        if not isinstance(known, dict):
            raise InputError(f"'{journal.path}' is no journal of a sweep; give another --out")
        if not any(line.get("brief") for line in lines[1:]):
            journal.clear()
            self._write({_FINGERPRINT: mine})
            return
        if known != mine:
            raise journal.of_another_study(cast(Fingerprint, known), mine)
        for number, line in enumerate(lines[1:], start=2):
            try:
                outcome = _outcome(line)
            except (KeyError, TypeError, msgspec.ValidationError) as error:
                raise journal.damaged(number) from error
            self.outcomes[outcome.number] = outcome

    def keep(self, outcome: PointOutcome) -> None:
        """Write an outcome down; of a point that is there already nothing changes."""
        if outcome.number in self.outcomes:
            return
        self.outcomes[outcome.number] = outcome
        self._write(
            {
                "point": outcome.number,
                "brief": msgspec.to_builtins(outcome.brief),
                "notes": list(outcome.notes),
                "error": outcome.error,
            }
        )

    def _write(self, line: dict[str, object]) -> None:
        self._journal.append_logs([cast(Document, {**line, "user_attr": {COMMITTED: 1}})])
        self._journal.write_out(durable=False)


def _outcome(line: Document) -> PointOutcome:
    return PointOutcome(
        msgspec.convert(line["point"], int),
        msgspec.convert(line["brief"], Brief | None),
        msgspec.convert(line["notes"], tuple[str, ...]),
        msgspec.convert(line["error"], str),
    )


@contextmanager
def open_ledger(path: Path, fingerprint: Mapping[str, object]) -> Iterator[Ledger]:
    """Open the ledger of a study on the journal at ``path``, new or begun earlier.

    Raises:
        InputError: another process has it open, or it was begun with another study.
    """
    journal = Journal(path)
    try:
        yield Ledger(journal, fingerprint)
    finally:
        journal.close()
