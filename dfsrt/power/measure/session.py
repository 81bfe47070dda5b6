"""A measuring session: every reading is on disk before the next begins."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Protocol

import msgspec

from dfsrt.base.errors import DfsrtError, InputError, OutputError
from dfsrt.base.json import encode
from dfsrt.base.lock import append_whole, open_alone
from dfsrt.base.output_set import remove_after
from dfsrt.base.reading import read_bytes
from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.sample import Bench, Idle, Reading, Sample, Subject
from dfsrt.power.measure.store import write_samples


class Meter(Protocol):
    """Runs a subject on a device and reads instruments."""

    @property
    def bench(self) -> Bench:
        """What stays the same for all samples."""
        ...

    def measure(self, subject: Subject) -> Reading:
        """Return the reading of ``subject``, or raise CannotRunError."""
        ...

    def pass_over(self, _subject: Subject) -> None:
        """Go on as if the subject had been read: an earlier try has its reading."""
        ...

    def idle(self) -> Idle | None:
        """Return what the device draws at rest, or None where the meter cannot tell."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a session has done: samples in the file, those of an earlier try, subjects skipped."""

    samples: int
    resumed: int
    skipped: tuple[str, ...]


def journal_of(out: Path) -> Path:
    """Return where readings are kept until ``out`` is whole."""
    return out.with_name(out.name + ".part")


def measure_all(
    subjects: Sequence[Subject],
    meter: Meter,
    out: Path,
    on_done: Callable[[int], None] = lambda _done: None,
) -> Outcome:
    """Measure what is missing of ``subjects`` and write all samples to ``out``.

    Readings go to a journal beside ``out``, one line each; a run that was cut off goes on from
    there. The journal is deleted once ``out`` is written, or where it holds no reading.

    Raises:
        InputError: nothing to measure, nothing that can be, or the journal is not of this run.
        OutputError: the journal cannot be written.
    """
    if not subjects:
        raise InputError("there is no layer to measure; ask for more, or for fewer shards")
    # A sweep may draw one shape twice: one reading is one sample.
    subjects = list({s.key: s for s in subjects}.values())
    path = journal_of(out)
    with _appending(path) as journal:
        known = {s.key: s for s in _read_journal(path, meter.bench)}
        _check_asked(path, known, subjects)
        kept, resumed = set(known), len(known)
        before = meter.idle()
        skipped = []
        for done, subject in enumerate(subjects, start=1):
            if subject.key in kept:
                kept.remove(subject.key)
                meter.pass_over(subject)
            elif subject.key not in known:
                try:
                    known[subject.key] = _measured(meter, subject, path, journal)
                except CannotRunError as error:
                    skipped.append(str(error))
                    continue
            on_done(done)
    if not known:
        raise InputError(f"no layer could be measured ({skipped[0]}); nothing was written")
    samples = [known[s.key] for s in subjects if s.key in known]
    write_samples(samples, out, [idle for idle in (before, meter.idle()) if idle])
    remove_after(path)
    return Outcome(len(samples), resumed, tuple(skipped))


def _measured(meter: Meter, subject: Subject, path: Path, journal: FileIO) -> Sample:
    """Read ``subject`` and put the sample down before anything else is read."""
    reading = meter.measure(subject)
    sample = Sample(key=subject.key, subject=subject, reading=reading, bench=meter.bench)
    with _written(path):
        append_whole(journal, encode(sample) + b"\n")
    return sample


def _check_asked(path: Path, known: Collection[str], subjects: Sequence[Subject]) -> None:
    """Raise InputError where a journal holds readings of another command: they would be lost."""
    foreign = len(set(known) - {s.key for s in subjects})
    if foreign:
        raise InputError(
            f"'{path}' holds {foreign} readings that this command does not ask for; give the "
            "command that began it or another --out, or delete the file to lose them"
        )


def _read_journal(path: Path, bench: Bench) -> list[Sample]:
    """Samples of an earlier try; a last line that was cut off is dropped, from the file too."""
    if not path.exists():
        return []
    with _written(path):
        *lines, torn = read_bytes(path).split(b"\n")
        if torn[:1] not in (b"", b"{"):
            raise _no_journal(path, len(lines) + 1)
        samples = [_sample(path, i, line) for i, line in enumerate(lines, start=1)]
        os.truncate(path, sum(len(line) + 1 for line in lines))
    if samples and samples[0].bench != bench:
        raise InputError(
            f"'{path}' was begun on another bench ({samples[0].bench.device}, seed "
            f"{samples[0].bench.seed}); go on there, or delete the file to begin anew"
        )
    return samples


def _sample(path: Path, number: int, line: bytes) -> Sample:
    try:
        return msgspec.json.decode(line, type=Sample)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _no_journal(path, number) from error


def _no_journal(path: Path, number: int) -> InputError:
    return InputError(
        f"line {number} of '{path}' is no reading, so the file is damaged or not of 'dfsrt "
        "measure'; give another --out, or mend or delete the file"
    )


@contextmanager
def _appending(path: Path) -> Iterator[FileIO]:
    """The journal, for one process at a time; one that holds no reading is deleted in the end."""
    journal = open_alone(path, "--out")
    try:
        yield journal
    finally:
        with _written(path):
            if not path.stat().st_size:
                path.unlink()
            journal.close()


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Say as OutputError what the file system says while ``path`` is read and written."""
    try:
        yield
    except DfsrtError:
        raise
    except OSError as error:
        raise OutputError(
            f"cannot write '{path}': {error.strerror or error}; give a path in a writable folder"
        ) from error
