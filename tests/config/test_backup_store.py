"""The folder of backups: what is kept and let go, what is found altered, what was never finished."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.backup.dumps import only_one
from config.backup.store import (
    BackupError,
    Manifest,
    backups,
    check,
    expendable,
    file_name,
    let_go,
    new_file,
    newest,
    read_manifest,
    write_manifest,
)

NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MOMENTS = st.lists(
    st.datetimes(NOON.replace(year=2024, tzinfo=None), NOON.replace(tzinfo=None)), unique=True, max_size=60
)


def keep(folder: Path, at: datetime.datetime, kind: str = "dump") -> Manifest:
    """An empty backup of that moment."""
    with new_file(folder, file_name(kind, at)):
        pass
    manifest = Manifest(kind, at, file_name(kind, at), 0, EMPTY, 18, ["age1x"])
    write_manifest(folder, manifest)
    return manifest


@given(MOMENTS, st.integers(0, 20), st.integers(0, 10))
def test_newest_of_each_last_day_and_week_stay(naive: list[datetime.datetime], days: int, weeks: int) -> None:
    moments = [moment.replace(tzinfo=datetime.UTC) for moment in naive]

    kept = sorted(set(moments) - expendable(moments, days, weeks))

    last_of_day = {moment.date(): moment for moment in sorted(moments)}
    last_of_week = {moment.isocalendar()[:2]: moment for moment in sorted(moments)}
    assert set(sorted(last_of_day.values(), reverse=True)[:days]) <= set(kept)
    assert set(sorted(last_of_week.values(), reverse=True)[:weeks]) <= set(kept)
    assert len(kept) <= max(days + weeks, 1)
    assert not moments or max(moments) in kept


def test_nightly_backups_of_a_year_leave_a_fortnight_and_eight_weeks() -> None:
    nights = [NOON - n * DAY for n in range(365)]

    kept = sorted(set(nights) - expendable(nights, 14, 8), reverse=True)

    assert kept[:14] == nights[:14]
    assert [moment.isoweekday() for moment in kept[14:]] == [7] * 5


def test_letting_go_removes_old_ones_of_the_kind_with_their_manifests_and_what_was_never_finished(
    tmp_path: Path,
) -> None:
    for night in range(5):
        keep(tmp_path, NOON - night * DAY)
    base = keep(tmp_path, NOON - 9 * DAY, "base")
    unfinished = tmp_path / f"{file_name('dump', NOON - 7 * DAY)}.partial"
    unfinished.touch()

    gone = let_go(tmp_path, "dump", 2, 1)

    assert [each.taken_at for each in backups(tmp_path, "dump")] == [NOON - DAY, NOON]
    assert (len(gone), unfinished.exists(), newest(tmp_path, "base")) == (4, False, base)
    assert len(list(tmp_path.iterdir())) == 6


def test_backup_without_manifest_does_not_count(tmp_path: Path) -> None:
    older, newer = keep(tmp_path, NOON - DAY), keep(tmp_path, NOON)
    (tmp_path / f"{newer.file}.json").unlink()

    assert newest(tmp_path) == older


def test_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no finished backup"):
        newest(tmp_path)


@pytest.mark.parametrize("content", [b"x", b""])
def test_altered_or_lost_backup_is_told(content: bytes, tmp_path: Path) -> None:
    manifest = keep(tmp_path, NOON)
    assert check(tmp_path, manifest) == tmp_path / manifest.file

    if content:
        (tmp_path / manifest.file).write_bytes(content)
    else:
        (tmp_path / manifest.file).unlink()

    with pytest.raises(BackupError, match="not what was written" if content else "gone"):
        check(tmp_path, manifest)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "other/1"},
        {"file": "../x"},
        {"taken_at": "yesterday"},
        {"kind": "tape"},
        {"size": None, "more": 1},
    ],
)
def test_manifest_of_another_kind_is_told(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / f"{keep(tmp_path, NOON).file}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(BackupError, match="no manifest"):
        read_manifest(path)


def test_failed_file_leaves_nothing_and_others_cannot_read_what_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with pytest.raises(ZeroDivisionError), new_file(folder, "a"):
        raise ZeroDivisionError
    assert list(folder.iterdir()) == []

    with new_file(folder, "a"):
        pass
    assert ((folder / "a").stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o640, 0o750)


def test_manifest_comes_back_as_written(tmp_path: Path) -> None:
    manifest = replace(keep(tmp_path, NOON), migrations={"core": "0001"}, audit_through=7, seconds=1.5)
    write_manifest(tmp_path, manifest)

    assert read_manifest(tmp_path / f"{manifest.file}.json") == manifest


def test_two_backups_at_once_are_refused(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(BackupError, match="under way"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass
