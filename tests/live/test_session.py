"""A board in our hands: lock, kept settings, guard, writes, in that order; what each leaves."""

from __future__ import annotations

import errno
import os

import pytest

from dfsrt.base.errors import InputError, OutputError
from dfsrt.live import BoardError, Devfreq, Session, States, Sysfs
from dfsrt.live.boards import open_board
from dfsrt.live.guard import Watchdog
from tests.helpers.fake_devfreq import FOLDER, NAME, FakeDevfreq, Mirror

MHZ = 1_000_000
BOARD = f"devfreq:{NAME}"


class Guard:
    """A guard that notes what it hears."""

    def __init__(self):
        self.heard = []

    def beat(self):
        self.heard.append("beat")

    def dismiss(self):
        self.heard.append("dismiss")


@pytest.fixture
def fake():
    return FakeDevfreq(delay_s=0.0)


@pytest.fixture
def states(tmp_path):
    return States.below(tmp_path)


def session_of(fake, states, guard):
    return Session(Devfreq(fake, NAME, pause=lambda s: None), states, lambda lock: guard)


def test_settings_are_kept_before_the_first_write_and_dropped_after_the_last(fake, states):
    guard = Guard()
    with session_of(fake, states, guard) as session:
        assert fake.writes == []
        saved = states.load(BOARD)
        assert (saved.settings.governor, saved.pid) == ("simple_ondemand", os.getpid())
        assert states.is_held(BOARD)
        session.write(700 * MHZ)
    assert states.load(BOARD) is None
    assert not states.is_held(BOARD)
    assert guard.heard == ["beat", "dismiss"]
    assert fake.governor == "simple_ondemand"


def test_an_exception_inside_is_passed_on_after_everything_is_restored(fake, states):
    with pytest.raises(ZeroDivisionError), session_of(fake, states, Guard()) as session:
        session.write(700 * MHZ)
        raise ZeroDivisionError
    assert fake.governor == "simple_ondemand"
    assert states.pending() == ()


def test_where_no_guard_can_begin_nothing_is_kept_and_nothing_locked(fake, states):
    def fail(lock):
        raise OSError(errno.EAGAIN, "no process")

    with pytest.raises(OSError, match="no process"):
        Session(Devfreq(fake, NAME), states, fail).__enter__()
    assert (states.pending(), states.is_held(BOARD), fake.writes) == ((), False, [])


def test_rights_that_are_lost_meanwhile_leave_the_settings_kept_and_the_word_said(fake, states):
    with (
        pytest.raises(
            BoardError, match=r"could not be restored.*governor' may not be written"
        ) as e,
        session_of(fake, states, Guard()) as session,
    ):
        session.write(700 * MHZ)
        fake.denied = {"governor"}
    assert "its settings were governor simple_ondemand" in str(e.value)
    assert states.way_back in str(e.value)
    assert states.load(BOARD).settings.governor == "simple_ondemand"


def test_the_word_is_said_where_a_signal_ends_it_and_nothing_can_be_restored(fake, states, capfd):
    with pytest.raises(BoardError), session_of(fake, states, Guard()) as session:
        session.write(700 * MHZ)
        fake.gone = True
        raise KeyboardInterrupt
    said = capfd.readouterr().err
    assert f"{BOARD} could not be restored" in said
    assert states.way_back in said


def test_nothing_is_written_where_no_watchdog_can_begin(fake, states, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.executable", str(tmp_path / "no python"))
    board = Devfreq(fake, NAME)

    def watch(lock):
        return Watchdog(tmp_path, states.folder, board.id, lock)

    with pytest.raises(BoardError, match=r"watchdog of .* cannot be begun"):
        Session(board, states, watch).__enter__()
    assert (states.pending(), states.is_held(BOARD), fake.writes) == ((), False, [])


def test_a_board_that_waits_for_its_settings_is_given_to_nobody(fake, states):
    states.save(BOARD, Devfreq(fake, NAME).settings())
    with pytest.raises(InputError, match="put them back first"):
        session_of(fake, states, Guard()).__enter__()
    assert states.load(BOARD) is not None
    assert not states.is_held(BOARD)


def test_settings_of_an_earlier_start_of_the_machine_are_nothing(fake, states, tmp_path):
    boot = tmp_path / "proc/sys/kernel/random"
    boot.mkdir(parents=True)
    (boot / "boot_id").write_text("one\n")
    states.save(BOARD, Devfreq(fake, NAME).settings())
    (states.folder / ".devfreq_x.tmp-abcdefgh.json").write_text("of a command killed as it wrote")
    assert len(states.pending()) == 1
    (boot / "boot_id").write_text("two\n")
    assert states.pending() == ()


@pytest.mark.parametrize("text", ["", "{", '{"format": 1}', '{"format": 1, "board": 3}'])
def test_a_file_that_is_no_state_is_refused_by_name(states, text):
    states.folder.mkdir(parents=True)
    (states.folder / f"{BOARD}.json").write_text(text)
    with pytest.raises(InputError, match=f"{BOARD}.json' is no state"):
        states.load(BOARD)


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(OutputError, match="run as root, or give a writable one with --state"):
        States.below(tmp_path).lock(BOARD)


def test_the_way_back_names_what_is_not_usual(tmp_path):
    other = States(tmp_path / "s", tmp_path)
    assert other.way_back == (
        f"dfsrt live restore --yes --root {tmp_path} --state {tmp_path / 's'}"
    )


def test_a_recorded_tree_whose_links_lead_out_of_it_is_not_written(tmp_path):
    Mirror(FakeDevfreq(), tmp_path / "tree")
    outside = tmp_path / "mine"
    outside.write_text("precious")
    (tmp_path / "tree" / FOLDER / "governor").unlink()
    (tmp_path / "tree" / FOLDER / "governor").symlink_to(outside)
    with pytest.raises(BoardError, match="leads out of"):
        Sysfs(tmp_path / "tree").write(f"{FOLDER}/governor", "userspace")
    assert outside.read_text() == "precious"


def test_the_lone_npu_is_the_board_where_none_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no devfreq device"):
        open_board(Sysfs(tmp_path), None)
    for name in ("dmc", "fb000000.gpu"):
        (tmp_path / "sys/class/devfreq" / name).mkdir(parents=True)
    with pytest.raises(InputError, match="several boards; name one with --board: devfreq:dmc"):
        open_board(Sysfs(tmp_path), None)
    (tmp_path / "sys/class/devfreq" / NAME).mkdir()
    assert open_board(Sysfs(tmp_path), None).id == BOARD
    assert open_board(Sysfs(tmp_path), "dmc").id == "devfreq:dmc"
    assert open_board(Sysfs(tmp_path), "devfreq:dmc").id == "devfreq:dmc"
    with pytest.raises(InputError, match=r"unknown devfreq board 'dmx'.*dmc"):
        open_board(Sysfs(tmp_path), "dmx")
    with pytest.raises(InputError, match="only read"):
        open_board(Sysfs(tmp_path), "powercap:intel-rapl:0")
