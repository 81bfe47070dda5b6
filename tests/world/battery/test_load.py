"""Battery files: the shelf, and one clear line for what no battery can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import ranged_numbers
from dfsrt.world.battery import battery_names, load_battery
from dfsrt.world.battery.load import SHELF

GOOD = (SHELF / "phone-4700.toml").read_text()


def written(tmp_path: Path, old: str, new: str) -> str:
    assert old in GOOD
    path = tmp_path / "cell.toml"
    path.write_text(GOOD.replace(old, new, 1))
    return str(path)


@pytest.mark.parametrize("name", battery_names())
def test_every_number_on_the_shelf_has_a_source_or_a_range(name: str) -> None:
    battery = load_battery(name)
    assert battery.name == name
    for path, number in ranged_numbers(battery):
        assert number.source, path
        assert not number.assumed or number.low < number.high, path


def test_the_ai2020_cell_holds_the_energy_of_the_fact_sheet() -> None:
    assert load_battery("ai2020").energy_j() / 3600 == pytest.approx(8.70, abs=0.005)
    assert load_battery("lg-m50").energy_j() / 3600 == pytest.approx(18.6, abs=0.05)


def test_age_takes_capacity_and_adds_resistance() -> None:
    new, old = (load_battery("phone-4700").pack(*age) for age in ((1.0, 1.0), (0.8, 1.5)))
    assert old.capacity_c == pytest.approx(0.8 * new.capacity_c)
    assert old.r0_ohm == pytest.approx(1.5 * new.r0_ohm)
    assert old.path_ohm == new.path_ohm


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('value = "4.7 Ah"', 'value = "4.7 W"', "capacity '4.7 W' is not a quantity in Ah"),
        ('value = "4.7 Ah"', 'value = "-4.7 Ah"', "capacity '-4.7 Ah' is out of range"),
        ("soc = [0.0, 0.05", "soc = [0.0, 0.0", "does not rise from soc 0 to 1"),
        ("volts = [3.0, 3.5421", "volts = [3.6, 3.5421", "does not rise from soc 0 to 1"),
        ('cutoff = { value = "3.35 V", low = "3.3 V", high = "3.4 V"',
         'cutoff = { value = "4.6 V", low = "3.3 V", high = "4.7 V"', "do not ascend"),
        ('brownout = { value = "2.9 V", low = "2.7 V", high = "3.1 V"',
         'brownout = { value = "3.5 V", low = "2.7 V", high = "3.6 V"', "do not ascend"),
        ('low = "30 mOhm"', 'low = "50 mOhm"', "lies outside its range"),
        ("cutoff = ", "cutof = ", "unknown key 'cutof'; did you mean 'cutoff'?"),
        ('model = "ecm"', 'model = "kibam"', "model 'kibam' has no RC pairs"),
        ('model = "ecm"', 'model = "magic"', "'model'"),
        (', low = "30 mOhm", high = "60 mOhm"', "", "is assumed without a range"),
        ("format = 1", "format = 2", "this dfsrt reads format 1"),
    ],
)  # fmt: skip
def test_an_impossible_battery_is_one_clear_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(InputError) as failure:
        load_battery(path)
    assert told in str(failure.value)
    assert "\n" not in str(failure.value)


def test_an_unknown_battery_is_met_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'phone-4700'"):
        load_battery("phone-470")


def test_an_age_beyond_sense_is_refused() -> None:
    battery = load_battery("phone-4700")
    with pytest.raises(InputError, match="health"):
        battery.pack(health=1.1)
    with pytest.raises(InputError, match="growth"):
        battery.pack(growth=0.5)
