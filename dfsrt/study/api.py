"""Studies in one call each, as commands are: searches, grids, frontiers, levers, budgets, fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Unpack

from dfsrt.base.tomlfile import Table
from dfsrt.device import Domain
from dfsrt.governor.governor import Governor
from dfsrt.network import Network
from dfsrt.run.checks import check_choice
from dfsrt.run.fields import RunFields
from dfsrt.run.source import Runnable
from dfsrt.study.budget import find_budget, parse_targets
from dfsrt.study.budget.answered import Answered
from dfsrt.study.budget.budget import ALONE
from dfsrt.study.calibration import Calibrated, Wish
from dfsrt.study.calibration import calibrate as calibrated
from dfsrt.study.frontier import Frontier
from dfsrt.study.levers import Pulled, ladder_of, pull
from dfsrt.study.placed import Placed
from dfsrt.study.session import Tuned
from dfsrt.study.session import tune as tuned
from dfsrt.study.study import Study, read_study, study_of
from dfsrt.study.sweep import Swept, read_sweep, sweep_of
from dfsrt.study.sweep import sweep as swept
from dfsrt.study.sweep.study import SweepStudy

__all__ = ["budget", "calibrate", "frontier", "levers", "sweep", "tune"]


def tune(
    study: Study | Table | str | Path, out: str | Path | None = None, workers: int | None = None
) -> Tuned:
    """Run a study to its end: a file of it, or what stands in one as nested dictionaries.

    Journal and results go into the folder ``out``, from which a study that was cut off goes on;
    without it nothing is kept. ``workers`` processes run trials, one a core unless told, 1 in this
    process. Files that a dictionary names are sought in the working directory.

    Raises:
        InputError: packages that are missing, or a study that does not fit or cannot run.
        OutputError: ``out`` cannot be written.
    """
    if isinstance(study, str | Path):
        study = read_study(Path(study))
    if not isinstance(study, Study):
        study = study_of(study)
    with _folder(out) as folder:
        return tuned(study, folder, workers)


@contextmanager
def _folder(out: str | Path | None) -> Iterator[Path]:
    """The folder that journal and results go into: ``out``, or one that goes with the call."""
    if out is not None:
        yield Path(out)
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def sweep(
    study: SweepStudy | Table | str | Path,
    out: str | Path | None = None,
    workers: int | None = None,
) -> Swept:
    """Run every combination that a study names: a file of it, or what stands in one.

    ``out``, ``workers`` and the files that a dictionary names are as in ``tune``.

    Raises:
        InputError: a study that does not fit, or not one point that can run.
        OutputError: ``out`` cannot be written.
    """
    beside = None
    if isinstance(study, str | Path):
        beside = Path(study).resolve().parent
        study = read_sweep(Path(study))
    if not isinstance(study, SweepStudy):
        study = sweep_of(study)
    with _folder(out) as folder:
        return swept(study, folder, workers, folder=beside)


def frontier(
    network: str | Path | Network,
    governors: Iterable[str | Governor] | None = None,
    *,
    between: int = 12,
    time: str | float = "10s",
    search_memory: str | float = "500MB",
    **fields: Unpack[RunFields],
) -> Placed:
    """Work out the least energy of a frame for every time that it may take, and place governors.

    Without ``governors`` all there are. ``between`` points are worked out beside the corners, and
    the search takes ``time`` and ``search_memory`` at most; ``fields`` are those of ``dfsrt.run``.

    Raises:
        InputError: a value that cannot be used, or a cap that changes.
    """
    asked = Frontier(network, governors, between, fields, time, search_memory)
    return Placed(asked.report())


def budget(
    scenario: Runnable,
    targets: str | Sequence[str],
    *,
    numbers: int | None = ALONE,
    workers: int | None = None,
    **fields: Unpack[RunFields],
) -> Answered:
    """Find what the NPU may draw for targets like ``'8 h'``, and which component to cut first.

    ``numbers`` of the assumed numbers get caps of their own, None leaves them as they are;
    ``workers`` as in ``tune``, ``fields`` as in ``dfsrt.run``.

    Raises:
        InputError: no target, no scenario, or a value that cannot be used.
    """
    wanted = parse_targets([targets] if isinstance(targets, str) else targets)
    return Answered(find_budget(scenario, wanted, numbers, workers, **fields))


def levers(
    load: Runnable,
    names: Sequence[str] | None = None,
    *,
    others: bool = True,
    surroundings: str | None = None,
    file: str | Path | None = None,
    workers: int | None = None,
    **fields: Unpack[RunFields],
) -> Pulled:
    """Pull levers on ``load``: in order, alone, and all but one.

    ``names`` picks levers, in their order, all without; those that were not picked are tried on top
    of them unless ``others`` is false. ``surroundings``, ``file`` and ``fields`` are as in
    ``ladder_of``, ``workers`` as in ``tune``.

    Raises:
        InputError: no such load, scenario or lever, or one that is named and cannot be pulled.
    """
    own = None if file is None else Path(file)
    ladder = ladder_of(load, surroundings, own, names, **fields)
    return pull(ladder if others else replace(ladder, others=()), workers)


def calibrate(
    base: str | Path,
    measured: str | Path | Iterable[str | Path],
    *,
    name: str = "",
    fit: Sequence[str] = (),
    hold: Sequence[str] = (),
    domain: str = Domain.NPU,
    allow_bounds: bool = False,
) -> Calibrated:
    """Return the device of ``base`` with its free numbers fitted to files of measurements.

    ``measured`` is one CSV of networks or of layers, or several. ``name`` is the new device's;
    ``fit`` names the numbers to fit, ``hold`` those that stay; ``domain``, what watts and joules
    are of, and ``allow_bounds`` are as in ``Wish``.

    Raises:
        InputError: an unknown domain, and as ``dfsrt.study.calibrate``.
    """
    files = [measured] if isinstance(measured, str | Path) else measured
    of = Domain(check_choice(str(domain), "domain", tuple(Domain)))
    wish = Wish(fit=fit, hold=hold, domain=of, allow_bounds=allow_bounds)
    return calibrated(str(base), [str(file) for file in files], wish, name)
