from __future__ import annotations

import struct
from pathlib import Path

import pytest

from stockrnn.cli.diagram import NAMES
from stockrnn.reports.diagrams import DIAGRAMS, save_diagram

each_diagram = pytest.mark.parametrize("name", NAMES)


def test_the_command_knows_every_diagram() -> None:
    assert tuple(DIAGRAMS) == NAMES


@each_diagram
def test_a_diagram_is_a_png_of_1200_by_700_pixels(name: str, tmp_path: Path) -> None:
    save_diagram(name, tmp_path / "made" / "a.png")
    assert struct.unpack(">II", (tmp_path / "made" / "a.png").read_bytes()[16:24]) == (1200, 700)


@each_diagram
def test_nothing_in_a_diagram_lies_outside_the_sheet_or_over_another_text(name: str) -> None:
    figure = DIAGRAMS[name]()
    figure.draw_without_rendering()
    (axis,) = figure.axes
    boxes = [text.get_window_extent() for text in axis.texts]
    for extent in boxes:
        assert extent.x0 >= 0
        assert extent.y0 >= 0
        assert extent.x1 <= 1200
        assert extent.y1 <= 700
    pairs = [(one, other) for place, one in enumerate(boxes) for other in boxes[place + 1 :]]
    assert not [pair for pair in pairs if pair[0].overlaps(pair[1])]


def test_diagram_prints_the_file_it_drew(run_cli, tmp_path: Path) -> None:
    result = run_cli("diagram", "shapes", "--out", tmp_path / "shapes.svg")
    assert result.stdout == f"Picture: {tmp_path / 'shapes.svg'}\n"
    assert (tmp_path / "shapes.svg").is_file()


def test_an_unknown_diagram_is_a_usage_error_that_names_the_known_ones(run_cli) -> None:
    assert "'layers', 'unrolled', 'shapes', 'bptt', 'lstm'" in run_cli("diagram", "gru", code=2).output
