"""What is kept on disk is found again, heals where it is damaged, and never gets in the way."""

from __future__ import annotations

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base import keep as keeping
from dfsrt.base.cache_folder import cache_root, why_unusable
from dfsrt.base.keep import Keep
from dfsrt.base.sources import package_digest


@pytest.fixture
def keep(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(keeping, "package_digest", lambda _memory: "this version")
    return Keep("things", most_bytes=1_000)


def files(keep):
    return sorted(keep.folder.iterdir())


def test_what_was_put_is_found_under_its_key_alone(keep):
    assert keep.get("a") is None
    assert keep.put("a", value=b"one")
    assert keep.put("a", "b", value=b"")
    assert (keep.get("a"), keep.get("a", "b"), keep.get("a\nb")) == (b"one", b"", None)
    assert keep.put("a", value=b"two")
    assert keep.get("a") == b"two"
    assert len(files(keep)) == 2


@given(key=st.lists(st.text(), min_size=1, max_size=3), value=st.binary(max_size=100))
def test_any_bytes_come_back_as_they_were(tmp_path_factory, key, value):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(keeping, "package_digest", lambda _memory: "this version")
        keep = Keep("things", most_bytes=1_000)
        assert keep.put(*key, value=value)
        assert keep.get(*key) == value


def damaged(content):
    yield b""
    yield content[:-1]
    yield content[:10]
    yield content + b"x"
    yield b"x" + content
    for place in range(len(content)):
        yield content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def test_a_damaged_or_truncated_file_counts_as_absent_and_heals(keep):
    keep.put("a", value=b"value")
    (path,) = files(keep)
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        assert keep.get("a") is None
    assert keep.put("a", value=b"value")
    assert keep.get("a") == b"value"


def test_a_file_under_anothers_name_is_not_believed(keep):
    keep.put("a", value=b"of a")
    (of_a,) = files(keep)
    keep.put("b", value=b"of b")
    of_b = next(path for path in files(keep) if path != of_a)
    of_b.write_bytes(of_a.read_bytes())
    assert (keep.get("a"), keep.get("b")) == (b"of a", None)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_file_is_never_waited_for(keep, make):
    keep.put("a", value=b"value")
    (path,) = files(keep)
    path.unlink()
    make(path)
    assert keep.get("a") is None
    keep.put("a", value=b"value")  # a folder stays in the way; nothing fails
    assert keep.get("a") in (b"value", None)


def test_a_pipe_for_the_memory_of_digests_is_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "sources")
    package_digest(tmp_path / "sources")


def test_another_version_of_sources_or_libraries_sees_nothing(keep, monkeypatch):
    keep.put("a", value=b"value")
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "package_digest", lambda _memory: "other")
        assert keep.get("a") is None
    with monkeypatch.context() as patch:
        patch.setattr("sys.version", "other")
        assert keep.get("a") is None
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "installed", lambda _package: "other")
        assert keep.get("a") is None
    assert keep.get("a") == b"value"


def test_while_sources_change_nothing_is_kept(keep, monkeypatch):
    monkeypatch.setattr(keeping, "package_digest", lambda _memory: None)
    assert not keep.put("a", value=b"value")
    assert keep.get("a") is None


def test_those_used_longest_ago_make_room(keep):
    keep.put("rest", value=b"")
    (path,) = files(keep)
    head = path.stat().st_size
    keep = Keep("things", most_bytes=3 * (head + 100))
    for name in "abc":
        keep.put(name, value=bytes(100))
        for path in files(keep):
            os.utime(path, ns=(path.stat().st_mtime_ns - 10**12,) * 2)
    assert keep.get("a")  # used now
    keep.put("d", value=bytes(100))
    kept = {name for name in ("a", "b", "c", "d", "rest") if keep.get(name) is not None}
    assert kept == {"a", "c", "d"}
    assert not keep.put("large", value=bytes(3 * head + 301))
    assert keep.get("large") is None


def as_user(monkeypatch, number):
    monkeypatch.setattr(os, "geteuid", lambda: number)


def test_a_folder_of_another_user_is_neither_read_nor_written(keep, monkeypatch):
    keep.put("a", value=b"value")
    as_user(monkeypatch, os.geteuid() + 1)
    monkeypatch.setattr(keeping, "package_digest", lambda _memory: pytest.fail("read or written"))
    assert keep.why_not() == "it belongs to another user"
    assert keep.get("a") is None
    assert not keep.put("b", value=b"value")
    assert len(files(keep)) == 1


def test_a_folder_that_all_may_write_to_is_not_believed(keep):
    keep.put("a", value=b"value")
    keep.folder.chmod(0o777)
    assert keep.why_not() == "other users may write to it"
    assert keep.get("a") is None


def test_where_no_folder_can_be_made_nothing_is_kept_and_nothing_fails(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    keep = Keep("things", most_bytes=1_000)
    assert keep.why_not() == "Not a directory"
    assert not keep.put("a", value=b"value")
    assert keep.get("a") is None


def test_a_read_only_folder_keeps_nothing(keep, monkeypatch):
    keep.put("a", value=b"value")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    assert keep.why_not() == "it cannot be written"
    assert not keep.put("b", value=b"value")


def test_a_full_disk_leaves_nothing_behind(keep, monkeypatch):
    def full(_file, _content):
        raise OSError(28, "No space left on device")

    keep.put("a", value=b"value")
    monkeypatch.setattr(Keep, "_write", lambda *_: full(None, None))
    assert not keep.put("b", value=b"value")
    assert len(files(keep)) == 1


def test_an_interrupt_while_writing_leaves_no_half_file(keep, monkeypatch):
    class Cut:
        def __enter__(self):
            raise KeyboardInterrupt

        def __exit__(self, *_):
            return None

    keep.put("a", value=b"value")
    monkeypatch.setattr(os, "fdopen", lambda handle, _mode: os.close(handle) or Cut())
    with pytest.raises(KeyboardInterrupt):
        keep.put("b", value=b"value")
    assert len(files(keep)) == 1


def test_the_root_is_below_the_chosen_cache_else_below_home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_root() == tmp_path / "dfsrt"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_root() == tmp_path / "home" / ".cache" / "dfsrt"


def test_folders_that_are_made_are_the_users_own(tmp_path):
    folder = tmp_path / "a" / "b"
    assert why_unusable(folder) == ""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
