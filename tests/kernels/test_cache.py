"""The private folder of compiled kernels."""

import os
import sys

import pytest

from hpdsl.kernels import cache


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("HPDSL_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_folder_is_private_and_named_after_the_key(root):
    folder = cache.folder()
    assert folder == root / cache.key()
    assert sys.platform == "win32" or folder.stat().st_mode & 0o777 == 0o700


def test_the_key_follows_the_sources(tmp_path, monkeypatch):
    (tmp_path / "kernels").mkdir()
    source = tmp_path / "kernels" / "a.py"
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path)
    keys = []
    for text in ("x = 1", "x = 2", "x = 1"):
        source.write_text(text)
        cache.key.cache_clear()
        keys.append(cache.key())
    monkeypatch.undo()
    cache.key.cache_clear()
    assert keys[0] == keys[2] != keys[1]


def test_every_installation_has_a_key_of_its_own(tmp_path, monkeypatch):
    """Numba's entries are found by the folder of their source: those of another one are of no use."""
    keys = set()
    for name in ("one", "other"):
        monkeypatch.setattr(cache, "_PACKAGE", tmp_path / name)
        cache.key.cache_clear()
        keys.add(cache.key())
    monkeypatch.undo()
    cache.key.cache_clear()
    assert len(keys) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
def test_a_folder_others_can_write_is_not_used(root):
    folder = cache.folder()
    folder.chmod(0o770)
    cache.mark_complete()
    assert cache.folder() is None
    assert not cache.is_complete()


def test_without_a_writable_place_there_is_no_folder(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("HPDSL_CACHE_DIR", str(blocked))
    assert cache.folder() is None
    assert not cache.is_complete()
    assert not cache.claim()
    cache.mark_complete()
    cache.release()


@pytest.mark.usefixtures("root")
def test_completeness_is_remembered():
    assert not cache.is_complete()
    cache.mark_complete()
    assert cache.is_complete()


def test_the_lock_is_held_by_one_live_process(root):
    assert cache.claim()
    assert not cache.claim()
    cache.release()
    assert cache.claim()
    # No process has this number.
    (root / cache.key() / "lock").write_text(str(2**22 + 1))
    if os.name == "posix":
        assert cache.claim()
