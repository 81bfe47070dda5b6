"""``dfsrt network show``: what a network is, what can be set, and what a token asks for."""

import pytest

from dfsrt.base.errors import InputError
from dfsrt.report.network_show import network_facts


def shown(name):
    return {fact.figure: (fact.value, fact.note) for fact in network_facts(name)}


def test_a_language_model_says_what_a_token_moves_at_its_contexts():
    """TinyLlama in plain int8: 1.034 GB of products, and 1,024 times 22,528 bytes of cache."""
    facts = shown("llm:tinyllama-1.1b:bits=8:block=0")
    assert facts["products a token"][0] == "1,034,420,224"
    assert facts["cache"] == ("22,528 B", "of a token, in fp16")
    assert facts["at 1,024 tokens"] == (
        "1.06 GB", "moved for the next token, 23.1 MB of it cache"
    )  # fmt: skip
    assert "at 4,096 tokens" not in facts, "its context ends at 2,048"
    assert facts[":bits="][0] == "8" and facts[":phase="][1] == "of decode, prefill, mixed"


def test_any_network_says_its_sizes_and_one_of_a_file_has_none():
    assert shown("yolov8n:image=320")[":image="] == ("320", "32 to 4,096 in steps of 32")
    assert shown("squeezenet")["parameters"][0] == "1,235,496"
    assert not [figure for figure in shown("squeezenet") if figure.startswith(":")]
    with pytest.raises(InputError, match=r"did you mean 'llm:llama-3\.2-1b'"):
        network_facts("llm:llama-3.2-1")
