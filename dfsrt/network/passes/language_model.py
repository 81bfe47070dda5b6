"""A language model as the networks of its passes, whose bytes grow with the context."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import NameSpec, parse_name_spec
from dfsrt.network.llm.config import LlmConfig
from dfsrt.network.llm.recipe import CHOICES, MOST_TOKENS
from dfsrt.network.llm.shelf import is_llm, load_config
from dfsrt.network.load import load_network
from dfsrt.network.network import Network
from dfsrt.network.passes.cache_layer import with_cache_layers

_CACHED = {"fp16": "float16", "int8": "int8"}
_BYTES = {"fp16": 2, "int8": 1}
OF_A_PASS = ("phase", "context", "tokens", "batch", "answers")
"""Options of a name that are of a pass, not of the model."""


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A language model with its weights in some form: ``name`` has the form, ``kv`` the cache's.

    Its networks are passes over an empty past, in which every attention is followed by a cache
    layer: what one block of ``CACHE_BLOCK`` cached tokens adds. ``Network.growing`` says where
    they stand; a pass over a context of c tokens has each ceil(c / CACHE_BLOCK) times.
    """

    name: str
    config: LlmConfig
    kv: str

    def decode(self, batch: int = 1) -> Network:
        """Return a pass of one token of each of ``batch`` sequences.

        A cache layer is a block of one of them: with several, the sum over all counts.
        """
        return self._pass(f"phase=decode:context=0:batch={batch}")

    def prefill(self, tokens: int) -> Network:
        """Return a pass of ``tokens`` of one prompt, whose last one is answered.

        Attention among them is the whole square. A cache layer is a block read once for all.
        """
        return self._pass(f"phase=prefill:tokens={tokens}")

    def mixed(self, tokens: int, answers: int) -> Network:
        """Return a pass of ``tokens`` of any sequences, ``answers`` of which ask for a next token.

        The first cache layer of an attention is a block read for one of the tokens (``grows`` is
        ``PER_TOKEN``); the second one a block read once for a prompt, all of the pass being taken
        for its tokens (``PER_CHUNK``).
        """
        return self._pass(f"phase=mixed:tokens={tokens}:answers={answers}", chunk=tokens)

    def _pass(self, said: str, chunk: int = 0) -> Network:
        return with_cache_layers(load_network(f"{self.name}:{said}"), _CACHED[self.kv], chunk)

    @property
    def most_tokens(self) -> int:
        """Tokens that a pass takes in, at most."""
        return min(self.config.context, MOST_TOKENS)

    @property
    def kv_bytes_per_token(self) -> int:
        """Bytes of keys and values that a token leaves in the cache."""
        return self.config.cache_bytes(_BYTES[self.kv])

    @property
    def weight_bytes(self) -> int:
        """Bytes of all weights as they are stored, the table of words included."""
        return self.decode().weight_bytes

    def cached_tokens(self, memory_bytes: int) -> int:
        """Return how many cached tokens fit into a memory beside the weights; below 0, no weights.

        Limits: activations, a few MB, are not counted.
        """
        return (memory_bytes - self.weight_bytes) // self.kv_bytes_per_token

    def fits(self, memory_bytes: int, tokens: int = 0) -> bool:
        """Whether weights and so many cached tokens fit into a memory."""
        return self.cached_tokens(memory_bytes) >= tokens


def is_language_model(name: str) -> bool:
    """Whether a name is that of a language model, and not of one of its passes."""
    spec = parse_name_spec(name, "network") if name.strip() else None
    return spec is not None and is_llm(spec.name) and not set(OF_A_PASS) & set(spec.options)


def pass_name(name: str) -> str:
    """Return the name of a language model's pass of one token; any other name as it is."""
    return f"{name}:phase=decode" if is_language_model(name) else name


def language_model(name: str) -> LanguageModel:
    """Return the language model of a name, with the form of its weights: ``llm:NAME:bits=8``.

    Raises:
        NetworkError: no such model, or an option that belongs to a pass.
    """
    spec = parse_name_spec(name, "language model")
    if not is_llm(spec.name):
        raise NetworkError(f"'{name}' is no language model; write it like llm:llama-3.2-1b")
    of_a_pass = [key for key in spec.options if key in OF_A_PASS]
    if of_a_pass:
        raise NetworkError(
            f"language model '{name}' has {of_a_pass[0]}, which its passes set; leave it out"
        )
    kv = spec.options.get("kv", CHOICES["kv"][0]).lower()
    model = LanguageModel(str(NameSpec(spec.name, spec.options)), load_config(spec.name), kv)
    if kv not in _CACHED:
        model.decode()  # which says what is allowed
    return model
