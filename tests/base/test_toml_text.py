"""TOML out reads back as what went in."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.tomltext import toml_text

text = st.text(st.characters(exclude_categories=("Cs",)))
scalars = st.booleans() | st.integers(-(2**63), 2**63 - 1) | text
scalars |= st.floats(allow_nan=False)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
tables = st.dictionaries(
    text.filter(lambda key: key != "source"), values | st.dictionaries(text, values), max_size=4
)


@given(tables)
def test_any_table_comes_back(table):
    assert tomllib.loads(toml_text(table)) == table


def test_a_mapping_with_sources_is_a_table_of_its_own_however_deep_it_lies():
    table = {"a": 1, "source": {"a": "x"}, "range": {"a": [0, 2]}}
    document = {"name": "n", "idle": {"order": ["deep"], "states": {"deep": table}}}
    text = toml_text(document)
    assert tomllib.loads(text) == document
    assert text.splitlines() == [
        'name = "n"', "", "[idle]", 'order = ["deep"]', "", "[idle.states.deep]", "a = 1",
        'source.a = "x"', "range.a = [0, 2]",
    ]  # fmt: skip
