"""One sitting of a search: batches are asked for, tried by workers, and told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.extras import need
from dfsrt.base.files import make_folder
from dfsrt.study.book import Book, open_book
from dfsrt.study.cell import Outcome
from dfsrt.study.entry import FAILED, RUNNING, Entry
from dfsrt.study.layers.bench import LayerTask, bench_of, evaluate_layers
from dfsrt.study.layers.fidelity import fidelity_of_entry
from dfsrt.study.layers.result import Searched, result_of
from dfsrt.study.layers.search import LayerSearch
from dfsrt.study.layers.space import LayerSpace, layer_space
from dfsrt.study.metric import Figures
from dfsrt.study.pool import Pool, open_pool, usable_cores
from dfsrt.study.session import JOURNAL
from dfsrt.study.widgets import without_widgets


def search_layers(
    search: LayerSearch,
    out: Path | None = None,
    *,
    at_least: float | None = None,
    workers: int | None = None,
    on_done: Callable[[int], None] = lambda _done: None,
) -> Searched:
    """Run ``search`` to its end and return the Pareto set, and the point that is chosen of it.

    With a folder ``out`` the search goes on from its journal there. ``workers`` processes try
    points, one a core unless told; the result is the same for any number. ``on_done`` is called
    with the trials closed so far.

    Raises:
        InputError: packages that are missing, a network without values, data or a value that do
            not fit, a journal of another search, or no point that keeps ``at_least``.
        OutputError: ``out`` cannot be written.
    """
    need("tune")
    without_widgets()
    bench = bench_of(search)
    if search.fidelity == "accuracy" and bench.data.judged_on.labels is None:
        raise InputError(
            "fidelity 'accuracy' needs labels, which the data do not have; use sqnr_db"
        )
    space = layer_space(bench)
    with ExitStack() as stack:
        if out is None:
            out = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dfsrt-")))
        make_folder(out)
        book = stack.enter_context(open_book(search, space, out / JOURNAL, "--out-dir"))
        if _closed(book) < search.trials:
            count = usable_cores() if workers is None else workers
            pool = stack.enter_context(open_pool(count, None, evaluate_layers))
            _run(search, space, book, pool, on_done)
        return result_of(bench, space, book.entries, at_least)


class _Judge:
    """Energy and fidelity of a trial; nothing limits them."""

    def __init__(self, fidelity: str) -> None:
        self._fidelity = fidelity

    def objectives(self, entry: Entry) -> list[float]:
        """Return joules a frame and the fidelity."""
        return [entry.cells[0]["energy_j"], fidelity_of_entry(entry, self._fidelity)]

    def violations(self, cells: Sequence[Figures]) -> dict[str, float]:
        """Return none."""
        return {}


def _closed(book: Book) -> int:
    return sum(entry.state != RUNNING for entry in book.entries)


def _run(
    search: LayerSearch,
    space: LayerSpace,
    book: Book,
    pool: Pool[LayerTask, Outcome],
    on_done: Callable[[int], None],
) -> None:
    judge = _Judge(search.fidelity)
    on_done(_closed(book))
    while _closed(book) < search.trials:
        batch = book.open_batch or book.ask()
        _try(search, space, book, pool, batch)
        book.close(batch, [], judge)
        if all(entry.state == FAILED for entry in book.entries):
            raise InputError(f"no trial could run; the first says: {book.entries[0].error}")
        on_done(_closed(book))


def _try(
    search: LayerSearch,
    space: LayerSpace,
    book: Book,
    pool: Pool[LayerTask, Outcome],
    batch: Sequence[Entry],
) -> None:
    """Try what is left of a batch; a point that was tried before has the figures of then."""
    known = {tuple(e.typed.items()): e for e in book.entries if e.cells}
    entries = {e.number: e for e in batch if not e.cells and not e.error}
    tasks = []
    for entry in entries.values():
        before = known.get(tuple(entry.typed.items()))
        if before is not None:
            book.keep(entry, Outcome(entry.number, tuple(map(dict, before.cells))))
        else:
            tasks.append(LayerTask(entry.number, search, space.how(entry.typed)))
    for outcome in pool.outcomes(tasks) if tasks else ():
        book.keep(entries[outcome.trial], outcome)
