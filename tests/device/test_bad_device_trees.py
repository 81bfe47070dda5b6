"""Device trees that cannot be imported: one DeviceError, with the place and what to do."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree import import_device_tree, read_device_tree

HZ = "opp-hz = /bits/ 64 <100>;"
UV = "opp-microvolt = <700000>;"


def table(*nodes):
    """Return a table whose first node stands in line 2."""
    return "\n".join(["t {", *nodes, "};"])


BAD = [
    ("", "the text is empty"),
    (" \n\n", "the text is empty"),
    ("/* nothing */", "no node holds points with opp-hz"),
    ("hello world", "line 1: expected '{', '=', or ';' at 'world'; correct the text there"),
    ("\n\0\1\2", "that is no text; give device-tree source, .dtb or .dtbo"),
    ("{}", "line 1: expected '/' or label reference .&foo. at '{}'"),
    ("};", "line 1: expected '/' or label reference .&foo. at '};'"),
    ("t { };", "no node holds points with opp-hz"),
    ("t { opp-1 { opp-microvolt = <1>; }; };", "'/t' has voltages .opp-microvolt. and no clocks"),
    ("t {\n a {\n b = <1>;", "line 3: expected node name, property name, or '}'"),
    ("a { " * 100, "nodes nest deeper than 64"),
    ("&t", "line 1: expected '{'"),
    ("\n/* open", "line 2: the comment that opens here is not closed; add '[*]/'"),
    ("a = <1 /* open>; ", "line 1: the comment that opens here is not closed"),
    ('\n\na = "open', 'line 3: malformed value at ."open'),
    ("a = <(1 + 2>;", "line 1: expected number"),
    ("a = 5;", "line 1: malformed value at '5;"),
    ("a = <1 2;", "line 1: expected number"),
    ("a = /bits/ 7 <1>;", "line 1: expected 8, 16, 32, or 64 at '7 <1>;"),
    ("t { } u { };", "line 1: expected ';', not 'u'"),
    ("/delete-node/ &{/};", "that is no device-tree source"),
    ("/ { a = <" + "9" * 5000 + ">; };", "line 1: that is no number"),
    ("/ { a = <(1 << (1 << 40))>; };", "line 1: a number is shifted by 1099511627776 bits"),
    (table("a { opp-hz = /bits/ 64 <1>", f"{UV} }};"), "line 3: expected ';' or ',' at 'opp-mi"),
    (table(f"a {{ opp-suspend {HZ} {UV} }};"), "line 2: expected '{', '=', or ';' at 'opp-hz"),
    (table(f"a {{ {HZ} }};"), "line 2: 1 of 1 points name no voltage; .*, like --volts 800mV"),
    (table(f"a {{ opp-hz = <100>; {UV} }};"), "line 2: 'opp-hz' has one 32-bit cell; write it"),
    (table(f"a {{ opp-hz; {UV} }};"), "line 2: 'opp-hz' has no number"),
    (table(f"a {{ opp-hz = <>; {UV} }};"), "line 2: 'opp-hz' has no number"),
    (table(f'a {{ opp-hz = "1"; {UV} }};'), "line 2: 'opp-hz' has no number"),
    (table(f"a {{ opp-hz = /bits/ 64 <F>; {UV} }};"), "line 2: 'opp-hz' holds 'F', .*-D F=NUMBER"),
    (table(f"a {{ opp-hz = /bits/ 64 <089>; {UV} }};"), "line 2: that is no number at '<089>"),
    (table(f"a {{ opp-hz = /bits/ 64 <(2 ** 9)>; {UV} }};"), "line 2: expected number"),
    (table(f"a {{ opp-hz = /bits/ 64 <(1 / 0)>; {UV} }};"), "line 2: division by zero"),
    (table(f"a {{ opp-hz = /bits/ 64 <(1 << 99)>; {UV} }};"), "line 2: .* shifted by 99 bits"),
    (table(f"a {{ opp-hz = <5000000000 1>; {UV} }};"), "line 2: 5000000000 does not fit in 32"),
    (table(f"a {{ opp-hz = /bits/ 64 <0>; {UV} }};"), "line 2: a is 0 Hz at 700000 uV; allowed"),
    (table(f"a {{ {HZ} opp-microvolt = <850000000>; }};"), "0.1 V to 10 V"),
    (table(f"a {{ {HZ} opp-microvolt = <5 7 9>; }};"), "target 5, minimum 7, maximum 9"),
    (
        table(f"a {{ {HZ} {UV} }};", f"b {{ {HZ} opp-microvolt = <800000>; }};"),
        "line 3: b has the clock 100 Hz of a in line 2; keep one of them",
    ),
    (table(f'a {{ {HZ} {UV} status = "disabled"; }};'), "no enabled point is left"),
    (
        table(f"a {{ {HZ} {UV} }};", "b { opp-hz = /bits/ 64 <200>; opp-microvolt = <600000>; };"),
        "line 3: b has 600000 uV, below the 700000 uV of the slower a in line 2",
    ),
    (
        table(
            f"a {{ {HZ} {UV} }};",
            f"b {{ opp-hz = /bits/ 64 <200>; {UV} opp-microvolt-L3 = <600000>; }};",
        ),
        "line 3: b has 600000 uV in bin L3, below the 700000 uV",
    ),
    ("/ { c { operating-points = <1 2 3>; }; };", "line 1: 'operating-points' has 3 numbers; wri"),
    ("/ { c { operating-points; }; };", "line 1: 'operating-points' has no number"),
    ('/ { a = /incbin/("/dev/zero"); };', "not found: /include/ /dev/zero"),
    ('/include/ "/dev/zero"', "not found: /include/ /dev/zero"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_malformed_text_is_refused_with_its_line(text, message):
    with pytest.raises(DeviceError, match=message) as caught:
        import_device_tree(text, source="board.dts")
    assert str(caught.value).startswith("board.dts: ")
    assert "\n" not in str(caught.value)


def test_hardware_that_no_point_supports_is_refused_with_the_known_versions():
    text = table(f"a {{ {HZ} {UV} opp-supported-hw = <1 2>; }};")
    with pytest.raises(
        DeviceError, match=r"no enabled point is left for hardware 0x2,0x2; .*one of: 0x1,0x2$"
    ):
        import_device_tree(text, supported_hw=(2, 2))


def test_hardware_of_another_number_of_levels_is_refused():
    text = table(f"a {{ {HZ} {UV} opp-supported-hw = <1 2>; }};")
    with pytest.raises(DeviceError, match=r"has 2 levels, --supported-hw has 3 .0x1,0x1,0x1."):
        import_device_tree(text, supported_hw=(1, 1, 1))


def test_unknown_base_is_refused():
    with pytest.raises(DeviceError, match="unknown preset 'mdl'; did you mean 'mdla'"):
        import_device_tree(table(f"a {{ {HZ} {UV} }};"), base="mdl")


def test_files_that_include_one_another_end(tmp_path):
    path = tmp_path / "loop.dts"
    path.write_text('/ {};\n/include/ "loop.dts"\n', encoding="utf-8")
    with pytest.raises(DeviceError, match=r"loop.dts: .*(recursive|files are included)"):
        read_device_tree(path)


@pytest.mark.parametrize("head", [b"", b"\xd0\x0d\xfe\xed"])
def test_huge_files_are_refused_before_they_are_read(tmp_path, head):
    path = tmp_path / "huge.dts"
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(
        DeviceError,
        match=r"up to (4,194,304|16,777,216) are read; give (one board's|a smaller file)",
    ):
        read_device_tree(path)


pieces = st.sampled_from(
    [*'{};<>=()[],/-#\\"\n', "};", "//", "/*", "*/", "#if", "t", "a", "t:", "&t", "100", "0x"]
) | st.sampled_from(["opp-hz", "opp-microvolt", "/bits/ 64", f"a {{ {HZ} {UV} }};", "/plugin/;"])


@settings(max_examples=60)
@given(st.lists(pieces, max_size=30).map(" ".join) | st.text())
@example("(" * 300)
@example("a = <" + "(" * 150 + ")" * 150 + ">;")
@example(table("a { opp-hz = <" + "(" * 99 + "1" + ")" * 99 + f" 1>; {UV} }};"))
def test_any_text_gives_a_file_or_one_device_error(text):
    try:
        import_device_tree(text)
    except DeviceError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("/ {" + "".join(f"n{i} {{ }};" for i in range(60)) + " };", "more than 50 nodes"),
        ("/ { a = <" + " ".join(f"&l{i}" for i in range(60)) + ">; };", "more than 50 nodes"),
        ("/ {" + "".join(f"p{i};" for i in range(60)) + " };", "more than 50 properties"),
        ("/ {" + "".join(f"l{i}: " for i in range(200)) + "n { }; };", "more than 100 labels"),
    ],
)
def test_trees_that_would_take_squared_time_are_refused(monkeypatch, text, message):
    monkeypatch.setattr("dfsrt.device.devicetree.reader.MOST_NODES", 50)
    monkeypatch.setattr("dfsrt.device.devicetree.reader.MOST_PROPERTIES", 50)
    with pytest.raises(DeviceError, match=message):
        import_device_tree(text)


def test_a_value_too_long_for_a_point_is_passed_over():
    text = "/ { firmware = <" + "0 " * 9000 + f">; }};\n{table(f'a {{ {HZ} {UV} }};')}"
    assert "freq_hz = 100" in import_device_tree(text).text
