"""Diagrams of how recurrent networks are built, for what no run can show; drawn without a display."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stockrnn.reports.picture_files import save_picture
from stockrnn.reports.sketches import (
    FAINT,
    GRADIENT,
    INK,
    SHARED,
    Kind,
    Point,
    area,
    arrow,
    box,
    circle,
    line,
    new_sheet,
    write,
)


def save_diagram(name: str, path: Path) -> None:
    """Draw a diagram of `DIAGRAMS`, 1200 x 700 pixels, in the format of the file's suffix.

    Raises:
        ConfigError: A suffix of no known format.
    """
    save_picture(DIAGRAMS[name], path, formulas=True)


def draw_layers() -> Figure:
    """Draw a feed-forward network beside a recurrent one."""
    figure, axis = new_sheet("Feed-forward and recurrent")
    for left, title in ((0.0, "feed-forward: signals go one way"), (6.0, "recurrent: the layer hears itself")):
        write(axis, (left + 3, 5.85), title, size=15)
        inputs = [(left + 1.0, height) for height in (2.1, 3.2, 4.3)]
        hidden = [(left + 3.0, height) for height in (1.55, 2.65, 3.75, 4.85)]
        output = (left + 5.0, 3.2)
        for here in hidden:
            for place in inputs:
                arrow(axis, (place[0] + 0.27, place[1]), (here[0] - 0.3, here[1]), FAINT, width=1.0)
            arrow(axis, (here[0] + 0.27, here[1]), (output[0] - 0.3, output[1]), FAINT, width=1.0)
        _circles(axis, inputs, "input")
        _circles(axis, hidden, "state")
        _circles(axis, [output], "output")
        for x, text in ((1.0, "input"), (3.0, "hidden layer"), (5.0, "output")):
            write(axis, (left + x, 0.95), text)
    for height in (1.55, 2.65, 3.75, 4.85):
        start, end = (9.14, height + 0.25), (8.86, height + 0.25)
        arrow(axis, start, end, SHARED, bend=1.9, width=2.0)
    line(axis, [(6, 0.8), (6, 6.0)], "#dddddd")
    write(axis, (3, 0.4), "the same input always gives the same output", color=FAINT)
    write(axis, (9, 0.4), "the output also depends on what came before", color=SHARED)
    return figure


def _circles(axis: Axes, places: list[Point], kind: Kind) -> None:
    for place in places:
        circle(axis, place, "", kind)


def draw_unrolled() -> Figure:
    """Draw one recurrent layer as a loop, and the same layer unrolled over the steps of a window."""
    figure, axis = new_sheet("One layer in a loop, and the same layer unrolled")
    _step(axis, 1.3, "t", output=True)
    arrow(axis, (1.75, 3.75), (1.75, 3.25), SHARED, bend=-2.6, width=2.2)
    write(axis, (2.62, 3.5), "$W_h$", color=SHARED, size=15)
    write(axis, (3.35, 3.5), "=", size=30)
    places = {"1": 4.4, "2": 6.2, "3": 8.0, "60": 11.0}
    for name, place in places.items():
        _step(axis, place, name, output=name == "60")
    arrows = [(4.4, 6.2), (6.2, 8.0), (8.0, 9.5), (9.5, 11.0)]
    for start, end in arrows:
        from_x, to_x = start + (0 if start == 9.5 else 0.47), end - (0 if end == 9.5 else 0.47)
        arrow(axis, (from_x + 0.2 * (start == 9.5), 3.5), (to_x - 0.2 * (end == 9.5), 3.5), SHARED, width=2.2)
        write(axis, ((from_x + to_x) / 2, 3.78), "$W_h$", color=SHARED, size=14)
    write(axis, (9.5, 3.5), "...", size=20)
    write(axis, (6.2, 0.98), r"$h_t = \tanh(W_x\, x_t + W_h\, h_{t-1} + b)$", size=18)
    write(
        axis, (6.2, 0.42), "the same $W_x$, $W_h$ and $b$ at every step: 60 steps, one set of parameters", color=SHARED
    )
    return figure


def _step(axis: Axes, x: float, name: str, *, output: bool) -> None:
    arrow(axis, (x, 2.3), (x, 3.17), SHARED, width=2.2)
    write(axis, (x - 0.3, 2.7), "$W_x$", color=SHARED, size=14)
    box(axis, (x, 2.0), f"$x_{{{name}}}$", "input")
    box(axis, (x, 3.5), f"$h_{{{name}}}$", "state", (0.9, 0.64))
    if output:
        arrow(axis, (x, 3.83), (x, 4.7), INK)
        box(axis, (x, 5.0), f"$y_{{{name}}}$", "output")


def draw_shapes() -> Figure:
    """Draw the four shapes: how many steps go in, and how many come out."""
    figure, axis = new_sheet("The four shapes of a recurrent network")
    _shape(axis, 1.1, "one-to-one", "a picture\nto its class", (1, [0], [0]))
    _shape(axis, 3.0, "one-to-many", "a picture\nto its caption", (3, [0], [0, 1, 2]))
    _shape(axis, 5.4, "many-to-one", "a review to its mood,\n60 sessions to the next", (3, [0, 1, 2], [2]))
    _shape(axis, 7.8, "many-to-many", "a target at every step:\nthe session after each", (3, [0, 1, 2], [0, 1, 2]))
    _shape(axis, 10.5, "many-to-many", "sequence to sequence: a sentence\nto its translation", (4, [0, 1], [2, 3]))
    for x in (1.8, 4.2, 6.6, 9.0):
        line(axis, [(x, 0.6), (x, 6.0)], "#dddddd")
    for y, text in ((2.25, "in"), (3.5, "state"), (4.75, "out")):
        write(axis, (0.28, y), text, color=FAINT, rotation=90)
    return figure


def _shape(axis: Axes, centre: float, title: str, use: str, steps: tuple[int, list[int], list[int]]) -> None:
    count, inputs, outputs = steps
    places = [centre + 0.75 * (step - (count - 1) / 2) for step in range(count)]
    size = (0.48, 0.56)
    for before, after in pairwise(places):
        arrow(axis, (before + 0.25, 3.5), (after - 0.25, 3.5), SHARED, width=2.0)
    for step, x in enumerate(places):
        box(axis, (x, 3.5), "", "state", size)
        if step in inputs:
            box(axis, (x, 2.25), "", "input", size)
            arrow(axis, (x, 2.53), (x, 3.2))
        if step in outputs:
            box(axis, (x, 4.75), "", "output", size)
            arrow(axis, (x, 3.78), (x, 4.45))
    write(axis, (centre, 5.68), title, size=14.5, weight="bold", va="baseline")
    write(axis, (centre, 1.2), use, size=11)


def draw_bptt() -> Figure:
    """Draw where gradients flow: through the whole window, and truncated."""
    figure, axis = new_sheet("Backpropagation through time")
    write(axis, (0.45, 5.5), "full: the gradient goes back to the first step", size=14, ha="left")
    write(axis, (0.45, 2.5), "truncated: the state is carried over, the gradient stops", size=14, ha="left")
    places = [0.9 + 1.12 * step for step in range(9)]
    for y, stops in ((4.6, ()), (1.6, (2, 5))):
        for step, x in enumerate(places):
            box(axis, (x, y), f"$h_{{{step + 1}}}$", "state", (0.7, 0.56))
            if step:
                _between(axis, x, y, len(places) - 1 - step, step - 1 in stops)
        arrow(axis, (places[-1] + 0.35, y + 0.12), (10.83, y + 0.12))
        arrow(axis, (10.84, y - 0.12), (places[-1] + 0.37, y - 0.12), GRADIENT, width=3.0)
        box(axis, (11.2, y), "loss", "output", (0.7, 0.56))
    arrow(axis, (0.5, 0.35), (1.1, 0.35))
    write(axis, (1.25, 0.35), "state, forwards", ha="left")
    arrow(axis, (4.1, 0.35), (3.5, 0.35), GRADIENT, width=3.0)
    write(
        axis,
        (4.3, 0.35),
        r"gradient, backwards: times $\partial h_t / \partial h_{t-1}$ at every step",
        ha="left",
        color=GRADIENT,
    )
    line(axis, [(10.1, 0.22), (10.1, 0.48)], GRADIENT, width=5)
    write(axis, (10.3, 0.35), "stopped", ha="left", color=GRADIENT)
    write(axis, (6.0, 3.75), "many factors below 1: it vanishes;  many above 1: it explodes", color=GRADIENT, size=14)
    return figure


def _between(axis: Axes, x: float, y: float, passed: int, stopped: bool) -> None:
    """Draw what goes from a step to the one at `x`, and what comes back after `passed` steps of fading."""
    arrow(axis, (x - 0.77, y + 0.12), (x - 0.37, y + 0.12))
    if stopped:
        line(axis, [(x - 0.56, y - 0.32), (x - 0.56, y + 0.02)], GRADIENT, width=5)
    elif y > 3 or passed < 3:
        strength = 0.85 - 0.09 * passed
        arrow(axis, (x - 0.36, y - 0.12), (x - 0.76, y - 0.12), GRADIENT, width=0.6 + 2.6 * strength, alpha=strength)


def draw_lstm() -> Figure:
    """Draw an LSTM cell in its three steps: forget, add, output."""
    figure, axis = new_sheet("The LSTM cell: forget, add, output")
    steps: tuple[tuple[float, float, Kind, str, str], ...] = (
        (1.35, 2.55, "input", "1  forget", r"$f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)$"),
        (4.0, 3.9, "state", "2  add", r"$i_t = \sigma(\ldots),\quad \tilde{c}_t = \tanh(\ldots)$"),
        (8.0, 2.95, "output", "3  output", r"$o_t = \sigma(\ldots),\quad h_t = o_t \odot \tanh(c_t)$"),
    )
    for left, width, kind, title, formula in steps:
        area(axis, (left, 1.45), (width, 4.6), kind)
        write(axis, (left + width / 2, 5.7), title, size=15, weight="bold", va="baseline")
        write(axis, (left + width / 2, 1.12), formula, size=12.5)
    _cell_state(axis)
    _gates(axis)
    write(axis, (6, 0.45), r"$c_t = f_t \odot c_{t-1} + i_t \odot \tilde{c}_t$", size=18)
    return figure


def _cell_state(axis: Axes) -> None:
    gold = "#a67c00"
    line(axis, [(1.15, 5.1), (11.1, 5.1)], gold, width=3.0)
    arrow(axis, (10.9, 5.1), (11.2, 5.1), gold, width=3.0)
    circle(axis, (0.75, 5.1), "$c_{t-1}$", "memory", 0.4)
    circle(axis, (11.55, 5.1), "$c_t$", "memory", 0.35)
    circle(axis, (2.6, 5.1), r"$\times$", "plain", 0.23)
    circle(axis, (6.5, 5.1), "+", "plain", 0.23)


def _gates(axis: Axes) -> None:
    line(axis, [(1.15, 1.9), (8.7, 1.9)], INK)
    circle(axis, (0.75, 1.9), "$h_{t-1}$", "state", 0.4)
    circle(axis, (0.75, 2.9), "$x_t$", "input", 0.35)
    line(axis, [(1.1, 2.9), (1.25, 2.9), (1.25, 1.9)], INK)
    for x, text in (
        (2.6, r"$f_t$   $\sigma$"),
        (4.9, r"$i_t$   $\sigma$"),
        (6.5, r"$\tilde{c}_t$   tanh"),
        (8.7, r"$o_t$   $\sigma$"),
    ):
        arrow(axis, (x, 1.9), (x, 2.42))
        box(axis, (x, 2.75), text, "gate", (1.15, 0.6))
    arrow(axis, (2.6, 3.06), (2.6, 4.85), SHARED)
    circle(axis, (6.5, 3.95), r"$\times$", "plain", 0.23)
    arrow(axis, (6.5, 3.06), (6.5, 3.7), INK)
    arrow(axis, (6.5, 4.19), (6.5, 4.85), INK)
    line(axis, [(4.9, 3.06), (4.9, 3.95)], SHARED)
    arrow(axis, (4.9, 3.95), (6.25, 3.95), SHARED)
    line(axis, [(8.7, 3.06), (8.7, 3.35)], SHARED)
    arrow(axis, (8.7, 3.35), (9.87, 3.35), SHARED)
    arrow(axis, (10.1, 5.1), (10.1, 4.55), "#a67c00")
    box(axis, (10.1, 4.25), "tanh", "gate", (0.85, 0.52))
    arrow(axis, (10.1, 3.98), (10.1, 3.6), INK)
    circle(axis, (10.1, 3.35), r"$\times$", "plain", 0.23)
    line(axis, [(10.1, 3.11), (10.1, 1.9)], INK)
    arrow(axis, (10.1, 1.9), (11.18, 1.9), INK)
    circle(axis, (11.55, 1.9), "$h_t$", "state", 0.35)


DIAGRAMS: dict[str, Callable[[], Figure]] = {
    "layers": draw_layers,
    "unrolled": draw_unrolled,
    "shapes": draw_shapes,
    "bptt": draw_bptt,
    "lstm": draw_lstm,
}
