"""Inspect price files: read, check, and write a repaired copy or a picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from stockrnn.bundled import bundled_name, bundled_prices
from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.prices.adjustment import adjust_rows
from stockrnn.prices.csv_writer import write_csv, write_prices_csv
from stockrnn.prices.doctor.diagnosis import Diagnosis, diagnose
from stockrnn.prices.doctor.findings import RepairKind
from stockrnn.prices.doctor.repair import Repaired, repair
from stockrnn.prices.read_options import ReadOptions
from stockrnn.prices.reader import LOG_SUFFIX, REPAIRED_SUFFIX, read_rows
from stockrnn.prices.table import PriceNote

_CSV_ENDINGS = (".csv", ".csv.gz")


@dataclass(frozen=True)
class Inspection:
    """What price files hold and what is wrong with them.

    Attributes:
        sources: The files and folders that were read.
        diagnoses: One a ticker.
        notes: What the reader noticed on the way.
        calendar: The exchange calendar that the user named.
    """

    sources: tuple[Path, ...]
    diagnoses: tuple[Diagnosis, ...]
    notes: tuple[PriceNote, ...]
    calendar: str | None


@dataclass(frozen=True)
class RepairedFiles:
    """What a repair wrote.

    Attributes:
        path: The repaired copy.
        log: One line a changed value.
        changes: Changed and dropped rows by kind of repair.
        left: The warnings that the copy still gets.
    """

    path: Path
    log: Path
    changes: dict[RepairKind, int]
    left: tuple[PriceNote, ...]

    @property
    def summary(self) -> list[str]:
        """What was done, in lines for people."""
        lines = [
            f"{kind}: {count or 'no'} {'row' if count == 1 else 'rows'} changed" for kind, count in self.changes.items()
        ]
        if "sessions" in self.changes:
            lines.append("sessions: missing sessions are not filled in, nobody knows their prices; fetch them")
        lines.append(
            f"wrote {self.path}, each change is a line of {self.log}"
            if any(self.changes.values())
            else f"nothing was to be repaired: wrote {self.path} with the prices as they were, and {self.log} without a line"
        )
        lines += [f"still there: [{note.code}] {note.text}" for note in self.left[:5]]
        return lines + ([f"and {len(self.left) - 5} more warnings"] if len(self.left) > 5 else [])


def inspect(sources: Sequence[str], options: ReadOptions | None = None, calendar: str | None = None) -> Inspection:
    """Read price files and check every ticker in them.

    Args:
        sources: Files, folders, or `bundled:NAME`.
        options: What the files cannot say themselves.
        calendar: The exchange calendar; None supposes one for each ticker.

    Raises:
        PriceDataError: A file that cannot be read as prices.
        ConfigError: No such calendar.
    """
    paths = tuple(_path(source) for source in sources)
    asked = options or ReadOptions()
    read = read_rows(paths, asked)
    names = ", ".join(str(path) for path in paths)
    if len(read.rows) == 0:
        raise PriceDataError(f"{names}: no rows of prices")
    rows, notes = adjust_rows(read.rows, names) if asked.adjust == "all" else (read.rows, ())
    return Inspection(paths, tuple(diagnose(rows, calendar)), (*read.notes, *notes), calendar)


def _path(source: str) -> Path:
    name = bundled_name(source)
    return Path(source) if name is None else bundled_prices(name)


def write_repaired(
    inspection: Inspection, kinds: Collection[RepairKind], out: Path | None = None, force: bool = False
) -> RepairedFiles:
    """Write a repaired copy of inspected prices, and the log of its changes beside it; never over an input.

    Args:
        inspection: The prices and what is wrong with them.
        kinds: What to repair.
        out: A `.csv` or `.csv.gz` file; None is the first source's name with `-repaired`, beside it.
        force: Replace a copy that is there.

    Raises:
        ConfigError: A target that is an input, that exists, or that is no CSV.
    """
    path = out or _default_target(inspection.sources[0])
    log = path.with_name(f"{path.name}{LOG_SUFFIX}")
    for target in (path, log):
        _check_target(target, inspection.sources, force)
    if not path.name.lower().endswith(_CSV_ENDINGS):
        raise ConfigError(f"--out {path}: repaired prices are written as CSV; name it .csv or .csv.gz")
    repaired: Repaired = repair(inspection.diagnoses, kinds)
    if len(repaired.rows) == 0:
        raise PriceDataError("the repair leaves no row; is this the right exchange? Name it with --calendar")
    write_prices_csv(repaired.rows, path)
    write_csv(repaired.log, log)
    left = tuple(note for diagnosis in diagnose(repaired.rows, inspection.calendar) for note in diagnosis.notes)
    return RepairedFiles(path, log, repaired.changes, left)


def draw(inspection: Inspection, path: Path, force: bool = False) -> None:
    """Draw the prices with what was found marked in them.

    Raises:
        ConfigError: A file that exists, or of no known picture format.
    """
    from stockrnn.reports.price_figure import save_price_figure

    if path.exists() and not force:
        raise ConfigError(f"--plot {path}: exists already; name another file, or replace it with --force")
    save_price_figure(inspection.diagnoses, path)


def _default_target(source: Path) -> Path:
    # "." has no name of its own.
    source = source if source.name else source.resolve()
    name = source.name
    for ending in (*_CSV_ENDINGS, ".gz", source.suffix):
        name = name[: -len(ending)] if ending and name.lower().endswith(ending) else name
    return source.with_name(f"{name}{REPAIRED_SUFFIX}")


def _check_target(target: Path, sources: Sequence[Path], force: bool) -> None:
    for source in sources:
        same = target.resolve() == source.resolve()
        inside = source.is_dir() and target.exists() and source.resolve() in target.resolve().parents
        if same or inside:
            raise ConfigError(
                f"--out {target}: this is an input, and a repair never changes an input; name another file"
            )
    if target.exists() and not force:
        raise ConfigError(f"--out {target}: exists already; name another file, or replace it with --force")
