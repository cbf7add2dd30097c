from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices
from stockrnn.reports.figures import draw_forecasts, save_forecast_figure, save_forecast_figures


def forecasts_of(prices: Prices, horizon: int = 1, names: tuple[str, ...] = ("network", "last_close")) -> Forecasts:
    sessions = len(prices) // prices.index.get_level_values("ticker").nunique()
    rows = np.arange(len(prices))
    origins = rows[(rows % sessions >= 5) & (rows % sessions < sessions - horizon)]
    opens = np.repeat(prices["open"].to_numpy()[origins, None], horizon, axis=1)
    parts = [Forecast(name, opens + number) for number, name in enumerate(names, start=1)]
    return pd.concat([tabulate(each, prices, origins, "open") for each in parts], ignore_index=True)


@pytest.fixture
def forecasts(make_prices) -> Forecasts:
    return forecasts_of(make_prices(40))


def test_a_run_has_a_png_and_an_svg(forecasts: Forecasts, tmp_path: Path) -> None:
    paths = save_forecast_figures(forecasts, tmp_path / "figures")
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == ["figures/forecast.png", "figures/forecast.svg"]
    # The width and height of a PNG stand in its first chunk.
    assert struct.unpack(">II", paths[0].read_bytes()[16:24]) == (1200, 700)
    assert ET.parse(paths[1]).getroot().tag.endswith("svg")


def test_the_lines_are_the_real_price_the_naive_forecast_and_the_network(forecasts: Forecasts) -> None:
    (axis,) = draw_forecasts(forecasts).axes
    lines = {line.get_label().split(" (")[0]: line for line in axis.get_lines()}
    assert list(lines) == ["real open", "last close", "network"]
    network = forecasts[forecasts["forecaster"] == "network"]
    np.testing.assert_array_equal(lines["network"].get_ydata(), network["forecast"])
    np.testing.assert_array_equal(lines["real open"].get_ydata(), network["actual"])
    # A forecast for a session is drawn on that session, not on its origin.
    assert list(pd.DatetimeIndex(lines["network"].get_xdata(orig=True))) == network["session"].to_list()


def test_the_axes_say_what_they_show(forecasts: Forecasts) -> None:
    (axis,) = draw_forecasts(forecasts).axes
    assert axis.get_xlabel() == "session"
    assert axis.get_ylabel() == "open (quote currency)"
    first, last = forecasts["session"].min(), forecasts["session"].max()
    assert axis.get_title() == f"AAA: real and predicted open, {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    error = forecasts[forecasts["forecaster"] == "network"].eval("forecast - actual")
    labels = [text.get_text() for text in axis.get_legend().get_texts()]
    assert f"network (RMSE {np.sqrt((error**2).mean()):.2f})" in labels


def test_without_a_close_the_naive_line_is_the_last_value(make_prices) -> None:
    (axis,) = draw_forecasts(forecasts_of(make_prices(40), names=("network", "last_value", "drift"))).axes
    assert [line.get_label().split(" (")[0] for line in axis.get_lines()] == ["real open", "last value", "network"]


def test_of_several_horizons_the_first_and_the_last_are_drawn(make_prices) -> None:
    forecasts = forecasts_of(make_prices(40), horizon=3)
    figure = draw_forecasts(forecasts)
    assert [axis.get_title() for axis in figure.axes] == ["one session ahead", "3 sessions ahead"]
    assert figure.get_suptitle().startswith("AAA: real and predicted open, ")
    for axis, horizon in zip(figure.axes, (1, 3), strict=True):
        own = forecasts[(forecasts["horizon"] == horizon) & (forecasts["forecaster"] == "network")]
        (network,) = (line for line in axis.get_lines() if line.get_label().startswith("network"))
        np.testing.assert_array_equal(network.get_ydata(), own["forecast"])
        assert list(pd.DatetimeIndex(network.get_xdata(orig=True))) == own["session"].to_list()


def test_of_several_tickers_only_the_first_session_ahead_is_drawn(make_prices) -> None:
    figure = draw_forecasts(forecasts_of(make_prices(40, ["AAA", "BBB"]), horizon=3))
    assert [axis.get_title() for axis in figure.axes] == ["AAA", "BBB"]
    assert figure.get_suptitle().endswith(", one session ahead")
    assert {len(line.get_xdata()) for axis in figure.axes for line in axis.get_lines()} == {40 - 5 - 3}


def test_the_naive_forecast_lies_over_a_network_that_repeats_it(forecasts: Forecasts) -> None:
    (axis,) = draw_forecasts(forecasts).axes
    order = {line.get_label().split(" (")[0]: line.get_zorder() for line in axis.get_lines()}
    assert order["last close"] > order["network"]


def test_a_single_session_can_be_seen(make_prices) -> None:
    forecasts = forecasts_of(make_prices(7))
    (axis,) = draw_forecasts(forecasts[forecasts["session"] == forecasts["session"].max()]).axes
    assert {line.get_marker() for line in axis.get_lines()} == {"o"}


@pytest.mark.parametrize("step", [0.0, 1e-9, 1e-3])
def test_prices_that_hardly_move_are_a_line_on_an_axis_of_whole_prices(make_prices, step: float) -> None:
    forecasts = forecasts_of(make_prices(40))
    still = 42 + step * np.arange(len(forecasts)) % 2
    figure = draw_forecasts(forecasts.assign(actual=still, forecast=still))
    (axis,) = figure.axes
    low, high = axis.get_ylim()
    assert high - low >= 0.002 * 42
    figure.draw_without_rendering()
    assert axis.yaxis.get_offset_text().get_text() == ""
    shown = [float(label.get_text()) for label in axis.get_yticklabels()]
    assert shown == pytest.approx(list(axis.get_yticks()), abs=1e-6)


@pytest.mark.parametrize(("tickers", "panels"), [(2, 2), (3, 3), (6, 6), (8, 6)])
def test_each_ticker_has_a_panel_up_to_six(make_prices, tickers: int, panels: int) -> None:
    figure = draw_forecasts(forecasts_of(make_prices(20, [f"T{number}" for number in range(tickers)])))
    titles = [axis.get_title() for axis in figure.axes if axis.get_visible()]
    assert titles == [f"T{number}" for number in range(panels)]
    assert figure.get_suptitle().startswith(
        "the first 6 of 8 tickers: " if tickers > panels else "real and predicted open"
    )
    # No text lies outside the sheet or over the title of another panel.
    figure.draw_without_rendering()
    boxes = [axis.title.get_window_extent() for axis in figure.axes if axis.get_visible()]
    assert all(box.x0 >= 0 and box.x1 <= 1200 for box in boxes)
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[place + 1 :])


@pytest.mark.parametrize("ticker", ["$x_$", "\u8d35\u5dde\u8305\u53f0"])
def test_any_ticker_can_be_drawn(make_prices, tmp_path: Path, ticker: str) -> None:
    save_forecast_figure(forecasts_of(make_prices(20, [ticker])), tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size > 1000


def test_the_legend_of_a_small_price_keeps_its_digits(make_prices) -> None:
    forecasts = forecasts_of(make_prices(20)).assign(actual=1.0, forecast=1.00125)
    (axis,) = draw_forecasts(forecasts).axes
    assert "network (RMSE 0.00125)" in [text.get_text() for text in axis.get_legend().get_texts()]
