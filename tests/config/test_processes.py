import os
import signal
import subprocess
import time

from config.processes import send, wait_until, with_mark_in_command, with_mark_in_environment


def test_mark_is_found_in_the_command_of_the_named_user_only():
    with subprocess.Popen(["sleep", "600.25173"]) as sleeper:
        assert wait_until(lambda: with_mark_in_command("600.25173", os.geteuid()) == {sleeper.pid}, 5)
        assert with_mark_in_command("600.25173", os.geteuid() + 1) == set()
        sleeper.kill()


def test_mark_is_found_in_the_environment_of_others_only(monkeypatch):
    word = f"SOME_MARK={os.getpid()}"
    monkeypatch.setenv(*word.split("="))
    with subprocess.Popen(["sleep", "600"]) as sleeper:
        assert wait_until(lambda: with_mark_in_environment(word) == {sleeper.pid}, 5)
        sleeper.kill()
    assert with_mark_in_environment(word) == set()


def test_send_passes_over_processes_that_have_gone():
    gone = subprocess.Popen(["true"])
    gone.wait()
    with subprocess.Popen(["sleep", "600"]) as sleeper:
        send(signal.SIGTERM, [gone.pid, sleeper.pid])

        assert sleeper.wait(5) == -signal.SIGTERM


def test_wait_until_gives_up_in_time():
    begun = time.monotonic()

    assert wait_until(lambda: False, 0.1) is False
    assert 0.1 <= time.monotonic() - begun < 5
