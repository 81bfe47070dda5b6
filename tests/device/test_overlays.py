"""Overlays and trees laid upon one another, against fdtoverlay where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tomllib

import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.device.devicetree import import_device_tree, read_device_tree

BASE = """/dts-v1/;
/ {
    npu: npu@1 { operating-points-v2 = <&npu_opp_table>; };
    gpu@2 { operating-points-v2 = <&gpu_opp_table>; };
    gpu_opp_table: opp-table-gpu { opp-1 {
        opp-hz = /bits/ 64 <100000000>; opp-microvolt = <600000>; }; };
    npu_opp_table: opp-table-npu {
        compatible = "operating-points-v2";
        slow: opp-3 { opp-hz = /bits/ 64 <300000000>; opp-microvolt = <700000>; };
        opp-9 { opp-hz = /bits/ 64 <900000000>; opp-microvolt = <800000>; status = "disabled"; };
    };
};
"""
POINTS = """opp-9 { opp-microvolt = <820000>; status = "okay"; };
    opp-10 { opp-hz = /bits/ 64 <1000000000>; opp-microvolt = <900000>; };"""
FRAGMENT = "fragment@0 {{ {target}; __overlay__ {{ {points} }}; }};"
PATH = 'target-path = "/opp-table-npu"'
OVERLAYS = {
    "sugar": f"&npu_opp_table {{ {POINTS} }};",
    "label": f"/ {{ {FRAGMENT.format(target='target = <&npu_opp_table>', points=POINTS)} }};",
    "path": f"/ {{ {FRAGMENT.format(target=PATH, points=POINTS)} }};",
}
LAID = {300: 700, 900: 820, 1000: 900}
HEAD = "/dts-v1/;\n/plugin/;\n"


def points_of(tree, table="npu@1", **chosen):
    points = tomllib.loads(import_device_tree(tree, table=table, **chosen).text)["opp"]["points"]
    return {point["freq_hz"] / 1e6: point["rail_uv"] / 1e3 for point in points}


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def compiled(path):
    blob = path.with_suffix(".dtbo" if path.name.startswith("over") else ".dtb")
    subprocess.run(["dtc", "-q", "-@", "-O", "dtb", "-o", blob, path], check=True)
    return blob


@pytest.mark.parametrize("kind", OVERLAYS)
def test_an_overlay_is_laid_upon_its_base_in_either_order(kind, tmp_path):
    base = written(tmp_path, "base.dts", BASE)
    overlay = written(tmp_path, "overlay.dts", HEAD + OVERLAYS[kind])
    assert points_of(read_device_tree(base, overlay)) == LAID
    assert points_of(read_device_tree(overlay, base)) == LAID


@pytest.mark.skipif(shutil.which("fdtoverlay") is None, reason="fdtoverlay is not installed")
@pytest.mark.parametrize("kind", OVERLAYS)
def test_compiled_overlays_do_what_fdtoverlay_does(kind, tmp_path):
    base = written(tmp_path, "base.dts", BASE)
    overlay = written(tmp_path, "overlay.dts", HEAD + OVERLAYS[kind])
    blob, patch, both = compiled(base), compiled(overlay), tmp_path / "both.dtb"
    subprocess.run(["fdtoverlay", "-i", blob, "-o", both, patch], check=True, capture_output=True)
    for files in ((both,), (blob, patch), (base, patch), (blob, overlay)):
        assert points_of(read_device_tree(*files)) == LAID, files


@pytest.mark.skipif(shutil.which("fdtoverlay") is None, reason="fdtoverlay is not installed")
def test_an_overlay_may_bring_a_table_of_its_own(tmp_path):
    base = written(tmp_path, "base.dts", BASE)
    text = (
        HEAD
        + f"""&{{/}} {{ fast: opp-table-fast {{ {
            POINTS.replace("opp-9 {", "opp-9 { opp-hz = /bits/ 64 <900000000>;")
        } }}; }};
        &npu {{ operating-points-v2 = <&fast>; }};"""
    )
    overlay = written(tmp_path, "overlay.dts", text)
    blob, patch, both = compiled(base), compiled(overlay), tmp_path / "both.dtb"
    subprocess.run(["fdtoverlay", "-i", blob, "-o", both, patch], check=True, capture_output=True)
    for files in ((both,), (blob, patch), (base, overlay)):
        assert points_of(read_device_tree(*files)) == {900: 820, 1000: 900}, files


@pytest.mark.parametrize("kind", OVERLAYS)
def test_an_overlay_alone_says_that_its_base_is_needed(kind, tmp_path):
    overlay = written(tmp_path, "overlay.dts", HEAD + OVERLAYS[kind])
    with pytest.raises(
        DeviceError, match=r"an overlay: .*elsewhere; give the board's tree, too, l"
    ):
        import_device_tree(read_device_tree(overlay))


def test_points_of_an_overlay_are_taken_alone_where_its_table_is_named(tmp_path):
    overlay = written(tmp_path, "overlay.dts", f"{HEAD}&npu_opp_table {{ {POINTS} }};")
    imported = import_device_tree(read_device_tree(overlay), table="npu_opp_table")
    assert "freq_hz = 1_000_000_000" in imported.text
    assert imported.warnings == (
        "line 3: opp-9 has no opp-hz; skipped",
        "line 3: 'npu_opp_table' is defined elsewhere; what it has there is missing",
    )


@pytest.mark.skipif(shutil.which("dtc") is None, reason="dtc is not installed")
def test_a_compiled_overlay_names_its_table_as_a_shell_takes_it(tmp_path):
    overlay = written(tmp_path, "overlay.dts", f"{HEAD}&npu_opp_table {{ {POINTS} }};")
    tree = read_device_tree(compiled(overlay))
    with pytest.raises(DeviceError, match=r"take its points alone with --table npu_opp_table$"):
        import_device_tree(tree)
    assert points_of(tree, "npu_opp_table") == {1000: 900}


def test_a_second_file_that_is_no_overlay_goes_on_where_the_first_ends(tmp_path):
    base = written(tmp_path, "base.dts", BASE)
    more = written(tmp_path, "more.dtsi", f"&npu_opp_table {{ {POINTS} }};\n/delete-node/ &slow;")
    assert points_of(read_device_tree(base, more)) == {900: 820, 1000: 900}
    bad = written(tmp_path, "bad.dtsi", "\n&npu_opp_table { opp-3 { opp-microvolt = <1 2 }; };")
    with pytest.raises(DeviceError, match=r"bad.dtsi line 2: expected number"):
        read_device_tree(base, bad)
