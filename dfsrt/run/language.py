"""A language model in a mix: the graphs of its passes, by what requests ask and how they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, parse_name_spec
from dfsrt.base.units import parse_whole
from dfsrt.network import Network
from dfsrt.network.passes import LanguageModel, language_model
from dfsrt.run.batching import Batching
from dfsrt.run.token_demand import TokenDemand

MOST_CHUNK = 512
"""Tokens of a prompt in a pass at the most, where nobody says how many."""


SHARED = "pass of "
"""How the name of a graph begins whose passes requests share; its tokens follow."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A graph of a language model, with room for ``tokens``.

    On average it reads ``single`` blocks of caches for one token, and ``shared`` ones for prompts.
    """

    name: str
    tokens: int
    network: Network
    single: float
    shared: float = 0.0


@dataclass(frozen=True, slots=True)
class Language:
    """A language model, and how many tokens of a prompt go into a pass: ``chunk``, 0 if unsaid."""

    model: LanguageModel
    chunk: int = 0

    def chunk_for(self, demand: TokenDemand) -> int:
        """Return the tokens of a prompt in a pass: as said, else a power of two for the longest."""
        longest = 1 << (int(demand.prompt.max()) - 1).bit_length()
        return self.chunk or min(longest, MOST_CHUNK, self.model.most_tokens)

    def passes(self, demand: TokenDemand, batching: Batching | None) -> Iterator[Pass]:
        """Return the graphs, the largest first: of one request at a time, or of many."""
        if batching is None:
            yield from self._alone(demand)
        else:
            yield from self._together(demand, batching)

    def _alone(self, demand: TokenDemand) -> Iterator[Pass]:
        chunk = self.chunk_for(demand)
        if chunk > 1:
            blocks = demand.prefill_blocks(chunk)
            yield Pass("prefill", chunk, self.model.prefill(chunk), blocks)
        yield Pass("decode", 1, self.model.decode(), demand.decode_blocks())

    def _together(self, demand: TokenDemand, batching: Batching) -> Iterator[Pass]:
        prompts = demand.prefill_blocks(batching.chunk or batching.budget)
        for tokens in batching.sizes:
            written = min(demand.written_share * tokens, batching.requests)
            graph = self.model.mixed(tokens, min(tokens, batching.requests))
            single = written * demand.decode_blocks()
            yield Pass(f"{SHARED}{tokens}", tokens, graph, single, prompts if tokens > 1 else 0.0)


def open_language(name: str) -> Language:
    """Return the language model that a load names, like ``llm:llama-3.2-1b:chunk=256``.

    Raises:
        InputError: no such model, or a chunk that it cannot have.
    """
    spec = parse_name_spec(name, "load")
    options = dict(spec.options)
    text = options.pop("chunk", None)
    model = language_model(str(NameSpec(spec.name, options)))
    if text is None:
        return Language(model)
    number = parse_whole(text)
    if number is None or not 1 <= number <= model.most_tokens:
        raise InputError(
            f"load '{name}': chunk={text} is out of range; give 1 to {model.most_tokens:,} tokens"
        )
    return Language(model, number)


def cache_limit(model: LanguageModel, demand: TokenDemand, batching: Batching) -> int | None:
    """Return how many tokens all caches have room for together; None for any number.

    Raises:
        InputError: less room than one request needs.
    """
    if batching.kv_bytes is None:
        return None
    limit = batching.kv_bytes // model.kv_bytes_per_token
    most = int((demand.prompt + demand.tokens).max())
    if most > limit:
        raise InputError(
            f"kv_bytes {batching.kv_bytes:,} hold {limit:,} tokens, one request needs {most:,}; "
            f"give {most * model.kv_bytes_per_token:,} or more"
        )
    return limit
