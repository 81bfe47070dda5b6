"""Parquet is read in bounded pieces: kilobytes that come to gigabytes are refused at once."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.parquet import MOST_IN_CHUNK, open_parquet
from dfsrt.base.reading import RAISED_BY

LONG = "a" * (1 << 20)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.parquet"


def read(path, most_bytes=None):
    with open_parquet(path, "table 't'", "give another") as file:
        return list(file.batches(1000, most_bytes=most_bytes))


def test_a_table_comes_in_batches_with_its_texts_by_number(path):
    table = pa.table({"x": range(2500), "t": ["a", "b", None, "c", "a"] * 500})
    pq.write_table(table, path, compression="zstd")
    batches = read(path, 10_000)
    assert [batch.num_rows for batch in batches] == [1000, 1000, 500]
    assert [value for batch in batches for value in batch["t"].to_pylist()] == table[
        "t"
    ].to_pylist()


def test_a_text_that_stands_in_many_rows_is_counted_in_each_before_it_is_made(path):
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 6000, pa.int32()), [LONG])
    pq.write_table(pa.table({"t": column}), path, compression="zstd")
    assert path.stat().st_size < 2000
    assert sum(batch.num_rows for batch in read(path)) == 6000
    with pytest.raises(InputError, match=rf"unpacks to .* bytes, of which .*{RAISED_BY}"):
        read(path, 1 << 30)


def test_texts_that_lean_on_those_before_them_come_in_small_batches(path):
    texts = [LONG[: 1 << 16] + str(number) for number in range(400)]
    how = {"use_dictionary": False, "column_encoding": {"t": "DELTA_BYTE_ARRAY"}}
    pq.write_table(pa.table({"t": texts}), path, compression="zstd", **how)
    assert [t for batch in read(path) for t in batch["t"].to_pylist()] == texts
    with pytest.raises(InputError, match="unpacks to"):
        read(path, 1 << 20)


def test_a_column_that_says_it_comes_to_more_than_is_read_is_not_unpacked(path, monkeypatch):
    pq.write_table(pa.table({"t": [LONG]}), path, compression="zstd", use_dictionary=False)
    monkeypatch.setenv(RAISED_BY, "100 kB")
    with pytest.raises(InputError, match=r"a column unpacks to .* of which up to 100,000 are read"):
        read(path)
    assert len(LONG) < MOST_IN_CHUNK
    monkeypatch.setenv(RAISED_BY, "4 MiB")
    assert read(path)[0]["t"].to_pylist() == [LONG]


@pytest.mark.parametrize("cut", [0, 4, 60, 200, -1])
def test_a_damaged_file_is_told_in_one_line(path, cut):
    pq.write_table(pa.table({"x": [1, 2], "t": ["a", "b"]}), path)
    data = bytearray(path.read_bytes())
    if cut == -1:
        data = data[: len(data) // 2]
    else:
        data[cut : cut + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("table 't' cannot be read as Parquet (")
