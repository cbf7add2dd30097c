"""The shapes that diagrams are made of: boxes, circles, arrows and words on an empty sheet of 12 x 7 units."""

from __future__ import annotations

from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

Point = tuple[float, float]
Kind = Literal["input", "state", "output", "gate", "memory", "plain"]

INK = "#333333"
FAINT = "#8a8a8a"
SHARED = "#7b3fa0"  # the parameters of a step, the same at each
GRADIENT = "#c62828"
# Fill and edge; the same kind of thing has the same colour in every diagram.
_COLOURS: dict[Kind, tuple[str, str]] = {
    "input": ("#d6e6f5", "#1f5f9e"),
    "state": ("#d9efd9", "#2e7d32"),
    "output": ("#fde3c8", "#c65d00"),
    "gate": ("#ffffff", "#7b3fa0"),
    "memory": ("#fff3bf", "#a67c00"),
    "plain": ("#f4f4f4", "#b0b0b0"),
}


def new_sheet(title: str) -> tuple[Figure, Axes]:
    """Return a figure of 1200 x 700 pixels at 100 dots an inch, and its axes: x from 0 to 12, y from 0 to 7, upwards."""
    figure = Figure(figsize=(12, 7))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, 12), ylim=(0, 7))
    axis.set_axis_off()
    write(axis, (6, 6.62), title, size=19, weight="bold")
    return figure, axis


def box(axis: Axes, centre: Point, text: str, kind: Kind, size: Point = (0.9, 0.6)) -> None:
    """Draw a rounded box with a text in it."""
    fill, edge = _COLOURS[kind]
    corner = (centre[0] - size[0] / 2, centre[1] - size[1] / 2)
    style = "round,pad=0,rounding_size=0.12"
    axis.add_patch(
        FancyBboxPatch(corner, *size, boxstyle=style, facecolor=fill, edgecolor=edge, linewidth=1.8, zorder=3)
    )
    write(axis, centre, text, size=14)


def circle(axis: Axes, centre: Point, text: str, kind: Kind, radius: float = 0.27) -> None:
    """Draw a circle with a text in it."""
    fill, edge = _COLOURS[kind]
    axis.add_patch(Circle(centre, radius, facecolor=fill, edgecolor=edge, linewidth=1.8, zorder=3))
    write(axis, centre, text, size=14)


def area(axis: Axes, corner: Point, size: Point, kind: Kind) -> None:
    """Shade a part of the sheet, behind everything else."""
    fill, edge = _COLOURS[kind]
    style = "round,pad=0,rounding_size=0.15"
    axis.add_patch(
        FancyBboxPatch(
            corner, *size, boxstyle=style, facecolor=fill, edgecolor=edge, linewidth=1.0, alpha=0.45, zorder=0
        )
    )


def arrow(axis: Axes, start: Point, end: Point, colour: str = INK, **style: Any) -> None:
    """Draw an arrow; `bend` curves it, `width` and `alpha` say how strong it is."""
    axis.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle=style.get("head", "-|>"),
            mutation_scale=15,
            color=colour,
            linewidth=style.get("width", 1.6),
            alpha=style.get("alpha", 1.0),
            connectionstyle=f"arc3,rad={style.get('bend', 0.0)}",
            shrinkA=0,
            shrinkB=0,
            zorder=2,
        )
    )


def line(axis: Axes, points: list[Point], colour: str = INK, width: float = 1.6) -> None:
    """Draw a line through points."""
    axis.plot(*zip(*points, strict=True), color=colour, linewidth=width, zorder=2, solid_capstyle="round")


def write(axis: Axes, place: Point, text: str, size: float = 13, **style: Any) -> None:
    """Write a text, centred unless `ha` says otherwise; $...$ is a formula."""
    style = {"ha": "center", "va": "center", "color": INK, **style}
    axis.text(*place, text, fontsize=size, zorder=4, linespacing=1.45, **style)
