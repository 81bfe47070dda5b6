"""Cells of a table as numbers and times, whole columns at once; what is neither becomes null."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.trace.requests.rows import FAR_NS

if TYPE_CHECKING:
    import pyarrow as pa

_NUMBER = r"^[ \t]*[+-]?[0-9]{1,18}(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?[ \t]*$"
_DATE = r"^[ \t]*[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}(\.[0-9]{1,9})?(Z|\+00:?00)?[ \t]*$"
_ZONE = r"[ \t]*(Z|\+00:?00)?[ \t]*$"


def numbers(column: pa.Array) -> Floats:
    """Return the numbers of a column of bytes, ``(n_rows,)``, NaN where a cell is none."""
    import pyarrow as pa

    found = _texts(column, _NUMBER, r"[ \t]+").cast(pa.float64())
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.float64)


def seconds_ns(column: pa.Array) -> tuple[Ints, Mask]:
    """Return a column of seconds as nanoseconds, and which cells are times, ``(n_rows,)`` each."""
    return whole(numbers(column) * 1e9, FAR_NS)


def dates_ns(column: pa.Array) -> tuple[Ints, Mask]:
    """Return a column of dates in UTC as nanoseconds since 1970, and which are, ``(n_rows,)``."""
    times = _dates(_texts(column, _DATE, _ZONE))
    known = times.is_valid().to_numpy(zero_copy_only=False)
    return times.fill_null(0).to_numpy(zero_copy_only=False), known


def whole(values: Floats, most: int) -> tuple[Ints, Mask]:
    """Return values as whole numbers, and which are within ``most``, ``(n_rows,)`` each."""
    with np.errstate(invalid="ignore"):
        known = np.abs(values) <= most
    return np.rint(np.where(known, values, 0.0)).astype(np.int64), known


def _texts(column: pa.Array, form: str, surplus: str) -> pa.Array:
    """Cells of this ``form``, without what is ``surplus`` in them; others are null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    fitting = pc.if_else(pc.match_substring_regex(column, form), column, None)
    return pc.replace_substring_regex(fitting.cast(pa.string()), surplus, "")


def _dates(texts: pa.Array) -> pa.Array:
    """Halves are tried where the whole has a date that is none, like a 13th month."""
    import pyarrow as pa

    try:
        return texts.cast(pa.timestamp("ns")).cast(pa.int64())
    except pa.ArrowInvalid:
        if len(texts) == 1:
            return pa.nulls(1, pa.int64())
        half = len(texts) // 2
        return pa.concat_arrays([_dates(texts[:half]), _dates(texts[half:])])
