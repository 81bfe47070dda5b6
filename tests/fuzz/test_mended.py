"""Kinds of files that once ended in a traceback: each is refused in an error of our own."""

from __future__ import annotations

import json
import re

import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.places import placed_in
from tests.fuzz import seeds
from tests.fuzz.readers import READERS
from tests.fuzz.trial import tried

LONG = "a." * 3000
NESTED = "[" * 100_000


def tensorrt():
    """A share of the time that is beyond any float."""
    return (
        READERS["layer-times-tensorrt"]
        .seeds()[0]
        .decode()
        .replace('"percentage": ', f'"percentage": {"9" * 400}', 1)
    )


def golden():
    """Golden rows of fewer cells than there are columns."""
    head, row, *_ = READERS["golden"].seeds()[0].decode().splitlines()
    return f"{head},more\n{row}\n"


def other_journal():
    """Lines of a journal that no study has written."""
    lines = [{"user_attr": 5, "worker_id": "a", "study_id": 0}]
    lines += [{"op_code": 4, "user_attr": {"committed": 2}}]
    return "".join(json.dumps(line) + "\n" for line in lines)


def journal_of_another_kind():
    """A journal whose fingerprint is a number."""
    lines = [json.loads(line) for line in seeds.study_journal()[0].splitlines()]
    for line in lines:
        if "fingerprint" in line.get("user_attr", {}):
            line["user_attr"]["fingerprint"] = 5
    return "".join(json.dumps(line) + "\n" for line in lines)


def scenario(old, new):
    """A scenario of the shelf with something else in it."""
    return READERS["scenario"].seeds()[0].decode().replace(old, new)


def row_of_other_cells():
    """A row of too many cells, one of which is no text."""
    log = READERS["requests-azure"].seeds()[0].decode()
    return log.rstrip("\n") + "\n\udc80,1,2,3,4,5,6,7,8\n"


CASES = {
    "golden rows too short": ("golden", golden),
    "no journal": ("study-journal", other_journal),
    "a fingerprint that is none": ("study-journal", journal_of_another_kind),
    "a nested journal of samples": ("samples-journal", lambda: NESTED + "\n"),
    "nested JSON of ZigZag": ("cycles-zigzag", lambda: NESTED),
    "nested JSON of a model": ("llm-json", lambda: '{"a":' + NESTED),
    "a row of other cells that is no UTF-8": ("requests-azure", row_of_other_cells),
    "a carriage return in a log's head": ("requests-azure", lambda: "TIMESTAMP\rb,c\n1,2\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_no_tool_has_written_is_refused(case, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    reader, content = CASES[case]
    path = tmp_path / READERS[reader].file
    path.write_bytes(content().encode(errors="surrogateescape"))
    with pytest.raises(InputError) as refused:
        READERS[reader].read(path)
    assert str(path) in str(refused.value) and "\n" not in str(refused.value)


def test_samples_whose_text_is_no_text_are_refused(tmp_path):
    data = seeds.few_samples()
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(data))
    bad = pa.array([b"\xff\xfe"] * len(table)).view(pa.binary())
    offsets = bad.buffers()
    text = pa.Array.from_buffers(pa.string(), len(bad), offsets)
    path = tmp_path / "s.parquet"
    pq.write_table(table.set_column(table.column_names.index("key"), "key", text), path)
    with pytest.raises(InputError, match="Invalid UTF8"):
        READERS["samples"].read(path)


def test_a_column_of_a_power_log_with_an_endless_name_is_read_in_time():
    from dfsrt.recording.power_columns import power_column

    assert power_column("power" + " " * 100_000 + "w").unit == ""


def test_names_too_long_for_a_file_are_names_of_none(tmp_path):
    from dfsrt.base.names import is_there
    from dfsrt.trace import load_trace

    assert not is_there(tmp_path / LONG) and not is_there(tmp_path / "a\0b")
    with pytest.raises(InputError):
        load_trace(LONG)


def test_a_share_beyond_any_float_costs_no_more_than_its_row(tmp_path):
    path = tmp_path / READERS["layer-times-tensorrt"].file
    path.write_text(tensorrt())
    found = tried(READERS["layer-times-tensorrt"], path, 30.0)
    assert not found.failed


@pytest.mark.parametrize("reader", ["recording-chrome", "layer-times-onnxruntime"])
def test_an_exponent_of_many_digits_costs_no_more_than_its_record(reader, tmp_path):
    path = tmp_path / READERS[reader].file
    sound = READERS[reader].seeds()[0]
    path.write_bytes(sound.replace(b"{", b'{"x": 1e' + b"9" * 400 + b", ", 1) + b"\0")
    assert not tried(READERS[reader], path, 30.0).failed
    path.write_bytes(re.sub(rb'("ts": ?)\d+', rb"\g<1>1e" + b"9" * 400, sound) + b"\0")
    assert not tried(READERS[reader], path, 30.0).failed


def test_a_capture_whose_column_has_a_name_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "layers.parquet"
    path.write_bytes(seeds.kernels()[0].replace(b"start_ns", b"\x80tart_ns"))
    assert tried(READERS["capture"], path, 30.0).word == "refused"
    trace = tmp_path / "t.parquet"
    trace.write_bytes(seeds.traces_parquet()[0].replace(b"priority", b"\x80riority"))
    assert tried(READERS["trace-parquet"], trace, 30.0).word == "refused"


def test_a_nested_line_of_a_log_costs_no_more_than_itself(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(READERS["requests-mooncake"].seeds()[0] + b'{"hash_ids": ' + b"[" * 50_000)
    assert tried(READERS["requests-mooncake"], path, 30.0).word == "loaded"


@pytest.mark.parametrize("end", ['"more"', "nan", "1979-05-27", "9" * 400])
def test_a_range_to_what_is_no_number_above_its_low_end_is_refused(end, tmp_path):
    text = READERS["device"].seeds()[2].decode()
    path = tmp_path / "d.toml"
    path.write_text(re.sub(r"(range.mac_efficiency = \[[^,]*),[^]]*\]", rf"\1, {end}]", text))
    assert tried(READERS["device"], path, 30.0).word == "refused"


def test_a_parquet_file_whose_columns_are_described_wrongly_does_not_end_the_process(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from dfsrt.base.parquet import open_parquet

    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": pa.array([b"x", b"y"])}), path)
    of_texts, of_integers = b"\x15\x0c\x25\x02\x18\x01a", b"\x15\x04\x25\x02\x18\x01a"
    assert of_texts in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(of_texts, of_integers))
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        open_parquet(path, "a table", "give another").__enter__()


def test_a_parquet_file_whose_rows_point_beside_their_texts_is_refused(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from dfsrt.base.parquet import open_parquet

    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": ["x", "y"] * 50}), path, compression="none")
    sound = path.read_bytes()
    with open_parquet(path, "a table", "give another") as file:
        assert sum(batch.num_rows for batch in file.batches(10)) == 100
    for place in range(len(sound) - 8):
        path.write_bytes(sound[:place] + b"\xff" + sound[place + 1 :])
        try:
            with open_parquet(path, "a table", "give another") as file:
                for batch in file.batches(10):
                    batch.to_pylist()
        except (InputError, UnicodeDecodeError) as error:
            assert str(error)


@pytest.mark.parametrize("name", [" " * 5000, "7" * 3000, "\x00"])
def test_a_load_whose_name_no_file_can_have_is_placed_nowhere(name, tmp_path):
    assert placed_in(tmp_path, name) == str(tmp_path / name)
