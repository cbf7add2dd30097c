"""The run folder: what it holds, loaded only when every file is what was written.

`runs/NAME/`: `model.keras` (`model-2.keras` ... for more seeds), `run.json`, `prices.parquet`, `history.csv`,
`forecasts.parquet`, `scores.json`, `figures/`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockrnn.errors import RunFolderError
from stockrnn.messages import first_few
from stockrnn.runs.unfinished import PARTIAL_FOLDER, begun_by, resume_command

FORMAT_VERSION = 5
RUN_FILE = "run.json"
PRICES_FILE = "prices.parquet"
FORECASTS_FILE = "forecasts.parquet"
SCORES_FILE = "scores.json"
HISTORY_FILE = "history.csv"
FIGURES_FOLDER = "figures"
# By these what is trained can be gone on with; see `state_file_name`.
STATE_FILES = "state*.npz"
# Where runs lie when nobody says otherwise.
_RUNS = Path("runs")
FIGURE_FILE = f"{FIGURES_FOLDER}/forecast.png"
# What run.json holds besides its version.
_CONTENT = {"config": dict, "scaler": dict, "encoding": dict, "split": dict, "seeds": list, "files": dict}

_CHANGED = "changed since the run was written (its hash differs); restore it or train again"


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

    @property
    def interruption(self) -> str | None:
        """That its training was interrupted, and how to go on with it; None where it was not."""
        if not self.document.get("interrupted"):
            return None
        return f"Note: the training of this run was interrupted; go on with: {resume_command(self.path)}"

    def file(self, name: str) -> Path:
        """Return the path of one of its files."""
        return self.path / name


def _meant(path: Path) -> str:
    """Return which run folder may be meant by the path of something else."""
    inside = sorted(run.parent.name for run in path.glob(f"*/{RUN_FILE}"))
    if inside:
        return f"the runs in it: {first_few(inside)}"
    for place in (path.parent, _RUNS):
        command = begun_by(place / PARTIAL_FOLDER / path.name)
        if command:
            return f"it is not finished; go on with: {resume_command(place / path.name, command)}"
    known = {
        run.parent.name.lower(): run.parent for place in (_RUNS, path.parent) for run in place.glob(f"*/{RUN_FILE}")
    }
    near = difflib.get_close_matches(path.name.lower(), known, n=1)
    return f"did you mean {known[near[0]]}?" if near else "stockrnn train makes one"


def names_run(text: str) -> bool:
    """Say whether what a user wrote is the path of a run folder, and not a recipe's name or the path of a config file."""
    path = Path(text)
    return (path / RUN_FILE).is_file() or (path.suffix != ".toml" and (path.name != text or path.is_dir()))


def model_file_name(number: int) -> str:
    """Return the file name of the network of the seed with this number, counted from 0."""
    return "model.keras" if number == 0 else f"model-{number + 1}.keras"


def state_file_name(number: int, refit: bool = False) -> str:
    """Return the file name of the training state of the seed with this number, counted from 0, or of its refit."""
    return f"{'refit' if refit else 'state'}{f'-{number + 1}' if number else ''}.npz"


def write_json(path: Path, document: Any) -> None:
    """Write a JSON file for people and programs."""
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def write_run_file(folder: Path, document: Mapping[str, Any]) -> None:
    """Write run.json with a hash of its own content, by which a changed one is told."""
    write_json(folder / RUN_FILE, {**document, "sha256": _digest(document)})


def _digest(document: Mapping[str, Any]) -> str:
    return json_digest({key: value for key, value in document.items() if key != "sha256"})


def json_digest(content: Any) -> str:
    """Return the SHA-256 of JSON values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def hash_files(folder: Path, besides: Collection[str] = ()) -> dict[str, str]:
    """Return the SHA-256 of each file in a folder but run.json; figures, which can be drawn again, are left out.

    Args:
        folder: The folder.
        besides: Names of files that will not stay there.
    """
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return {name: hash_file(folder / name) for name in names if name != RUN_FILE and name not in besides}


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
        raise RunFolderError(f"{path}: no run folder ({RUN_FILE} is missing); {_meant(path)}")
    try:
        document = json.loads(run_file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RunFolderError(f"{run_file}: damaged ({error}); train again") from None
    if not isinstance(document, dict) or "format_version" not in document:
        raise RunFolderError(f"{run_file}: damaged (no format_version); train again")
    if document["format_version"] != FORMAT_VERSION:
        raise RunFolderError(
            f"{run_file}: format version {document['format_version']}, this stockrnn reads {FORMAT_VERSION}; train again"
        )
    for key, kind in _CONTENT.items():
        if not isinstance(document.get(key), kind):
            raise RunFolderError(f"{run_file}: damaged (no {key}); train again")
    if document.get("sha256") != _digest(document):
        raise RunFolderError(f"{run_file}: {_CHANGED}")
    for name, digest in document["files"].items():
        _check_file(path / name, digest)
    return Run(path, document)


def load_run_with_networks(path: Path) -> Run:
    """Load a run folder as `load_run` does, and refuse one without networks.

    Raises:
        RunFolderError: It is missing or damaged, or the run of a backtest.
    """
    run = load_run(path)
    if run.document.get("kind") == "backtest":
        raise RunFolderError(
            f"{path}: a backtest keeps forecasts and no network; stockrnn train makes a run with a network"
        )
    return run


def _check_file(path: Path, digest: str) -> None:
    if not path.is_file():
        raise RunFolderError(f"{path}: missing from the run folder; restore it or train again")
    if hash_file(path) != digest:
        raise RunFolderError(f"{path}: {_CHANGED}")
