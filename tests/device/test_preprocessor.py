"""The C preprocessor around device trees: called, bounded, done without; and advice that works."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree import Macros, bounded, cpp, import_device_tree, parse_supported_hw
from dfsrt.device.devicetree import read_device_tree as read

needs_cpp = pytest.mark.skipif(shutil.which("cpp") is None, reason="cpp is not installed")
BOARD = """#include <dt-bindings/clocks.h>
#include "soc.dtsi"
&npu_opp {
    opp-2 { opp-hz = /bits/ 64 <TOP_HZ>; opp-microvolt = <800000>; };
};
"""
SOC = """/dts-v1/;
/ { npu_opp: opp-table { opp-1 { opp-hz = /bits/ 64 <300000000>; opp-microvolt = <MV(700)>; }; }; };
"""
HEADER = "#define TOP_HZ 900000000\n#define MV(v) ((v) * 1000)\n"


@pytest.fixture
def board(tmp_path):
    """A board whose files lie as a kernel's do: beside one another, headers further up."""
    folder = tmp_path / "linux" / "arch" / "arm64" / "boot" / "dts"
    (tmp_path / "linux" / "include" / "dt-bindings").mkdir(parents=True)
    (tmp_path / "linux" / "include" / "dt-bindings" / "clocks.h").write_text(HEADER, "utf-8")
    folder.mkdir(parents=True)
    (folder / "soc.dtsi").write_text(SOC, "utf-8")
    (folder / "board.dts").write_text(BOARD, "utf-8")
    return folder / "board.dts"


def points_of(tree, **chosen):
    points = tomllib.loads(import_device_tree(tree, **chosen).text)["opp"]["points"]
    return {point["freq_hz"] / 1e6: point["rail_uv"] / 1e3 for point in points}


def refusal(tree, **chosen):
    with pytest.raises(DeviceError) as caught:
        import_device_tree(tree, **chosen)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@needs_cpp
def test_a_board_in_a_kernels_tree_is_read_whole(board):
    assert points_of(read(board)) == {300: 700, 900: 800}


@needs_cpp
def test_what_is_not_found_is_said_and_found_where_the_advice_points(board, tmp_path):
    away = tmp_path / "away.dts"
    away.write_text(BOARD, "utf-8")
    tree = read(away)
    message = refusal(tree)
    assert "'npu_opp', which is defined elsewhere; what it includes is not there (#incl" in message
    message = refusal(tree, table="npu_opp")
    assert "line 4: 'opp-hz' holds 'TOP_HZ', which nothing defines" in message
    assert "-D TOP_HZ=NUMBER" in message
    alone = read(away, macros=Macros(defines=["TOP_HZ=900000000"]))
    assert points_of(alone, table="npu_opp") == {900: 800}
    assert "#include soc.dtsi is not found" in " ".join(alone.notes)
    folders = [board.parent, tmp_path / "linux" / "include"]
    assert points_of(read(away, macros=Macros(folders))) == {300: 700, 900: 800}


def test_without_a_preprocessor_the_command_to_type_is_told_and_works(board, monkeypatch):
    monkeypatch.setattr(cpp.shutil, "which", lambda name: None)
    tree = read(board)
    (note,) = tree.notes
    assert note.startswith("line 1: 2 #include and #define are passed over; cpp is not installed")
    board.write_text("#ifdef X\n#endif\n" + BOARD, "utf-8")
    with pytest.raises(DeviceError, match="needs the C preprocessor; cpp is not installed") as no:
        read(board)
    monkeypatch.undo()
    if shutil.which("cpp"):
        command = shlex.split(str(no.value).partition("type: ")[2])
        subprocess.run(command, check=True, cwd=board.parent)
        assert points_of(read(board.parent / command[-1])) == {300: 700, 900: 800}


@needs_cpp
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n#error no board\n", "line 2: the C preprocessor says: #error no board"),
        ("#if 1\n/ {};\n", "line 1: the C preprocessor says: unterminated #if"),
        ('#include "a.dts"\n', "nested depth 200 exceeds|nested too deeply"),
        ('#include "/dev/null/x"\n', "the C preprocessor says: /dev/null/x"),
    ],
)
def test_what_the_preprocessor_refuses_is_one_line(tmp_path, text, message):
    (tmp_path / "a.dts").write_text(text, "utf-8")
    with pytest.raises(DeviceError, match=message) as caught:
        read(tmp_path / "a.dts")
    assert "\n" not in str(caught.value)


@needs_cpp
def test_a_preprocessor_that_does_not_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(bounded, "SECONDS", 1)
    monkeypatch.setattr(cpp, "_PROGRAMS", (("sh", "-c", "sleep 60"),))
    with pytest.raises(DeviceError, match="it took over 1 s"):
        read_text(tmp_path, "#define A 1\n/ {};")


def read_text(folder, text):
    (folder / "a.dts").write_text(text, "utf-8")
    return read(folder / "a.dts")


@pytest.mark.parametrize(
    ("macros", "message"),
    [
        (Macros(folders=["none"]), "-I 'none' is no folder"),
        (Macros(defines=["-x"]), "-D '-x' is no macro; write it like"),
        (Macros(defines=["A=1\n#define B"]), "is no macro"),
    ],
)
def test_folders_and_macros_that_are_none_are_refused(tmp_path, macros, message):
    (tmp_path / "a.dts").write_text("/ {};", "utf-8")
    macros = Macros([Path(folder) for folder in macros.folders], macros.defines)
    with pytest.raises(DeviceError, match=message):
        read(tmp_path / "a.dts", macros=macros)


# --- every choice that a message offers ---

HARDWARE = """t {
    a { opp-hz = /bits/ 64 <100>; opp-microvolt = <600000>; opp-supported-hw = <0xff 0x3>; };
    b { opp-hz = /bits/ 64 <200>; opp-microvolt = <700000>; opp-supported-hw = <0x8f 0x1>; };
    c { opp-hz = /bits/ 64 <200>; opp-microvolt = <650000>; opp-supported-hw = <0x30 0x3>; };
    d { opp-hz = /bits/ 64 <200>; opp-microvolt = <640000>; opp-supported-hw = <0x70 0x2>; };
    e { opp-hz = /bits/ 64 <300>; opp-microvolt = <500000>; opp-supported-hw = <0x04 0x3>; };
};"""


def test_every_hardware_version_that_is_offered_has_a_table_without_repeats():
    offered = refusal(HARDWARE).partition("one of: ")[2].split()
    assert offered[:2] == ["0x1,0x1", "0x1,0x2"]
    for version in offered:
        imported = import_device_tree(HARDWARE, supported_hw=parse_supported_hw(version))
        assert imported.warnings == ()
    assert "below the 700000 uV" in refusal(HARDWARE, supported_hw=(4, 1))


def test_every_table_that_is_offered_is_read():
    table = "{ opp-1 { opp-hz = /bits/ 64 <100>; opp-microvolt = <700000>; }; };"
    text = f"""/ {{ npu@1 {{ opp-table {table} }}; gpu@2 {{ opp-table {table} }}; l: x {table}
        cpu@0 {{ operating-points = <1 800000>; }}; }};"""
    offered = re.sub(r" \([^)]*\)", "", refusal(text).partition("--table: ")[2]).split(", ")
    assert offered == ["/npu@1/opp-table", "/gpu@2/opp-table", "l", "/cpu@0"]
    for choice in offered:
        import_device_tree(text, table=choice)


def test_hardware_is_asked_for_before_voltages_and_each_answer_leads_on():
    text = re.sub(r"opp-microvolt = <\d+>", "opp-level = <64>", HARDWARE)
    version = refusal(text).partition("one of: ")[2].split()[0]
    chosen = {"supported_hw": parse_supported_hw(version)}
    message = refusal(text, **chosen)
    offered = re.findall(r"--volts ([\w=]+)", message)
    assert offered == ["800mV", "64=600mV"]
    for volts in offered:
        import_device_tree(text, volts=(volts,), **chosen)
