from __future__ import annotations

from pathlib import Path

import pytest

from stockrnn.errors import ConfigError
from stockrnn.evaluation.memory_recall import NETWORK_NAMES, MemoryCell
from stockrnn.reports.memory_figure import draw_memory, save_memory_figure

CELLS = [
    MemoryCell(network, lag, mean, 0.01, mean - 0.02, mean + 0.02, 2.0 * lag, 100)
    for network, mean in zip(NETWORK_NAMES, (0.5, 0.9, 0.6, 0.7, 0.8), strict=True)
    for lag in (5, 100)
]


def test_each_network_is_a_line_through_its_means_with_the_spread_of_its_seeds() -> None:
    accuracy, seconds = draw_memory(CELLS, 0.5).axes
    for place, (bars, line) in enumerate(zip(accuracy.containers, seconds.lines, strict=True)):
        mine = CELLS[2 * place : 2 * place + 2]
        assert list(bars.lines[0].get_ydata()) == [cell.mean for cell in mine]
        assert bars.get_label() == line.get_label() == NETWORK_NAMES[mine[0].network]
        assert list(line.get_xdata()) == [5, 100]
        assert list(line.get_ydata()) == [10.0, 200.0]
        (spread,) = bars.lines[2]
        ends = [[point[1] for point in segment] for segment in spread.get_segments()]
        assert ends == [pytest.approx([cell.lowest, cell.highest]) for cell in mine]


def test_the_level_of_guessing_is_drawn() -> None:
    accuracy, _ = draw_memory(CELLS, 0.5).axes
    level = next(line for line in accuracy.lines if str(line.get_label()).startswith("guessing"))
    assert list(level.get_ydata()) == [0.5, 0.5]


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_the_picture_has_the_format_of_its_name(tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / "deep" / f"memory{suffix}"
    save_memory_figure(CELLS, 0.5, path)
    assert path.read_bytes().startswith(start)


def test_the_same_numbers_draw_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for path in paths:
        save_memory_figure(CELLS, 0.5, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"memory\.txt: expected a name that ends in \.png"):
        save_memory_figure(CELLS, 0.5, tmp_path / "memory.txt")
