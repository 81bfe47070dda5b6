"""A devfreq board: read, set within its table and limits, put back; on a device that behaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.live import BoardError, Devfreq, Settings
from tests.helpers.fake_devfreq import GOVERNORS, NAME, POINTS, FakeDevfreq

MHZ = 1_000_000


class Clock:
    """Time that passes where somebody waits."""

    def __init__(self):
        self.s = 100.0

    def now(self):
        return self.s

    def wait(self, seconds):
        self.s += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fake(clock):
    return FakeDevfreq(clock.now)


def board_of(fake, clock, method="auto"):
    return Devfreq(fake, NAME, method, pause=clock.wait)


def test_a_board_shows_its_clocks_who_sets_them_and_its_load(fake, clock):
    fake.demand_hz = 120 * MHZ
    board = board_of(fake, clock)
    assert board.points() == POINTS
    reading = board.read()
    assert (reading.freq_hz, reading.load) == (300 * MHZ, 0.4)
    assert board.settings().governor == "simple_ondemand"
    assert board.limits() == (300 * MHZ, 1000 * MHZ)


def test_a_written_clock_is_read_back_after_it_has_taken_effect(fake, clock):
    assert board_of(fake, clock).write(800 * MHZ) == 800 * MHZ
    assert clock.s == pytest.approx(100.004)  # it takes 4 ms, which is the first look
    assert fake.writes == [("governor", "userspace"), ("userspace/set_freq", "800000000")]


def test_what_firmware_rounds_a_clock_to_is_what_is_reported(fake, clock):
    fake.rounds = {800 * MHZ: 792 * MHZ}
    assert board_of(fake, clock).write(800 * MHZ) == 792 * MHZ
    assert clock.s == pytest.approx(100.012)  # the same at 4 and at 12 ms


@pytest.mark.parametrize("method", ["userspace", "limits"])
def test_everything_is_as_before_after_restore(fake, clock, method):
    board = board_of(fake, clock, method)
    before = board.remember()
    for freq_hz in (800 * MHZ, 400 * MHZ, 1000 * MHZ):
        assert board.write(freq_hz) == freq_hz
    assert board.settings() != before
    board.restore()
    assert board.settings() == before
    assert before == Settings(
        governor="simple_ondemand", min_freq_hz=300 * MHZ, max_freq_hz=1000 * MHZ
    )


def test_a_board_that_was_in_userspace_gets_its_old_clock_back(fake, clock):
    fake.governor, fake.told = "userspace", 500 * MHZ
    board = board_of(fake, clock)
    board.write(900 * MHZ)
    board.restore()
    assert (fake.governor, fake.told) == ("userspace", 500 * MHZ)


@given(st.lists(st.sampled_from(POINTS), min_size=1, max_size=6), st.sampled_from(GOVERNORS))
def test_limits_are_moved_in_an_order_that_old_kernels_take_and_never_beyond(clocks, governor):
    clock = Clock()
    fake = FakeDevfreq(clock.now)
    fake.governor, fake.crossing = governor, True
    fake.low, fake.high = 400 * MHZ, 900 * MHZ
    board = board_of(fake, clock, "limits")
    before = board.remember()
    for freq_hz in clocks:
        if 400 * MHZ <= freq_hz <= 900 * MHZ:
            assert board.write(freq_hz) == freq_hz
        else:
            with pytest.raises(InputError, match="never widened"):
                board.write(freq_hz)
        assert 400 * MHZ <= fake.low <= fake.high <= 900 * MHZ
    board.restore()
    assert board.settings() == before


@given(st.integers(0, 2 * 10**9))
def test_a_clock_outside_of_the_table_is_never_written(freq_hz):
    fake = FakeDevfreq(Clock().now)
    board = board_of(fake, Clock())
    if freq_hz in POINTS:
        assert board.steps(freq_hz)
    else:
        with pytest.raises(InputError, match="does not offer"):
            board.write(freq_hz)
    assert fake.writes == []


def test_without_a_userspace_governor_the_limits_hold_the_clock(clock):
    fake = FakeDevfreq(clock.now, governors=("powersave", "performance"))
    board = board_of(fake, clock)
    assert board.method == "limits"
    assert board.write(600 * MHZ) == 600 * MHZ
    assert fake.governor == "performance"


@pytest.mark.parametrize(
    ("file", "said"),
    [("governor", "may not be written"), ("userspace/set_freq", "may not be written")],
)
def test_a_file_without_rights_is_named_with_what_to_do(fake, clock, file, said):
    fake.denied = {file}
    with pytest.raises(BoardError, match=f"{file}' {said}.*run as root"):
        board_of(fake, clock).write(800 * MHZ)


def test_a_refused_value_is_named(fake, clock):
    board = board_of(fake, clock)
    board.points()
    fake.governors = ("simple_ondemand",)
    with pytest.raises(BoardError, match="governor' refused 'userspace'"):
        Devfreq(fake, NAME, "userspace").write(800 * MHZ)


def test_of_a_board_that_vanished_each_file_that_stays_changed_is_named(fake, clock):
    board = board_of(fake, clock)
    board.remember()
    board.write(800 * MHZ)
    fake.gone = True
    with pytest.raises(BoardError, match=r"min_freq' is not there.*governor' is not there"):
        board.restore()


def test_what_can_be_restored_is_where_a_part_cannot(fake, clock):
    board = board_of(fake, clock, "limits")
    board.remember()
    board.write(800 * MHZ)
    fake.governor = "userspace"
    fake.denied = {"max_freq"}
    with pytest.raises(BoardError, match="max_freq' may not be written"):
        board.restore()
    assert fake.governor == "simple_ondemand"
