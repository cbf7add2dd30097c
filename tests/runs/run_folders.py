"""A run folder for the tests of this room."""

from __future__ import annotations

from pathlib import Path

from stockrnn.runs.folder import FORMAT_VERSION, hash_files, write_run_file
from stockrnn.runs.places import RunPlace, finish_run, unfinished_run

CONTENT = {"config": {}, "scaler": {}, "encoding": {}, "split": {}, "seeds": [1, 2]}


def write_run(place: RunPlace, content: str = "prices") -> Path:
    with unfinished_run(place) as work:
        (work / "prices.parquet").write_text(content, encoding="utf-8")
        write_run_file(work, {"format_version": FORMAT_VERSION, **CONTENT, "files": hash_files(work)})
        return finish_run(work, place)
