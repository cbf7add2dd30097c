from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from stockrnn.errors import ConfigError, UnfinishedError
from stockrnn.runs.folder import load_run
from stockrnn.runs.places import RunPlace, finish_run, predict_command, unfinished_run
from stockrnn.runs.unfinished import PARTIAL_FOLDER, refuse_other_work, resume_command
from tests.runs.run_folders import write_run


def test_a_finished_run_is_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = write_run(RunPlace(tmp_path / "runs", "g1", "google"))
    assert path == tmp_path / "runs" / "g1"
    assert sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")) == [
        "runs",
        "runs/g1",
        "runs/g1/prices.parquet",
        "runs/g1/run.json",
    ]
    run = load_run(path)
    assert run.path == path
    assert [file.name for file in run.model_files] == ["model.keras", "model-2.keras"]


def test_work_in_progress_lies_apart(tmp_path: Path) -> None:
    with unfinished_run(RunPlace(tmp_path / "runs", "g1", "google")) as work:
        assert work == tmp_path / "runs" / ".partial" / "g1"


def test_two_runs_of_one_name_cannot_be_written_at_a_time(tmp_path: Path) -> None:
    place = RunPlace(tmp_path, "g1", "google")
    with unfinished_run(place) as work:
        (work / "job.json").write_text("{}")
        with pytest.raises(ConfigError, match="--resume g1"), unfinished_run(place):
            pass


def test_what_was_ended_before_it_was_described_names_no_command_that_would_not_go_on(tmp_path: Path) -> None:
    (tmp_path / PARTIAL_FOLDER / "a").mkdir(parents=True)
    with (
        pytest.raises(ConfigError, match="the beginning of a run") as raised,
        unfinished_run(RunPlace(tmp_path, "a", "google")),
    ):
        pass
    assert "--resume" not in str(raised.value)


def test_going_on_takes_the_folder_of_what_was_ended_before_it_was_described(tmp_path: Path) -> None:
    work = tmp_path / PARTIAL_FOLDER / "a"
    (work / "prices").mkdir(parents=True)
    with unfinished_run(RunPlace(tmp_path, "a", "google"), resumed=True) as taken:
        assert taken == work
    (work / "prices").mkdir(parents=True)
    (work / "job.json").write_text("{}")
    with (
        pytest.raises(ConfigError, match="train --resume a"),
        unfinished_run(RunPlace(tmp_path, "a", "google"), resumed=True),
    ):
        pass


def test_the_place_of_a_finished_run_is_left_to_whoever_took_it_since(tmp_path: Path) -> None:
    place = RunPlace(tmp_path, "g1", "google")
    with unfinished_run(place) as work:
        finish_run(work, place)
        work.mkdir(parents=True, exist_ok=True)
        (work / "job.json").write_text("of another run", encoding="utf-8")
    assert (work / "job.json").is_file()


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError, SystemExit])
@pytest.mark.parametrize("name", [None, "g1"])
def test_a_block_that_fails_leaves_nothing(tmp_path: Path, failure: type[BaseException], name: str | None) -> None:
    place = RunPlace(tmp_path / "runs", name, "google")
    with pytest.raises(failure), unfinished_run(place) as work:  # noqa: PT012
        (work / "half").write_text("half", encoding="utf-8")
        raise failure
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_fails_leaves_the_folder_that_the_user_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="bug"), unfinished_run(RunPlace(tmp_path, None, "google")):
        raise ValueError("bug")
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_left_work_to_go_on_with_keeps_it(tmp_path: Path) -> None:
    with pytest.raises(UnfinishedError), unfinished_run(RunPlace(tmp_path, "g1", "google")) as work:  # noqa: PT012
        (work / "state.npz").write_text("half", encoding="utf-8")
        raise UnfinishedError("a process died")
    assert (work / "state.npz").is_file()


def test_the_command_that_goes_on_names_the_folder_of_runs_where_it_is_another() -> None:
    assert resume_command(Path("runs/g1")) == "stockrnn train --resume g1"
    assert resume_command(Path("other/g1")) == "stockrnn train --resume g1 --runs other"
    # What is to be pasted into a shell has to come out of it as one word.
    spaced = "stockrnn train --resume 'my run' --runs 'my runs'"
    assert resume_command(Path("my runs/my run")) == spaced
    assert predict_command(Path("my runs/my run")) == "stockrnn predict 'my runs/my run'"


def test_a_block_that_fails_leaves_other_runs_alone(tmp_path: Path) -> None:
    write_run(RunPlace(tmp_path, "g1", "google"))
    with pytest.raises(KeyboardInterrupt), unfinished_run(RunPlace(tmp_path, "g1", "google", force=True)):
        raise KeyboardInterrupt
    assert load_run(tmp_path / "g1").document["seeds"] == [1, 2]


def test_runs_without_a_name_are_numbered(tmp_path: Path) -> None:
    names = [write_run(RunPlace(tmp_path, None, "google")).name for _ in range(3)]
    assert names == ["google", "google-2", "google-3"]


def test_runs_that_finish_together_get_names_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda n: write_run(RunPlace(tmp_path, None, "google"), str(n)), range(16)))
    assert len({path.name for path in paths}) == 16
    for number, path in enumerate(paths):
        assert (load_run(path).file("prices.parquet")).read_text(encoding="utf-8") == str(number)
    assert not (tmp_path / ".partial").exists()


def test_a_name_that_exists_is_refused_before_any_work(tmp_path: Path) -> None:
    write_run(RunPlace(tmp_path, "g1", "google"), "first")
    with pytest.raises(ConfigError, match=r"g1 exists; choose another --name, or replace it with --force"):
        write_run(RunPlace(tmp_path, "g1", "google"), "second")
    assert (tmp_path / "g1" / "prices.parquet").read_text(encoding="utf-8") == "first"


def test_a_name_that_was_taken_meanwhile_is_refused(tmp_path: Path) -> None:
    place = RunPlace(tmp_path, "g1", "google")
    with unfinished_run(place) as work:
        (tmp_path / "g1").mkdir()
        (tmp_path / "g1" / "prices.parquet").write_text("quicker", encoding="utf-8")
        with pytest.raises(ConfigError, match="g1 exists"):
            finish_run(work, place)
    assert (tmp_path / "g1" / "prices.parquet").read_text(encoding="utf-8") == "quicker"


def test_force_replaces_a_run(tmp_path: Path) -> None:
    write_run(RunPlace(tmp_path, "g1", "google"), "first")
    write_run(RunPlace(tmp_path, "g1", "google", force=True), "second")
    assert [path.name for path in tmp_path.iterdir()] == ["g1"]
    assert load_run(tmp_path / "g1").file("prices.parquet").read_text(encoding="utf-8") == "second"


def test_force_replaces_a_run_also_after_a_replacement_that_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = RunPlace(tmp_path, "g1", "google", force=True)
    write_run(place, "first")
    with monkeypatch.context() as killed:
        # What was replaced is still there when a process is killed in the midst of removing it.
        killed.setattr("stockrnn.runs.places.shutil.rmtree", lambda *_, **__: None)
        write_run(place, "second")
    path = write_run(place, "third")
    assert load_run(path).file("prices.parquet").read_text(encoding="utf-8") == "third"
    assert [file.name for file in tmp_path.iterdir()] == ["g1"]


def test_force_makes_a_run_that_does_not_exist(tmp_path: Path) -> None:
    assert write_run(RunPlace(tmp_path, "g1", "google", force=True)).is_dir()


def test_force_does_not_replace_what_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("cat", encoding="utf-8")
    (tmp_path / "note").write_text("note", encoding="utf-8")
    for name in ("photos", "note"):
        with pytest.raises(ConfigError, match="is no run folder, so --force does not replace it"):
            write_run(RunPlace(tmp_path, name, "google", force=True))
    assert (tmp_path / "photos" / "cat.jpg").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/tmp", "../x", "a\\b", ".partial", "g1/"])
def test_a_name_that_is_no_folder_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="expected the name of a folder"):
        write_run(RunPlace(tmp_path / "runs", name, "google"))
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        write_run(RunPlace(tmp_path / "file", None, "google"))


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give up the rights of root, to whom every folder is open, where the tests have them."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permissions there")
def test_a_folder_without_permission_is_an_os_error() -> None:
    # Not below tmp_path, whose parents are closed to others.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        with as_nobody(), pytest.raises(PermissionError):
            write_run(RunPlace(Path(folder), None, "google"))
        assert not any(Path(folder).iterdir())


@pytest.mark.parametrize(("file", "kind", "right", "wrong"), [("job.json", "training", "train", "backtest"), ("backtest.json", "backtest", "backtest", "train")])  # fmt: skip
def test_what_another_command_left_unfinished_is_gone_on_with_by_that_command(tmp_path, file, kind, right, wrong):
    work = tmp_path / PARTIAL_FOLDER / "mine"
    work.mkdir(parents=True)
    refuse_other_work(tmp_path, "mine", wrong)
    (work / file).write_text("{}")
    refuse_other_work(tmp_path, "mine", right)
    with pytest.raises(ConfigError, match=f"is an unfinished {kind} .*: stockrnn {right} --resume mine --runs"):
        refuse_other_work(tmp_path, "mine", wrong)
