from __future__ import annotations

from dataclasses import replace

import pytest

from stockrnn.evaluation.memory_recall import NETWORK_NAMES, MemoryCell
from stockrnn.reports.memory_figure import draw_memory

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


def test_the_seconds_are_written_out() -> None:
    figure = draw_memory(CELLS, 0.5)
    figure.draw_without_rendering()
    labels = [text.get_text() for text in figure.axes[1].get_yticklabels(which="both")]
    assert "10" in labels
    assert not any("$" in label for label in labels)


def test_seconds_within_one_decade_are_labelled_too() -> None:
    cells = [replace(cell, seconds=seconds) for cell, seconds in zip(CELLS, [3.0, 7.5] * 5, strict=True)]
    figure = draw_memory(cells, 0.5)
    figure.draw_without_rendering()
    low, high = figure.axes[1].get_ylim()
    assert any(low <= float(tick) <= high for tick in figure.axes[1].get_yticks())


@pytest.mark.parametrize("quick", [True, False])
def test_a_quick_measurement_says_so(quick: bool) -> None:
    assert draw_memory(CELLS, 0.5, quick).get_suptitle().startswith("Quick") == quick


def test_the_level_of_guessing_is_drawn() -> None:
    accuracy, _ = draw_memory(CELLS, 0.5).axes
    level = next(line for line in accuracy.lines if str(line.get_label()).startswith("guessing"))
    assert list(level.get_ydata()) == [0.5, 0.5]
