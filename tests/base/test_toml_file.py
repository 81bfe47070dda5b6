"""Every TOML file is read in one way; what is wrong with it is told by file, place and remedy."""

from __future__ import annotations

import msgspec
import pytest

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.base.tomlfile import fit_table, parse_table, read_text, read_toml


class Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    mass: float
    note: str = ""


class Box(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    wide: float
    deep: float
    high: float
    lid: str = ""


class Thing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    size: int | str = 0
    part: list[Part] = []
    spare: dict[str, list[Part | str]] = {}
    box: list[Box] = []


GOOD = 'name = "a"\nsize = 3\n[[part]]\nmass = 1.5\n[spare]\nx = [{ mass = 2.0 }, "none"]\n'

WRONG = (
    ("size = 1", "thing '{}': key 'name' is missing; add it"),
    ("[[box]]\nwide = 1", "keys 'deep', 'high' of box[0] are missing; add them"),
    ('name = "a"\n[[box]]\n[[box]]', "keys 'wide', 'deep', 'high' of box[0] are missing; add them"),
    ('name = "a"\n[[box]]\nwide = 1\nhigh = 2', "key 'deep' of box[0] is missing; add it"),
    ('name = "a"\nsise = 1', "unknown key 'sise'; did you mean 'size'?"),
    ('name = "a"\n[[part]]\nmess = 1', "unknown key of part[0] 'mess'; did you mean 'mass'?"),
    ('name = "a"\n[spare]\nx = [{ mess = 1 }]', "unknown key of spare[...][0] 'mess'"),
    ("name = 3", "'name' is a whole number; give text in quotes"),
    ('name = "a"\nsize = [1]', "'size' is a list; give a whole number or text in quotes"),
    ('name = "a', "thing '{}' is not valid TOML: Unterminated string"),
    ('name = "a"\nsize = = 2', "at line 2, column 8"),
    ("x = " + "[" * 5000, "thing '{}' nests too deeply; write it flatter"),
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "thing.toml"


def test_a_file_is_read_as_its_shape_with_or_without_a_byte_order_mark(file):
    for encoding in ("utf-8", "utf-8-sig"):
        file.write_text(GOOD, encoding=encoding)
        part = Part(mass=1.5)
        spare = {"x": [Part(mass=2.0), "none"]}
        assert read_toml(file, Thing, "thing") == Thing(name="a", size=3, part=[part], spare=spare)


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_is_wrong_is_told_with_its_place_and_what_is_allowed(file, text, message):
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_toml(file, Thing, "thing")
    assert message.format(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_says_what_to_give_instead(file):
    for known, give, told in (
        ((), "", "give a .toml file"),
        (("a", "b"), "", "give a .toml file or one of a, b"),
        ((), "a thing", "give a thing"),
    ):
        with pytest.raises(InputError, match=f"cannot read thing .*No such file.*; {told}$"):
            read_toml(file, Thing, "thing", known, give)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"thing .* is not a text file; give a \.toml file$"):
        read_toml(file, Thing, "thing")
    with pytest.raises(InputError, match=r"cannot read thing .*: Is a directory; give"):
        read_toml(file.parent, Thing, "thing")


def test_a_room_can_name_its_own_error(file):
    with pytest.raises(DeviceError, match="cannot read"):
        read_text(file, "device", "a file", DeviceError)
    with pytest.raises(DeviceError, match="not valid TOML"):
        parse_table("x =", "device", DeviceError)
    with pytest.raises(DeviceError, match="is missing"):
        fit_table({}, Thing, "device", DeviceError)
