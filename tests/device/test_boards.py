"""Twenty boards of as many patterns, in every form that people have them in."""

from __future__ import annotations

import random
import re
import shutil
import struct
import subprocess
import tomllib
from pathlib import Path

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree import Macros, import_device_tree, read_device_tree

BOARDS = Path(__file__).parent / "boards"
needs_dtc = pytest.mark.skipif(shutil.which("dtc") is None, reason="dtc is not installed")
needs_cpp = pytest.mark.skipif(shutil.which("cpp") is None, reason="cpp is not installed")

# Read by eye from the files: path of the table, what has to be chosen, MHz and mV of each point.
GOLDEN = {
    "rockchip-npu": ("/npu-opp-table", {"supported_hw": (1, 1)}, {300: 700, 700: 750}),
    "amlogic-g12b": ("/opp-table-1", {}, {1000: 771, 1512: 780, 1800: 921}),
    "mediatek-gpu": ("/opp-table-gpu", {"supported_hw": (0x40,)}, {390: 575, 880: 687.5}),
    "mediatek-cci": ("/opp-table-cci", {}, {500: 650, 1400: 800}),
    "qcom-gpu": (
        "/soc@0/gpu@3d00000/opp-table",
        {"volts": ("64=600mV", "256=750mV")},
        {295: 600, 680: 750},
    ),
    "qcom-corner": (
        "/opp-table-npu",
        {"volts": ("64=0.6V", "0.8V")},
        {200: 600, 500: 800, 800: 800},
    ),
    "qcom-required": (
        "/opp-table-venus",
        {"volts": ("128=600mV", "256=700mV")},
        {150: 600, 434: 700},
    ),
    "qcom-pwrlevels": (
        "/qcom,kgsl-3d0@5000000/qcom,gpu-pwrlevels",
        {"volts": ("128=700mV", "256=850mV")},
        {355: 700, 650: 850},
    ),
    "samsung-exynos": ("/opp-table-0", {}, {200: 900, 1400: 1287.5, 1500: 1350}),
    "samsung-v1": ("/cpus/cpu@a00", {}, {200: 900, 1000: 1150, 1200: 1250}),
    "allwinner-h6": ("/opp-table-cpu", {"default_bin": "speed1"}, {480: 820, 1320: 880}),
    "allwinner-a20": ("/cpus/cpu@0", {}, {720: 1150, 912: 1400}),
    "freescale-imx8m": ("/opp-table", {"supported_hw": (4, 1)}, {1000: 900, 1300: 1000}),
    "freescale-imx6": ("/cpu@0", {}, {396: 975, 792: 1175, 996: 1250}),
    "renesas-r8a7796": ("/opp-table-0", {}, {1500: 830, 1600: 900}),
    "starfive-jh7110": ("/opp-table-0", {}, {375: 800, 1500: 1040}),
    "tegra-emc": ("/opp-table-vde", {}, {95: 950, 240: 1200}),
    "tegra-cpu": ("/opp-table-cpu0", {"supported_hw": (2, 2)}, {216: 750, 760: 875}),
    "ti-am62": ("/opp-table-ufs", {}, {75: 850, 300: 900}),
    "same-names": ("/npu@1000/opp-table", {}, {300: 700, 900: 800}),
}


def points_of(tree, table, **chosen):
    """Return MHz and mV of every point, in the default bin."""
    opp = tomllib.loads(import_device_tree(tree, table=table, **chosen).text)["opp"]
    return {
        point["freq_hz"] / 1e6: point.get("bins", {}).get(opp["default_bin"], point["rail_uv"])
        / 1e3
        for point in opp["points"]
    }


def preprocessed(board, folder):
    """Return the text of a board as cpp leaves it, with line markers."""
    path = folder / f"{board}.pp.dts"
    command = ["cpp", "-nostdinc", "-undef", "-x", "assembler-with-cpp", f"-I{BOARDS}"]
    text = subprocess.run(
        [*command, BOARDS / f"{board}.dts"], check=True, capture_output=True, text=True
    ).stdout
    path.write_text(text.replace('/include/ "', f'/include/ "{BOARDS}/'), encoding="utf-8")
    return path


def by_dtc(path, made):
    """Return ``made``, which dtc makes of ``path``, source or compiled, by its suffix."""
    form = ["-I", path.suffix[1:], "-O", made.suffix[1:], "-@"]
    subprocess.run(["dtc", "-q", "-f", *form, "-o", made, path], check=True, capture_output=True)
    return made


@needs_cpp
@pytest.mark.parametrize("board", GOLDEN)
def test_a_boards_source_has_the_points_that_people_read_in_it(board):
    table, chosen, points = GOLDEN[board]
    assert points_of(read_device_tree(BOARDS / f"{board}.dts"), table, **chosen) == points


@needs_cpp
@needs_dtc
@pytest.mark.parametrize("board", GOLDEN)
def test_points_are_the_same_preprocessed_compiled_and_decompiled(board, tmp_path):
    table, chosen, points = GOLDEN[board]
    text = preprocessed(board, tmp_path)
    blob = by_dtc(text, tmp_path / "board.dtb")
    decompiled = by_dtc(blob, tmp_path / "decompiled.dts")
    for form in (text, blob, decompiled):
        assert points_of(read_device_tree(form), table, **chosen) == points, form.name


# --- what dtc reads in changed trees, by a reader that shares nothing with the product ---


def naive_tree(blob):
    """Return all properties of a flattened tree by path, from its bytes alone."""
    at, strings = struct.unpack_from(">II", blob, 8)
    path, found = [], {}
    while True:
        (tag,) = struct.unpack_from(">I", blob, at)
        at += 4
        if tag == 1:
            name = blob[at : blob.index(b"\0", at)].decode()
            path.append(name)
            at += (len(name) + 4) // 4 * 4
        elif tag == 2:
            path.pop()
        elif tag == 3:
            size, name_at = struct.unpack_from(">II", blob, at)
            name_at += strings
            name = blob[name_at : blob.index(b"\0", name_at)].decode()
            found["/".join(path) or "/", name] = blob[at + 8 : at + 8 + size]
            at += 8 + (size + 3) // 4 * 4
        elif tag == 9:
            return found


def naive_points(blob, table):
    """Return MHz and mV in ``table``, by what the bindings say of clocks and first voltages."""
    tree = naive_tree(blob)
    points = {}
    for (path, name), value in tree.items():
        is_on = tree.get((path, "status"), b"okay\0") in (b"okay\0", b"ok\0")
        if path.rpartition("/")[0] == table and name == "opp-hz" and is_on:
            volts = struct.unpack_from(">I", tree[path, "opp-microvolt"])[0]
            points.setdefault(struct.unpack_from(">Q", value)[0] / 1e6, volts / 1e3)
    return points


def mutated(text, random):
    """Return ``text`` with a number, a name or a line changed, doubled or taken away."""
    lines = text.split("\n")
    for _ in range(random.choice((1, 1, 2, 3))):
        at = random.randrange(len(lines))
        match random.randrange(7):
            case 0:
                lines[at] = re.sub(r"\d{3,}", lambda m: str(int(m[0]) + 12_500), lines[at])
            case 1:
                lines.insert(at, lines[at])
            case 2:
                del lines[at]
                lines = lines or [""]
            case 3:
                start = random.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:start] + random.choice('{};<>=",&/(') + lines[at][start:]
            case 4:
                lines[at] = (
                    lines[at].replace("okay", "disabled").replace(" };", ' status = "ok"; };')
                )
            case 5:
                lines[at] = re.sub(r"<(\d+)>", lambda m: f"<(0x{int(m[1]):x})>", lines[at])
            case 6:
                lines[at] = lines[at][: random.randrange(len(lines[at]) + 1)]
    return "\n".join(lines)


PLAIN = ("amlogic-g12b", "mediatek-cci", "samsung-exynos", "starfive-jh7110", "ti-am62")


@needs_dtc
def test_what_dtc_takes_of_changed_trees_has_the_points_that_dtc_sees(tmp_path):
    choice = random.Random(17)
    same = 0
    for index in range(200):
        board = choice.choice(PLAIN)
        table = GOLDEN[board][0]
        path = tmp_path / f"{index}.dts"
        path.write_text(mutated((BOARDS / f"{board}.dts").read_text("utf-8"), choice), "utf-8")
        try:
            ours = points_of(read_device_tree(path), table)
        except DeviceError as error:
            assert "\n" not in str(error)
            continue
        done = subprocess.run(["dtc", "-q", "-O", "dtb", path], capture_output=True, check=False)
        if done.returncode == 0:
            assert ours == naive_points(done.stdout, table), path.read_text("utf-8")
            same += 1
    assert same > 70


@needs_cpp
def test_damaged_text_and_blobs_give_a_file_or_one_line(tmp_path):
    choice = random.Random(18)
    blob = blob_of({"opp-300": (300_000_000, 700_000), "opp-900": (900_000_000, 800_000)})
    for index in range(300):
        path = tmp_path / "tree"
        if index % 3:
            damaged = bytearray(blob)
            for _ in range(choice.randint(1, 4)):
                damaged[choice.randrange(4, len(damaged))] = choice.randrange(256)
            path.write_bytes(damaged[: choice.randrange(4, len(damaged))] if index % 5 else damaged)
        else:
            board = choice.choice(list(GOLDEN))
            source = (BOARDS / f"{board}.dts").read_text("utf-8")
            path.write_text(re.sub("(?m)^#.*", "", mutated(source, choice)), "utf-8")
        try:
            import_device_tree(read_device_tree(path), volts=("0.8V",))
        except DeviceError as error:
            assert "\n" not in str(error)


def blob_of(points):
    """Return a flattened tree with one table, put together byte by byte."""
    strings = b"opp-hz\0opp-microvolt\0"

    def text(name):
        return name.encode() + b"\0" * (4 - len(name) % 4)

    def number(at, value):
        return struct.pack(">III", 3, len(value), at) + value

    structure = struct.pack(">I", 1) + text("") + struct.pack(">I", 1) + text("opp-table")
    for name, (freq_hz, rail_uv) in points.items():
        structure += struct.pack(">I", 1) + text(name)
        structure += number(0, struct.pack(">Q", freq_hz)) + number(7, struct.pack(">I", rail_uv))
        structure += struct.pack(">I", 2)
    structure += struct.pack(">III", 2, 2, 9)
    start = 56
    total = start + len(structure) + len(strings)
    sizes = (len(strings), len(structure))
    head = (0xD00DFEED, total, start, start + len(structure), 40, 17, 16, 0, *sizes)
    return struct.pack(">10I", *head) + bytes(16) + structure + strings


def test_a_blob_made_by_hand_is_read(tmp_path):
    path = tmp_path / "a.dtb"
    path.write_bytes(blob_of({"opp-9": (900_000_000, 800_000), "opp-3": (300_000_000, 700_000)}))
    assert points_of(read_device_tree(path), "") == {300: 700, 900: 800}


def test_a_running_kernels_tree_is_read_from_its_folder(tmp_path):
    board = tmp_path / "base"
    for path, value in {
        "compatible": b"vendor,board\0",
        "npu@1/operating-points-v2": struct.pack(">I", 7),
        "npu@1/name": b"npu\0",
        "opp-table/phandle": struct.pack(">I", 7),
        "opp-table/opp-3/opp-hz": struct.pack(">Q", 300_000_000),
        "opp-table/opp-3/opp-microvolt": struct.pack(">I", 800_000),
        "gpu-table/opp-3/opp-hz": struct.pack(">Q", 300_000_000),
    }.items():
        (board / path).parent.mkdir(parents=True, exist_ok=True)
        (board / path).write_bytes(value)
    (board / "gpu-table" / "loop").symlink_to(board)
    assert points_of(read_device_tree(board), "npu@1") == {300: 800}
    with pytest.raises(DeviceError, match=r"base: /gpu-table/opp-3: 1 of 1 points name no voltage"):
        points_of(read_device_tree(board), "gpu-table")


@needs_cpp
def test_folders_and_macros_reach_the_preprocessor(tmp_path):
    source = """#include <clocks.h>
    / { t: opp-table { opp { opp-hz = /bits/ 64 <TOP>; opp-microvolt = <MV(850)>; }; }; };"""
    (tmp_path / "board.dts").write_text(source, "utf-8")
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "clocks.h").write_text("#define MV(v) ((v) * 1000)\n", "utf-8")
    macros = Macros([tmp_path / "include"], ["TOP=900000000"])
    assert points_of(read_device_tree(tmp_path / "board.dts", macros=macros), "t") == {900: 850}
