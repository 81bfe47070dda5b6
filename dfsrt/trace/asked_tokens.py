"""How many tokens requests are given: fixed numbers, or lengths of a stream by its name."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.network.passes import is_language_model
from dfsrt.trace.token_lengths import RequestLengths, fixed_lengths
from dfsrt.trace.token_stream import load_stream
from dfsrt.trace.workload import context_of


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
        return of_model(load_stream(lengths).lengths, workload)
    tokens = (
        defaults.PROMPT if prompt is None else prompt,
        defaults.TOKENS if output is None else output,
    )
    if sum(tokens) > context_of(workload):
        raise InputError(
            f"{where}: {tokens[0]:,} and {tokens[1]:,} tokens are more than the "
            f"{context_of(workload):,} that '{workload}' attends to; give fewer"
        )
    return fixed_lengths(*tokens, where)


def of_model(lengths: RequestLengths, workload: str) -> RequestLengths:
    """Return lengths that are clipped to what the language model ``workload`` attends to."""
    return replace(lengths, context=context_of(workload))
