"""What a network by name is: its sizes, and of a language model what a token asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dfsrt.base.names import parse_name_spec
from dfsrt.base.units import format_si
from dfsrt.network import language_model, load_network
from dfsrt.network.llm import LlmConfig, is_llm
from dfsrt.network.load import built_recipe
from dfsrt.network.passes import OF_A_PASS


class Fact(NamedTuple):
    """A line of the table: what it is, its value, and what is to say of that."""

    figure: str
    value: str
    note: str = ""


HEADS = ("<figure", "value", "<note")
CONTEXTS = (1024, 4096, 32_768, 131_072)
"""Contexts at which the bytes of a token are shown, as far as a model goes."""


def network_facts(name: str) -> tuple[Fact, ...]:
    """Return what there is to know of a network before it runs.

    Raises:
        NetworkError: no such network, or a size that it does not have.
    """
    network = load_network(name)
    facts = [
        Fact("parameters", f"{network.params:,}", f"{len(network.layers):,} layers"),
        Fact("multiply-accumulates", f"{network.macs:,}", "with the sizes given"),
        Fact("weights", format_si(network.weight_bytes, "B"), "as they are stored"),
    ]
    spec = parse_name_spec(name, "network")
    if is_llm(spec.name):
        facts += _tokens(name)
    return (*facts, *_said(name))


def _tokens(name: str) -> Iterator[Fact]:
    """What a token of a language model asks for."""
    spec = parse_name_spec(name, "network")
    form = {k: v for k, v in spec.options.items() if k not in OF_A_PASS}
    model = language_model(":".join([spec.name, *(f"{k}={v}" for k, v in form.items())]))
    c, cache = model.config, model.kv_bytes_per_token
    yield Fact("model", c.name, _shape(c))
    yield Fact(
        "products a token", f"{c.product_weights:,}", "output head too, look-up of words not"
    )
    yield Fact("attention", f"{c.attention_macs:,}", "multiply-accumulates for each cached token")
    yield Fact("cache", f"{cache:,} B", f"of a token, in {model.kv}")
    step = sum(a.moved_bytes for a in model.decode().layers if not a.grows)
    for context in (n for n in CONTEXTS if n <= c.context):
        read = format_si(step + context * cache, "B")
        kept = format_si(context * cache, "B")
        yield Fact(f"at {context:,} tokens", read, f"moved for the next token, {kept} of it cache")
    yield Fact("source", "", c.source)


def _shape(c: LlmConfig) -> str:
    return (
        f"{c.layers} blocks of {c.width:,}; {c.heads} heads on {c.key_value_heads} of "
        f"{c.head_width}; feed-forward {c.feed_forward:,}; {c.vocabulary:,} words; "
        f"context {c.context:,}"
    )


def _said(name: str) -> Iterator[Fact]:
    """What a network that is built has to set."""
    recipe = built_recipe(name)
    if recipe is None:
        return
    given = parse_name_spec(name, "network").options
    for key, words in recipe.choices.items():
        yield Fact(f":{key}=", given.get(key, words[0]), f"of {', '.join(words)}")
    for dim, size in recipe.sizes.items():
        step = f" in steps of {size.step}" if size.step > 1 else ""
        value = given.get(dim, str(size.default))
        yield Fact(f":{dim}=", value, f"{size.low:,} to {size.high:,}{step}")
