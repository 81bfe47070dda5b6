"""A cache that heals: whatever stands in it is used, or thrown away with a word and made again."""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from dfsrt.base import cache_folder, compiled
from dfsrt.base.cache_folder import cache_root, why_unusable
from dfsrt.base.checked_cache import CheckedFile
from dfsrt.base.keep import Keep
from dfsrt.base.sources import package_digest

WORD = "thrown away, and made again"


def empty(path):
    path.write_bytes(b"")


def cut_off(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def random_bytes(path):
    path.write_bytes(hashlib.sha512(b"dfsrt").digest() * 9)


def pickle_of_another_thing(path):
    path.write_bytes(pickle.dumps({"another": "thing"}))


def unreadable(path, patch):
    real = Path.read_bytes

    def refused(self):
        if self == path and self.stat().st_mode & 0o400 == 0:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self)

    path.chmod(0)  # which does not stop root
    patch.setattr(Path, "read_bytes", refused)


def folder_in_its_place(path):
    path.unlink()
    (path / "inner").mkdir(parents=True)


def dangling_link(path):
    path.unlink()
    path.symlink_to("nowhere")


def link_to_another_file(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def pipe(path):
    path.unlink()
    os.mkfifo(path)


DAMAGES = [
    empty, cut_off, random_bytes, pickle_of_another_thing, unreadable, folder_in_its_place,
    dangling_link, link_to_another_file, pipe,
]  # fmt: skip
all_damages = pytest.mark.parametrize("damage", DAMAGES)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    cache_folder._say_once.cache_clear()
    compiled._package_digest.cache_clear()
    return cache_root()


def hurt(damage, path, patch):
    damage(path, patch) if damage is unreadable else damage(path)


@all_damages
def test_a_damaged_thing_that_was_kept_is_made_again_with_a_word(
    cache, capsys, monkeypatch, damage
):
    keep = Keep("things", most_bytes=1_000)
    assert keep.put("a", value=b"value")
    (path,) = keep.folder.iterdir()
    hurt(damage, path, monkeypatch)
    assert keep.get("a") is None
    assert keep.put("a", value=b"value") and keep.get("a") == b"value"
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and WORD in said and str(path) in said


@pytest.mark.parametrize("which", ["index", "data"])
@all_damages
def test_damaged_machine_code_is_made_again_with_a_word(
    tmp_path, capsys, monkeypatch, damage, which
):
    file = CheckedFile(str(tmp_path), "total-3.py312", ("stamp", 1))
    file.save(("sig", "x86"), b"machine code")
    assert file.load(("sig", "x86")) == b"machine code"
    (path,) = tmp_path.glob("*.nbi" if which == "index" else "*.nbc")
    hurt(damage, path, monkeypatch)
    assert file.load(("sig", "x86")) is None
    file.save(("sig", "x86"), b"machine code")
    assert file.load(("sig", "x86")) == b"machine code"
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and WORD in said and str(path) in said


@all_damages
def test_a_damaged_memory_of_the_sources_is_made_again(tmp_path, monkeypatch, damage):
    memory = tmp_path / "sources"
    digest = package_digest(memory)
    hurt(damage, memory, monkeypatch)
    assert package_digest(memory) == digest
    assert package_digest(memory) == digest and memory.is_file() and not memory.is_symlink()
    assert {path.name for path in tmp_path.iterdir()} <= {"sources", "elsewhere"}


def test_two_processes_that_save_at_once_do_not_write_each_others_machine_code(tmp_path):
    one, other = (CheckedFile(str(tmp_path), "total-3.py312", "stamp") for _ in "ab")
    real = other._load_index()
    one.save("int", b"of whole numbers")
    other._load_index = lambda: dict(real)  # as it stood before
    other.save("float", b"of broken numbers")
    assert one.load("float") == b"of broken numbers"
    assert one.load("int") in (None, b"of whole numbers")


def total(n):
    return n + n


ENDS = [b"", pickle.dumps(("another", "thing")), b"cos\nnothing_here\n.", pickle.dumps(None)]


@pytest.mark.parametrize("content", ENDS, ids=["end", "tuple", "gone", "none"])
def test_whole_files_that_hold_another_thing_do_not_stop_a_run(cache, content):
    assert compiled.made_here.__wrapped__(total)(10) == 20
    for path in cache.rglob("*.nb[ic]"):
        path.write_bytes(hashlib.sha256(content).digest() + content)
        assert compiled.made_here.__wrapped__(total)(10) == 20
        assert hashlib.sha256(content).digest() != path.read_bytes()[:32]


def test_a_kept_value_of_another_kind_is_thrown_away(cache, capsys):
    keep = Keep("things", most_bytes=1_000)
    keep.put("a", value=b'"text"')
    assert keep.get_as(lambda value: msgspec.json.decode(value, type=int), "a") is None
    assert WORD in capsys.readouterr().err and not list(keep.folder.iterdir())


def link_to_a_folder(root):
    root.parent.mkdir()
    (root.parent / "elsewhere").mkdir(mode=0o700)
    root.symlink_to("elsewhere")


def open_to_a_group(root):
    root.mkdir(parents=True)
    root.chmod(0o770)


def file_in_its_place(root):
    root.parent.mkdir()
    root.write_text("")


def link_to_nowhere(root):
    root.parent.mkdir()
    root.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (link_to_a_folder, "it is a link"),
        (link_to_nowhere, "it is a link"),
        (open_to_a_group, "other users may write to it"),
        (file_in_its_place, "Not a directory"),
    ],
)
def test_a_folder_that_is_not_private_is_not_used_which_is_said_once(cache, capsys, make, reason):
    make(cache)
    keep = Keep("things", most_bytes=1_000)
    assert not keep.put("a", value=b"value") and keep.get("a") is None
    assert why_unusable(cache) == reason
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and reason in said and "XDG_CACHE_HOME" in said
    assert compiled.made_here.__wrapped__(total)(10) == 20
    assert not list(cache.parent.rglob("*.nb[ic]"))


def test_a_folder_of_another_user_is_not_used(cache, capsys, monkeypatch):
    cache.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert compiled.made_here.__wrapped__(total, what="a sum")(10) == 20
    said = capsys.readouterr().err
    assert said.count("it belongs to another user") == 2  # once of itself, once of the sum
    assert not list(cache.iterdir())


def test_a_full_disk_stops_nothing_and_leaves_nothing(cache, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(CheckedFile, "_write", full)
    monkeypatch.setattr(Keep, "_write", full)
    assert compiled.made_here.__wrapped__(total)(10) == 20
    assert not Keep("things", most_bytes=1_000).put("a", value=b"value")
    assert not list(cache.rglob("*.nb[ic]*"))


def test_every_folder_of_machine_code_is_the_users_own(cache):
    mask = os.umask(0o002)
    try:
        assert compiled.made_here.__wrapped__(total)(10) == 20
    finally:
        os.umask(mask)
    folders = [cache, *(path for path in cache.rglob("*") if path.is_dir())]
    assert len(folders) == 3 and {f.stat().st_mode & 0o777 for f in folders} == {0o700}


START = """
from dfsrt.base.compiled import made_here
from tests.base.test_healing_cache import total
print(made_here(total)(10), made_here(total)(0.5))
"""


@pytest.mark.slow
def test_three_that_start_cold_at_once_all_run(cache):
    python = [sys.executable, "-c", START]
    said = subprocess.PIPE
    three = [subprocess.Popen(python, stdout=said, stderr=said, text=True) for _ in range(3)]
    assert {process.communicate() for process in three} == {("20 1.0\n", "")}
    again = subprocess.run(python, capture_output=True, text=True, check=True)
    assert (again.stdout, again.stderr) == ("20 1.0\n", "")
