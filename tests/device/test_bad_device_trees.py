"""Device-tree text that cannot be imported: one DeviceError, with the line and what to do."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree import import_device_tree

HZ = "opp-hz = /bits/ 64 <100>;"
UV = "opp-microvolt = <700000>;"


def table(*nodes):
    """Return a table whose first node stands in line 2."""
    return "\n".join(["t {", *nodes, "};"])


BAD = [
    ("", "the text is empty"),
    (" \n\n", "the text is empty"),
    ("/* nothing */", "no node holds points with opp-hz"),
    ("hello world", "line 1: 'hello' is followed by 'world'; add ';' after it"),
    ("\n\0\1\2", r"line 2: '\\x00' is not device-tree source"),
    ("{}", "line 1: '{' cannot start a statement"),
    ("};", "line 1: '}' cannot start a statement"),
    ("t { };", "no node holds points with opp-hz"),
    ("t { opp-1 { opp-microvolt = <1>; }; };", "no node holds points with opp-hz"),
    ("t {\n a {\n b = <1>;", "line 2: node 'a' is not closed; add '};'"),
    ("a { " * 100, "nest deeper than 64"),
    ("&t", "line 1: '&t' is followed by the end of the text; add '{'"),
    ("\n/* open", "line 2: the comment that opens here is not closed"),
    ('\n\na = "open', "line 3: the text in quotes that opens here is not closed"),
    ("a = <(1 + 2>;", "line 1: the parenthesis that opens here is not closed"),
    ("a = 5;", "line 1: the value of 'a' is '5'; write numbers as <1 2>"),
    ("a = <1 2;", "line 1: 'a' has ';' before its '>'; add '>'"),
    ("a = /bits/ 7 <1>;", "line 1: /bits/ 7 is unknown; use 8, 16, 32 or 64"),
    ("t { } u { };", "line 1: the '}' of node 't' .line 1. is followed by 'u'; add ';'"),
    (table("a { opp-hz = /bits/ 64 <1>", f"{UV} }};"), "line 2: 'opp-hz' is followed by 'opp-m"),
    (table(f"a {{ opp-suspend {HZ} {UV} }};"), "line 2: 'opp-suspend' is followed by 'opp-hz'"),
    (table(f"a {{ {HZ} }};"), "line 2: a has no opp-microvolt; add it"),
    (table(f"a {{ {HZ} {UV} }};", f"b {{ {UV} }};"), "line 3: b has no opp-hz; add it"),
    (table(f"a {{ {HZ} {UV} }};", f"a {{ {HZ} {UV} }};"), "line 3: 'a' stands in line 2 of the"),
    (table(f"a {{ {HZ}", f"{HZ} {UV} }};"), "line 3: 'opp-hz' stands in line 2 of the same node"),
    (table(f"a {{ opp-hz = <100>; {UV} }};"), "line 2: 'opp-hz' has one 32-bit cell; write it"),
    (table(f"a {{ opp-hz; {UV} }};"), "line 2: 'opp-hz' has no number"),
    (table(f"a {{ opp-hz = <>; {UV} }};"), "line 2: 'opp-hz' has no number"),
    (table(f'a {{ opp-hz = "1"; {UV} }};'), "line 2: 'opp-hz' has no number"),
    (table(f"a {{ opp-hz = /bits/ 64 <F>; {UV} }};"), "line 2: 'opp-hz' holds 'F', which is no"),
    (table(f"a {{ opp-hz = /bits/ 64 <089>; {UV} }};"), "holds '089', which is no number"),
    (table(f"a {{ opp-hz = /bits/ 64 <(2 ** 9)>; {UV} }};"), "which is no number"),
    (table(f"a {{ opp-hz = /bits/ 64 <(1 / 0)>; {UV} }};"), "which is no number"),
    (table(f"a {{ opp-hz = /bits/ 64 <(1 << 99)>; {UV} }};"), "which is no number"),
    (table(f"a {{ opp-hz = /bits/ 64 <(1 - 2)>; {UV} }};"), "holds -1; allowed in a 64-bit"),
    (table(f"a {{ opp-hz = <5000000000 1>; {UV} }};"), "32-bit cell is 0 to 4294967295; write /bi"),
    (table(f"a {{ opp-hz = /bits/ 64 <0>; {UV} }};"), "line 2: a is 0 Hz at 700000 uV; allowed"),
    (table(f"a {{ {HZ} opp-microvolt = <0>; }};"), "line 2: a is 100 Hz at 0 uV; allowed is"),
    (table(f"a {{ {HZ} opp-microvolt = <850000000>; }};"), "1 uV to 10 V"),
    (table(f"a {{ {HZ} opp-microvolt = <5 7 9>; }};"), "target 5, minimum 7, maximum 9"),
    (table(f"a {{ {HZ} {UV} }};", f"b {{ {HZ} {UV} }};"), "line 3: b has the clock 100 Hz of a in"),
    (table(f'a {{ {HZ} {UV} status = "disabled"; }};'), "no enabled point is left"),
    (table(f"a {{ {HZ} {UV} }};", "/delete-node/ b;"), "line 3: /delete-node/ in an operating"),
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
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_malformed_text_is_refused_with_its_line(text, message):
    with pytest.raises(DeviceError, match=message) as caught:
        import_device_tree(text, source="board.dts")
    assert str(caught.value).startswith("board.dts: ")
    assert "\n" not in str(caught.value)


def test_hardware_that_no_point_supports_is_refused_with_the_known_masks():
    text = table(f"a {{ {HZ} {UV} opp-supported-hw = <1 2>; }};")
    with pytest.raises(
        DeviceError, match=r"no enabled point is left for hardware 0x2,0x2; .*0x1,0"
    ):
        import_device_tree(text, supported_hw=(2, 2))


def test_hardware_of_another_number_of_levels_is_refused():
    text = table(f"a {{ {HZ} {UV} opp-supported-hw = <1 2>; }};")
    with pytest.raises(DeviceError, match=r"has 2 levels, --supported-hw has 3 .0x1,0x1,0x1."):
        import_device_tree(text, supported_hw=(1, 1, 1))


def test_unknown_base_is_refused():
    with pytest.raises(DeviceError, match="unknown preset 'mdl'; did you mean 'mdla'"):
        import_device_tree(table(f"a {{ {HZ} {UV} }};"), base="mdl")


pieces = st.sampled_from(
    [*'{};<>=()[],/-#\\"\n', "};", "//", "/*", "*/", "#if", "t", "a", "t:", "&t", "100", "0x"]
) | st.sampled_from(["opp-hz", "opp-microvolt", "/bits/ 64", f"a {{ {HZ} {UV} }};"])


@given(st.lists(pieces, max_size=30).map(" ".join) | st.text())
@example("(" * 300)
@example("a = <" + "(" * 150 + ")" * 150 + ">;")
@example(table("a { opp-hz = <" + "(" * 99 + "1" + ")" * 99 + f" 1>; {UV} }};"))
def test_any_text_gives_a_file_or_one_device_error(text):
    try:
        import_device_tree(text)
    except DeviceError as error:
        assert "\n" not in str(error)
