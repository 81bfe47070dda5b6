"""Columns of tokens: a request for a language model has a prompt and an answer, others none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.network.passes import is_language_model

if TYPE_CHECKING:
    import pyarrow as pa

TOKENS = ("prompt_tokens", "output_tokens")
MAX_TOKENS = 2**31
"""Tokens of one prompt or answer: far beyond what any model holds, and sums of them fit."""


def token_numbers(column: pa.Array, name: str, path: Path, row: int) -> Ints:
    """Return a column of tokens, ``(n_rows,)``, 0 where it is empty; ``row`` is its first line.

    Raises:
        InputError: no whole numbers, or one below 0 or beyond ``MAX_TOKENS``.
    """
    import pyarrow as pa

    if not pa.types.is_integer(column.type):
        raise InputError(f"trace '{path}': column {name} holds no whole numbers")
    values = column.fill_null(0).to_numpy(zero_copy_only=False)
    fits = (values >= 0) & (values <= MAX_TOKENS)
    if not fits.all():
        at = int(np.argmin(fits))
        raise InputError(
            f"trace '{path}', row {row + at}: {name} {values[at]} is out of range; allowed is 1 to "
            f"{MAX_TOKENS:,}, and nothing for a network that is no language model"
        )
    return np.asarray(values, dtype=np.int64)


def check_tokens(
    workload: Ints, workloads: tuple[str, ...], tokens: Mapping[str, Ints], path: Path
) -> None:
    """Check that requests for language models have tokens, ``(n_requests,)``, and others none.

    Raises:
        InputError: one without, or one that has no use for them; the message names the row.
    """
    takes = np.array([is_language_model(name) for name in workloads])[workload]
    for name, values in tokens.items():
        wrong = takes != (values > 0)
        if wrong.any():
            at = int(np.argmax(wrong))
            asked = workloads[workload[at]]
            what = (
                f"{asked} has no {name}; give 1 or more"
                if takes[at]
                else f"{asked} is no language model, but has {name} {values[at]}; leave them empty"
            )
            raise InputError(f"trace '{path}', row {at + 2}: {what}")
