"""How many tokens requests are given: fixed numbers, or lengths of a stream by its name."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.trace.token_lengths import RequestLengths, fixed_lengths
from dfsrt.trace.token_stream import load_stream
from dfsrt.trace.workload import is_language_model

PROMPT, OUTPUT = 128, 32
"""Tokens of a request where nothing is said."""


def asked_lengths(
    workload: str,
    prompt: int | None,
    output: int | None,
    lengths: str | None,
    where: str,
) -> RequestLengths | None:
    """Return the lengths of requests for ``workload``, None where it takes no tokens.

    ``lengths`` names a stream of tokens or its file. Errors begin with ``where``.

    Raises:
        InputError: lengths for a network that takes none, both kinds of them, or none that are.
    """
    given = [value for value in (prompt, output, lengths) if value is not None]
    if not is_language_model(workload):
        if given:
            raise InputError(f"{where}: '{workload}' is no language model; give it no tokens")
        return None
    if lengths is not None:
        if len(given) > 1:
            raise InputError(f"{where}: give numbers of tokens or lengths '{lengths}', not both")
        return load_stream(lengths).lengths
    tokens = (PROMPT if prompt is None else prompt, OUTPUT if output is None else output)
    return fixed_lengths(*tokens, where)


def clipped(prompt: Ints, output: Ints, context: int) -> tuple[Ints, Ints]:
    """Return tokens that ``context`` has room for, ``(n_requests,)`` each.

    An output that alone is too long is made shorter, and a prompt loses what is left, as assistants
    forget what was said first.
    """
    output = np.minimum(output, context - 1)
    return np.minimum(prompt, context - output), output
