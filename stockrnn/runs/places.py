"""Where a run is written: in a place of its own until it is whole, then moved to its name, whoever else writes there.

Work in progress lives in `runs/.partial/NAME`.
"""

from __future__ import annotations

import itertools
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stockrnn.errors import ConfigError, UnfinishedError
from stockrnn.runs.folder import RUN_FILE
from stockrnn.runs.unfinished import PARTIAL_FOLDER, begun_by, resume_command


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

    def to_json(self) -> dict[str, str | bool | None]:
        """Return it, but for the folder of all runs, as JSON values."""
        return {"name": self.name, "default_name": self.default_name, "force": self.force}


@contextmanager
def unfinished_run(place: RunPlace, worth_keeping: str | None = None, resumed: bool = False) -> Iterator[Path]:
    """Give a folder to write a run into, which is removed when the block fails; `finish_run` gives it its name.

    An `UnfinishedError` leaves it where it is.

    Args:
        place: Where the run is to be written.
        worth_keeping: Name of a file, or a pattern of names; whatever happens, a folder that holds one stays.
        resumed: Take the folder that a killed process left before it had written what it was to do.

    Raises:
        ConfigError: A run of the name that the user gave exists, or it is no name for a folder.
        OSError: The folder cannot be made.
    """
    ours = [place.runs / PARTIAL_FOLDER, *([] if place.runs.exists() else [place.runs])]
    work = _named_work_folder(place, place.name, resumed) if place.name is not None else _numbered_work_folder(place)
    identity = _identity(work)
    try:
        yield work
    except UnfinishedError:
        identity = None
        raise
    finally:
        # A finished run has left this place, and another may have taken it meanwhile: only what is ours is removed.
        keep = worth_keeping is not None and any(work.glob(worth_keeping))
        if identity is not None and _identity(work) == identity and not keep:
            shutil.rmtree(work, ignore_errors=True)
        for folder in ours:
            with suppress(OSError):
                folder.rmdir()  # only when it is empty


def predict_command(run: Path) -> str:
    """Return the command that forecasts with a run, to be pasted into a shell."""
    return f"stockrnn predict {shlex.quote(str(run))}"


def _identity(folder: Path) -> int | None:
    with suppress(FileNotFoundError):
        return folder.stat().st_ino
    return None


def _named_work_folder(place: RunPlace, name: str, resumed: bool) -> Path:
    _check_name(place.runs, name, place.force)
    work = place.runs / PARTIAL_FOLDER / name
    if work.exists() and place.force:
        shutil.rmtree(work)
    if not _make_folder(work):
        command = begun_by(work)
        if resumed and command is None:
            return work
        found = (
            f"an unfinished run; go on with it by: {resume_command(place.runs / name, command)}, replace it with --force,"
            if command
            else "the beginning of a run, of a process that is at it or was killed; replace it with --force,"
        )
        raise ConfigError(f"{work} holds {found} or choose another --name")
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
    old = work.with_name(f".{work.name}.old")  # no run is called so
    if old.exists():
        shutil.rmtree(old)  # left by a process that was killed after its run had taken the place
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
