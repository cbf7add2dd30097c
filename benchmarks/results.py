"""The machine, the versions and the date of a benchmark, and the file that its results are written to."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from stockrnn.cores import usable_cores

RESULTS = Path(__file__).parent / "RESULTS.md"
_TITLE = "# Results of the benchmarks\n\nWritten by `make bench`, `make bench-scale` and `make bench-tasks`; ratios carry over to other machines, seconds do not.\n"
_PACKAGES = ("stockrnn", "tensorflow", "keras", "numpy", "pandas")


def conditions(more_versions: Sequence[str] = ()) -> str:
    """Return a line of date, processor, cores, memory and versions; no name of a host, no path."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES if _is_installed(name)]
    today = dt.datetime.now(dt.UTC).date()
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return (
        f"{today}; {_processor()}, {usable_cores()} cores, {_memory()}; {system}; {', '.join([*versions, *more_versions])}; "
        f"load average before: {_load()}."
    )


def write_section(name: str, lines: Iterable[str], path: Path | None = None, title: str = _TITLE) -> None:
    """Put the lines under the heading `name` into a file of results, in place of what was there; a new one has the title."""
    path = path or RESULTS
    text = path.read_text(encoding="utf-8") if path.is_file() else title
    before, *sections = re.split(r"(?m)^## ", text)
    kept = dict(section.split("\n", 1) for section in sections)
    kept[name] = "\n".join(lines)
    body = "\n\n".join("## " + heading + "\n\n" + kept[heading].strip("\n") for heading in sorted(kept))
    path.write_text(before.rstrip("\n") + "\n\n" + body + "\n", encoding="utf-8")


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*:\s*(.+)", cpuinfo.read_text(encoding="utf-8")) if cpuinfo.is_file() else []
    return names[0] if names else platform.processor() or "unknown processor"


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return "unknown memory"
    return f"{size / 2**30:.0f} GiB"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") and sys.platform != "win32" else "unknown"
