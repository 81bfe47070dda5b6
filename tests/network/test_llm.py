"""Language models as networks: published sizes, closed forms, caches that grow, bad input."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.network import CACHE_BLOCK, built_names, language_model, load_network
from dfsrt.network.layer import PER_CHUNK, PER_TOKEN
from dfsrt.network.llm import LlmConfig, llm_names, load_config

FACTS = {
    # products, cache bytes in fp16, parameters as published (None: nobody counts them so)
    "tinyllama-1.1b": (1_034_420_224, 22_528, 1_100_048_384),
    "qwen2.5-0.5b": (493_961_216, 12_288, 494_032_768),
    "qwen2.5-1.5b": (1_543_569_408, 28_672, 1_543_714_304),
    "phi3-3.8b": (3_722_379_264, 393_216, 3_821_079_552),
    "llama-3.2-1b": (1_235_746_816, 32_768, 1_235_814_400),
    "llama-3.2-3b": (3_212_574_720, 114_688, 3_212_749_824),
    "llama-3-8b": (7_504_658_432, 131_072, 8_030_261_248),
    "llama-3.1-8b": (7_504_658_432, 131_072, 8_030_261_248),
}
SMALL = """
source = "made up"
layers = 2
heads = 4
key_value_heads = 2
head_width = 16
width = 64
feed_forward = 96
vocabulary = 48
context = 256
tied = false
"""
BLOCKS_OF_TINYLLAMA = 1_034_420_224 + 65_536_000
"""Weights in blocks of the form: products, and a table of words that is not the head's."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("llm") / "small.toml"
    path.write_text(SMALL)
    return f"llm:{path}"


@pytest.mark.parametrize("name", FACTS)
def test_sizes_are_those_of_the_published_models(name):
    products, cache_bytes, parameters = FACTS[name]
    c = load_config(f"llm:{name}")
    assert (c.product_weights, c.cache_bytes(2), c.parameters) == (
        products,
        cache_bytes,
        parameters,
    )
    assert "config.json" in c.source


def test_the_shelf_is_what_is_known_by_name():
    assert set(llm_names()) == {f"llm:{name}" for name in FACTS} <= set(built_names())


def test_a_token_of_llama_3_8b_multiplies_what_the_closed_form_says():
    """262,144 for each token of the context, this one among them."""
    step = load_network("llm:llama-3-8b:context=1000")
    assert step.macs == 7_504_658_432 + 262_144 * 1001
    assert step.params == 8_030_261_248


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 200), st.integers(1, 48))
def test_a_prompt_multiplies_by_the_whole_square_and_answers_once(small, past, tokens):
    c = load_config(small)
    net = load_network(f"{small}:phase=prefill:tokens={tokens}:context={past}")
    head = 64 * 48
    square = tokens * (past + tokens) * c.attention_macs
    assert net.macs == tokens * (c.product_weights - head) + head + square


@pytest.mark.parametrize(
    ("said", "stored_bits"),
    [("bits=4", 4.5), ("bits=4:block=128", 4.125), ("bits=8", 8.5), ("bits=8:block=256", 8.0625)],
)
def test_weights_take_their_bits_and_a_scale_for_each_block(said, stored_bits):
    net = load_network(f"llm:tinyllama-1.1b:{said}")
    assert net.weight_bytes == BLOCKS_OF_TINYLLAMA * stored_bits / 8 + 45 * 2048 * 2


def test_plain_int8_has_a_scale_a_column():
    columns = 22 * (2560 + 2 * 2048 + 2 * 5632) + 2 * 32_000
    net = load_network("llm:tinyllama-1.1b:bits=8:block=0:act=fp16")
    assert net.weight_bytes == BLOCKS_OF_TINYLLAMA + 2 * columns + 45 * 2048 * 2


def test_a_table_of_words_that_makes_the_logits_is_stored_once():
    net = load_network("llm:llama-3.2-1b")
    assert net.weight_bytes == 1_235_746_816 * 4.5 / 8 + 33 * 2048 * 2
    words = net.layers[0]
    assert words.input_bytes + sum(t.touched_bytes for t in words.weights) == 8 + 2048 * 4.5 / 8


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 250), st.integers(1, 4), st.sampled_from([("fp16", 2), ("int8", 1)]))
def test_bytes_of_a_step_grow_by_the_cache_of_each_token_of_the_context(small, context, batch, kv):
    name, width = kv
    step = load_network(f"{small}:context={context}:batch={batch}:kv={name}")
    first = load_network(f"{small}:context=0:batch={batch}:kv={name}")
    read = sum(a.input_bytes for a in step.layers) - sum(a.input_bytes for a in first.layers)
    cache = load_config(small).cache_bytes(width)
    assert read == batch * context * cache
    assert [a.output_bytes for a in step.layers] == [a.output_bytes for a in first.layers]
    made = [a for a in step.layers if a.op == "GroupQueryAttention"]
    kept = sum(t.touched_bytes for a in made for t in a.outputs if t.name.startswith("present"))
    assert kept == batch * cache


def test_every_attention_is_followed_by_what_a_block_of_the_cache_adds():
    model = language_model("llm:llama-3.2-1b")
    step = model.decode()
    assert len(step.growing) == model.config.layers == 16
    for place in step.growing:
        before, block = step.layers[place - 1 : place + 1]
        assert (before.op, block.name) == ("GroupQueryAttention", f"{before.name}.cache")
        assert block.macs == 2 * 32 * 64 * CACHE_BLOCK
        assert block.input_bytes == 2 * CACHE_BLOCK * 8 * 64 * 2 == 16 * 32_768 // 16
        assert (block.weight_bytes, block.output_bytes, block.precision) == (0, 0, "fp16")


@pytest.mark.parametrize("kv", ["fp16", "int8"])
def test_a_pass_and_its_blocks_are_the_graph_with_that_context(small, kv):
    model = language_model(f"{small}:kv={kv}")
    for tokens, build in ((1, model.decode), (24, model.prefill)):
        start = build() if tokens == 1 else build(tokens)
        phase = "decode" if tokens == 1 else f"prefill:tokens={tokens}"
        whole = load_network(f"{small}:kv={kv}:context=96:phase={phase}")
        grown = [start.layers[place] for place in start.growing]
        own = [layer for layer in start.layers if not layer.grows]
        assert whole.macs == sum(a.macs for a in own) + 6 * sum(a.macs for a in grown)
        read = [sum(a.input_bytes for a in layers) for layers in (whole.layers, own, grown)]
        assert read[0] == read[1] + 6 * read[2]
        lanes = [sum(a.vector_ops for a in layers) for layers in (whole.layers, own, grown)]
        assert lanes[0] == lanes[1] + 6 * lanes[2]


def test_a_mixed_pass_has_a_row_for_each_token_and_answers_those_that_ask(small):
    model = language_model(small)
    mixed = model.mixed(8, answers=3)
    head = mixed.layers[-1]
    assert (head.name, head.gemms[0].m, head.outputs[0].shape) == ("head", 3, (3, 1, 48))
    assert {a.gemms[0].m for a in mixed.layers if "mlp" in a.name} == {8}
    one = [(a.macs, a.input_bytes) for a in model.decode().layers if a.grows]
    grown = {kind: [a for a in mixed.layers if a.grows == kind] for kind in (PER_TOKEN, PER_CHUNK)}
    assert [(a.macs, a.input_bytes) for a in grown[PER_TOKEN]] == one
    assert [(a.macs, a.input_bytes) for a in grown[PER_CHUNK]] == [(8 * m, b) for m, b in one]


def test_a_model_says_what_fits_into_a_memory(small):
    model = language_model(small)
    token, weights = 2 * 2 * 2 * 16 * 2, model.decode().weight_bytes
    assert (model.kv_bytes_per_token, model.weight_bytes) == (token, weights)
    assert model.cached_tokens(weights + 10 * token + 1) == 10
    assert model.fits(weights + 10 * token, 10) and not model.fits(weights + 10 * token - 1, 10)
    assert not model.fits(weights - 1)


def test_a_published_configuration_is_read_as_it_is(tmp_path):
    said = {
        "model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864,
        "num_attention_heads": 14, "num_hidden_layers": 24, "num_key_value_heads": 2,
        "vocab_size": 151_936, "max_position_embeddings": 32_768, "tie_word_embeddings": True,
        "hidden_act": "silu",
    }  # fmt: skip
    path = tmp_path / "config.json"
    path.write_text(json.dumps(said))
    own, known = load_config(f"llm:{path}"), load_config("llm:qwen2.5-0.5b")
    names = [f for f in LlmConfig.__struct_fields__ if f not in ("name", "source")]
    assert [getattr(own, f) for f in names] == [getattr(known, f) for f in names]
    path.write_text(json.dumps({**said, "model_type": "mamba"}))
    with pytest.raises(NetworkError, match="'mamba' is not read; allowed are llama"):
        load_config(f"llm:{path}")
    path.write_text(json.dumps({k: v for k, v in said.items() if k != "vocab_size"}))
    with pytest.raises(NetworkError, match="'vocab_size' is missing; add it"):
        load_config(f"llm:{path}")


@pytest.mark.parametrize(
    ("line", "by", "why"),
    [
        ("heads = 4", "heads = 5", "5 heads cannot share 2 key_value_heads evenly"),
        ("layers = 2\n", "", "key 'layers' is missing; add it"),
        ("layers = 2", "layers = 0", "layers is 0; allowed is 1 to"),
        ("head_width = 16", "head_width = 15", "give an even one"),
        ("layers = 2", "layer = 2", "did you mean 'layers'"),
        ("layers = 2", 'layers = "two"', "'layers' is text"),
        ("layers = 2", "layers = = 2", "not valid TOML"),
    ],
)
def test_a_configuration_that_makes_no_model_says_why(tmp_path, line, by, why):
    path = tmp_path / "wrong.toml"
    path.write_text(SMALL.replace(line, by))
    with pytest.raises(NetworkError, match=re.escape(why)) as error:
        load_config(f"llm:{path}")
    assert "wrong.toml" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("llm:tinyllama-1.1b:context=2049", "context=2049 is out of range; allowed is 0 to 2048"),
        (
            "llm:tinyllama-1.1b:phase=prefill:tokens=1000:context=1049",
            "context=1049 and tokens=1000 are more than the 2,048 tokens",
        ),
        ("llm:tinylama-1.1b", "did you mean 'llm:tinyllama-1.1b'?"),
        ("llm:nowhere.toml", "cannot read language model 'nowhere.toml'"),
        ("llm:tinyllama-1.1b:bits=5", "bits=5 is out of range"),
        ("llm:tinyllama-1.1b:block=48", "block=48 is not allowed; use one of 16, 32"),
        ("llm:tinyllama-1.1b:block=0", "or bits=8:block=0, one scale a column"),
        ("llm:tinyllama-1.1b:phase=reading", "unknown phase 'reading'"),
        ("llm:tinyllama-1.1b:kv=int4", "kv='int4' is unknown; use one of fp16, int8"),
        ("llm:tinyllama-1.1b:contxt=4", "did you mean 'context'?"),
        ("llm:tinyllama-1.1b:tokens=4", "unknown dimension 'tokens'"),
    ],
)
def test_names_that_fit_no_model_say_what_is_allowed(said, why):
    with pytest.raises(InputError, match=re.escape(why)):
        load_network(said)


def test_a_language_model_leaves_its_passes_to_whoever_runs_it():
    with pytest.raises(NetworkError, match="has context, which its passes set; leave it out"):
        language_model("llm:llama-3.2-1b:context=12")
    with pytest.raises(NetworkError, match="'resnet50' is no language model"):
        language_model("resnet50")
    with pytest.raises(NetworkError, match="kv='fp9' is unknown"):
        language_model("llm:llama-3.2-1b:kv=fp9")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"layers": 1_025}, "layers is 1025; allowed is 1 to 1,024"),
        ({"width": 767}, "there are no powers of two that divide all columns"),
    ],
)
def test_configurations_that_make_no_graph_are_refused(changes, why, tmp_path):
    numbers = {
        "layers": 1, "heads": 2, "key_value_heads": 1, "head_width": 32, "width": 64,
        "feed_forward": 64, "vocabulary": 96, "context": 64,
    }  # fmt: skip
    lines = [f"{name} = {value}" for name, value in {**numbers, **changes}.items()]
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\nsource = "made up"\ntied = true\n' + "\n".join(lines))
    with pytest.raises(InputError, match=re.escape(why)):
        load_network(f"llm:{file}")
