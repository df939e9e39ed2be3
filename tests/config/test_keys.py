import base64
import re
import stat
import subprocess
import sys

import pytest

from config.keys import KEY_BYTES, KeyUnusableError, new_key, read_key

RACER = """
import sys
from pathlib import Path
from config.keys import read_key
print("ready", flush=True)
while not Path(sys.argv[1], "go").exists():
    pass
print(read_key("test", Path(sys.argv[1], "keys")))
"""


@pytest.fixture(autouse=True)
def no_given_key(monkeypatch):
    monkeypatch.delenv("APP_TEST_KEY", raising=False)


def test_new_key_is_32_bytes_in_base64url():
    keys = {new_key() for _ in range(50)}

    assert len(keys) == 50
    assert {len(base64.urlsafe_b64decode(key)) for key in keys} == {KEY_BYTES}
    assert all(re.fullmatch(r"[\w-]{43}=", key, re.ASCII) for key in keys)


def test_key_stays_the_same(tmp_path):
    first = read_key("test", tmp_path / "keys")

    assert read_key("test", tmp_path / "keys") == first
    assert read_key("other", tmp_path / "keys") != first


def test_key_file_is_for_its_owner_only(tmp_path):
    read_key("test", tmp_path / "keys")

    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["test"]
    assert stat.S_IMODE((tmp_path / "keys" / "test").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_key_of_the_environment_comes_first(tmp_path, monkeypatch):
    given = new_key()
    monkeypatch.setenv("APP_TEST_KEY", f" {given}\n")

    assert read_key("test", tmp_path / "keys", production=True) == given
    assert not (tmp_path / "keys").exists()


def test_key_absent_in_production_is_refused_although_a_file_is_there(tmp_path):
    read_key("test", tmp_path)

    with pytest.raises(KeyUnusableError, match=r"^APP_TEST_KEY is not set"):
        read_key("test", tmp_path, production=True)


@pytest.mark.parametrize("text", ["change-me", "A" * 42, "A" * 43 + "=AAAA", "é" * 44, "+/" * 21 + "+="])
def test_key_of_wrong_form_is_refused_without_showing_it(text, tmp_path, monkeypatch):
    monkeypatch.setenv("APP_TEST_KEY", text)

    with pytest.raises(KeyUnusableError, match=r"^APP_TEST_KEY is not 32 bytes") as caught:
        read_key("test", tmp_path)

    assert text not in str(caught.value)


def test_key_file_that_was_cut_short_is_refused(tmp_path):
    (tmp_path / "test").write_text("")

    with pytest.raises(KeyUnusableError, match="test is not 32 bytes"):
        read_key("test", tmp_path)


def test_processes_that_race_get_one_key(tmp_path):
    command = [sys.executable, "-c", RACER, str(tmp_path)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {racer.stdout.readline() for racer in racers} == {"ready\n"}

    (tmp_path / "go").touch()
    keys = {racer.communicate(timeout=30)[0] for racer in racers}

    assert keys == {read_key("test", tmp_path / "keys") + "\n"}
    assert len(list((tmp_path / "keys").iterdir())) == 1
