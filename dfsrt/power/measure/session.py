"""A measuring session: every reading is on disk before the next begins."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from dfsrt.errors import InputError, OutputError
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
    there. The journal is deleted once ``out`` is written.

    Raises:
        InputError: the journal was begun on another bench.
        OutputError: the journal cannot be written.
    """
    path, bench = journal_of(out), meter.bench
    known = {s.key: s for s in _read_journal(path, bench)}
    skipped = []
    before = meter.idle()
    resumed = sum(s.key in known for s in subjects)
    with _appending(path) as journal:
        for done, subject in enumerate(subjects, start=1):
            if subject.key not in known:
                try:
                    reading = meter.measure(subject)
                except CannotRunError as error:
                    skipped.append(str(error))
                    continue
                sample = Sample(key=subject.key, subject=subject, reading=reading, bench=bench)
                known[sample.key] = sample
                journal.write(msgspec.json.encode(sample) + b"\n")
                journal.flush()
            on_done(done)
    samples = [known[s.key] for s in subjects if s.key in known]
    write_samples(samples, out, [idle for idle in (before, meter.idle()) if idle])
    path.unlink()
    return Outcome(len(samples), resumed, tuple(skipped))


def _read_journal(path: Path, bench: Bench) -> list[Sample]:
    """Samples of an earlier try; a last line that was cut off is dropped, from the file too."""
    if not path.exists():
        return []
    samples, whole = [], 0
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            sample = msgspec.json.decode(line, type=Sample)
        except msgspec.DecodeError:
            break
        if not line.endswith(b"\n"):
            break
        samples.append(sample)
        whole += len(line)
    os.truncate(path, whole)
    if samples and samples[0].bench != bench:
        raise InputError(
            f"'{path}' was begun on another bench ({samples[0].bench.device}, seed "
            f"{samples[0].bench.seed}); go on there, or delete the file to begin anew"
        )
    return samples


def _appending(path: Path):  # type: ignore[no-untyped-def]
    try:
        return path.open("ab")
    except OSError as error:
        raise OutputError(
            f"cannot write '{path}': {error.strerror}; give a path in a writable folder"
        ) from error
