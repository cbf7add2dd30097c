"""The run folder: written whole or not at all, loaded only when every file is what was written.

`runs/NAME/`: `model.keras` (`model-2.keras` ... for more seeds), `run.json`, `prices.parquet`, `history.csv`,
`forecasts.parquet`, `scores.json`, `figures/`. Work in progress lives in `runs/.partial/NAME`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockrnn.errors import ConfigError, RunFolderError

FORMAT_VERSION = 1
RUN_FILE = "run.json"
PRICES_FILE = "prices.parquet"
FORECASTS_FILE = "forecasts.parquet"
SCORES_FILE = "scores.json"
HISTORY_FILE = "history.csv"
PARTIAL_FOLDER = ".partial"
FIGURES_FOLDER = "figures"
FIGURE_FILE = f"{FIGURES_FOLDER}/forecast.png"
# What run.json holds besides its version and the hashes of the files.
_CONTENT = {"config": dict, "scaler": dict, "split": dict, "seeds": list}


@dataclass(frozen=True)
class Run:
    """A loaded run folder.

    Attributes:
        path: The folder.
        document: The content of run.json.
    """

    path: Path
    document: Mapping[str, Any]

    @property
    def model_files(self) -> list[Path]:
        """The saved networks, one a seed."""
        return [self.path / model_file_name(number) for number in range(len(self.document["seeds"]))]

    def file(self, name: str) -> Path:
        """Return the path of one of its files."""
        return self.path / name


def model_file_name(number: int) -> str:
    """Return the file name of the network of the seed with this number, counted from 0."""
    return "model.keras" if number == 0 else f"model-{number + 1}.keras"


@dataclass(frozen=True)
class RunPlace:
    """Where a run is to be written.

    Attributes:
        runs: The folder of all runs; made when it is not there.
        name: What the user calls the run; None numbers the default name.
        default_name: What it is called otherwise: this, or with -2, -3, ... the first that is free.
        force: Replace a run of the name that the user gave.
    """

    runs: Path
    name: str | None
    default_name: str
    force: bool = False


def state_file_name(number: int) -> str:
    """Return the file name of the training state of the seed with this number, counted from 0."""
    return "state.npz" if number == 0 else f"state-{number + 1}.npz"


@contextmanager
def unfinished_run(place: RunPlace) -> Iterator[Path]:
    """Give a folder to write a run into, which is removed when the block fails; `finish_run` gives it its name.

    Raises:
        ConfigError: A run of the name that the user gave exists, or it is no name for a folder.
        OSError: The folder cannot be made.
    """
    ours = [place.runs / PARTIAL_FOLDER, *([] if place.runs.exists() else [place.runs])]
    work = _named_work_folder(place, place.name) if place.name is not None else _numbered_work_folder(place)
    identity = _identity(work)
    try:
        yield work
    finally:
        # A finished run has left this place, and another may have taken it meanwhile: only what is ours is removed.
        if _identity(work) == identity:
            shutil.rmtree(work, ignore_errors=True)
        for folder in ours:
            with suppress(OSError):
                folder.rmdir()  # only when it is empty


def _identity(folder: Path) -> int | None:
    with suppress(FileNotFoundError):
        return folder.stat().st_ino
    return None


def _named_work_folder(place: RunPlace, name: str) -> Path:
    _check_name(place.runs, name, place.force)
    work = place.runs / PARTIAL_FOLDER / name
    if work.exists() and place.force:
        shutil.rmtree(work)
    if not _make_folder(work):
        raise ConfigError(
            f"{work} holds an unfinished run; go on with it by --resume {name}, replace it with --force, or choose another --name"
        )
    return work


def _numbered_work_folder(place: RunPlace) -> Path:
    for name in _numbered(place.default_name):
        work = place.runs / PARTIAL_FOLDER / name
        if not (place.runs / name).exists() and _make_folder(work):
            return work
    raise AssertionError("numbers do not end")


def _numbered(name: str) -> Iterator[str]:
    return (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))


def _make_folder(work: Path) -> bool:
    """Make a folder, and return whether it is new."""
    for _ in range(100):
        # A run that ends in this moment may take the empty folder above away again, before or after it is looked at.
        try:
            work.mkdir(parents=True)
        except FileNotFoundError:
            continue
        except FileExistsError:
            if work.is_dir():
                return False
            continue
        return True
    work.mkdir(parents=True)
    return True


def finish_run(work: Path, place: RunPlace) -> Path:
    """Move a written folder to its name, and return where it is.

    Raises:
        ConfigError: Another run took the name that the user gave while this one was written.
    """
    if place.name is None:
        return _move_to_free_name(work, place)
    target = place.runs / place.name
    if place.force and target.exists():
        _replace(work, target)
    else:
        _rename_to_new(work, target)
    return target


def _rename_to_new(work: Path, target: Path) -> None:
    try:
        work.rename(target)
    except OSError:
        if not target.exists():
            raise
        raise _taken(target) from None


def _taken(target: Path) -> ConfigError:
    return ConfigError(f"{target} exists; choose another --name, or replace it with --force")


def write_json(path: Path, document: Any) -> None:
    """Write a JSON file for people and programs."""
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def hash_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in a folder but run.json; figures, which can be drawn again, are left out."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and path.name != RUN_FILE)
    return {path.name: hash_file(path) for path in files}


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_run(path: Path) -> Run:
    """Load a run folder and check each of its files.

    Raises:
        RunFolderError: No run folder, one of another format, or a file that is missing or changed.
    """
    run_file = path / RUN_FILE
    if not run_file.is_file():
        raise RunFolderError(f"{path}: no run folder ({RUN_FILE} is missing); stockrnn train makes one")
    try:
        document = json.loads(run_file.read_text(encoding="utf-8"))
        version, files = document["format_version"], document["files"].items()
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise RunFolderError(f"{run_file}: damaged ({error}); train again") from None
    if version != FORMAT_VERSION:
        raise RunFolderError(f"{run_file}: format version {version}, this stockrnn reads {FORMAT_VERSION}; train again")
    for key, kind in _CONTENT.items():
        if not isinstance(document.get(key), kind):
            raise RunFolderError(f"{run_file}: damaged (no {key}); train again")
    for name, digest in files:
        _check_file(path / name, digest)
    return Run(path, document)


def _check_file(path: Path, digest: str) -> None:
    if not path.is_file():
        raise RunFolderError(f"{path}: missing from the run folder; restore it or train again")
    if hash_file(path) != digest:
        raise RunFolderError(f"{path}: changed since the run was written (its hash differs); restore it or train again")


def _check_name(runs: Path, name: str, force: bool) -> None:
    if name in ("", ".", "..", PARTIAL_FOLDER) or Path(name).name != name or "\\" in name:
        raise ConfigError(f"--name {name!r}: expected the name of a folder, such as google-2")
    target = runs / name
    if not target.exists():
        return
    if not force:
        raise _taken(target)
    if not (target / RUN_FILE).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigError(f"{target} is no run folder, so --force does not replace it; choose another --name")


def _replace(work: Path, target: Path) -> None:
    old = work.with_name(f"{work.name}.old")
    target.rename(old)
    try:
        work.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _move_to_free_name(work: Path, place: RunPlace) -> Path:
    # The name of the work folder was free when the run began.
    for name in itertools.chain([work.name], _numbered(place.default_name)):
        target = place.runs / name
        if target.exists():
            continue
        try:
            return work.rename(target)
        except OSError:
            # Another run may have taken the name in this moment; anything else is an error.
            if not target.exists():
                raise
    raise AssertionError("numbers do not end")
