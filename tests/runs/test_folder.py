from __future__ import annotations

import json
from pathlib import Path

import pytest

from stockrnn.errors import RunFolderError
from stockrnn.runs.folder import FORMAT_VERSION, hash_files, load_run, model_file_name, write_json, write_run_file
from stockrnn.runs.places import RunPlace
from tests.runs.run_folders import CONTENT, write_run


def test_hashes_are_of_the_files_but_run_json_and_the_figures(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    for name in ("run.json", "scores.json", "figures/forecast.png"):
        (tmp_path / name).write_bytes(b"abc")
    # FIPS 180-2, the first example: SHA-256 of "abc".
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_files(tmp_path) == {"scores.json": digest}


def test_a_json_file_never_holds_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "scores.json", {"rmse": float("nan")})


@pytest.mark.parametrize("path", ["nowhere", "file", "."])
def test_what_is_no_run_folder_is_an_error(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"no run folder \(run\.json is missing\)"):
        load_run(tmp_path / path)


def test_a_run_folder_that_is_missing_is_told_with_the_one_that_may_be_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runs = Path("runs")
    for name in ("google", "google-2", "mine"):
        write_run(RunPlace(runs, name, "google"))
    for said, meant in {
        "google": "did you mean runs/google?",
        "runs/gogle": "did you mean runs/google?",
        "Mine/": "did you mean runs/mine?",
        "runs": "the runs in it: google, google-2, mine",
        "elsewhere/other": "stockrnn train makes one",
    }.items():
        with pytest.raises(RunFolderError) as caught:
            load_run(Path(said))
        assert str(caught.value) == f"{Path(said)}: no run folder (run.json is missing); {meant}"


@pytest.mark.parametrize(("file", "command"), [("job.json", "train"), ("backtest.json", "backtest")])
def test_an_unfinished_run_is_told_with_the_command_that_goes_on_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    work = Path("runs/.partial/mine")
    work.mkdir(parents=True)
    (work / file).write_text("{}", encoding="utf-8")
    for said in ("runs/mine", "mine"):
        with pytest.raises(RunFolderError, match=f"go on with: stockrnn {command} --resume mine$"):
            load_run(Path(said))


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = write_run(RunPlace(tmp_path, "g1", "google"))
    (path / "prices.parquet").unlink()
    with pytest.raises(RunFolderError, match=r"prices\.parquet: missing"):
        load_run(path)


def test_a_changed_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = write_run(RunPlace(tmp_path, "g1", "google"))
    (path / "prices.parquet").write_text("Prices", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"prices\.parquet: changed since the run was written"):
        load_run(path)


def test_a_run_json_with_nan_is_told(tmp_path: Path) -> None:
    path = write_run(RunPlace(tmp_path, "g1", "google"))
    text = (path / "run.json").read_text(encoding="utf-8")
    (path / "run.json").write_text(text.replace('"seeds": [', '"x": NaN,\n  "seeds": ['), encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"run\.json: changed since the run was written"):
        load_run(path)


def test_a_changed_number_in_run_json_is_told(tmp_path: Path) -> None:
    path = write_run(RunPlace(tmp_path, "g1", "google"))
    document = json.loads((path / "run.json").read_text(encoding="utf-8"))
    write_json(path / "run.json", {**document, "seeds": [1, 3]})
    with pytest.raises(RunFolderError, match=r"run\.json: changed since the run was written"):
        load_run(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        "{}",
        f'{{"format_version": {FORMAT_VERSION}}}',
        f'{{"format_version": {FORMAT_VERSION}, "files": []}}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_run_json_is_an_error(tmp_path: Path, text: str | bytes) -> None:
    (tmp_path / "run.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RunFolderError, match=r"run\.json: damaged"):
        load_run(tmp_path)


@pytest.mark.parametrize("key", sorted(CONTENT))
@pytest.mark.parametrize("damage", ["missing", "of another kind"])
def test_a_run_json_without_its_content_is_damaged(tmp_path: Path, key: str, damage: str) -> None:
    path = write_run(RunPlace(tmp_path, "g1", "google"))
    document = json.loads((path / "run.json").read_text(encoding="utf-8"))
    if damage == "missing":
        del document[key]
    else:
        document[key] = 3
    write_run_file(path, document)
    with pytest.raises(RunFolderError, match=rf"run\.json: damaged .*{key}"):
        load_run(path)


def test_a_run_of_another_format_says_so(tmp_path: Path) -> None:
    write_run_file(tmp_path, {"format_version": FORMAT_VERSION + 1, "files": {}})
    with pytest.raises(RunFolderError, match=rf"format version {FORMAT_VERSION + 1}, this stockrnn reads"):
        load_run(tmp_path)


def test_networks_are_numbered_from_the_second_on() -> None:
    assert [model_file_name(number) for number in range(3)] == ["model.keras", "model-2.keras", "model-3.keras"]
