"""What `predict` prints: dated forecasts as text, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from stockrnn.messages import first_few

if TYPE_CHECKING:
    import pandas as pd

    from stockrnn.forecasts.table import Forecasts
    from stockrnn.workflows.predict import Prediction

_FORECAST_KEYS = ["ticker", "origin", "session", "horizon", "forecaster", "target", "forecast"]
# Fewer forecasts than this, and one more or less is more than five per cent of them.
_FEW = 20


def prediction_text(prediction: Prediction) -> str:
    """Return the dated forecasts, what stands beside them, and what such forecasts were worth."""
    from stockrnn.prices.intervals import DAILY, unit_of
    from stockrnn.reports.terminal import plain_table

    network, unit = prediction.forecasts, unit_of(prediction.interval)
    each = prediction.interval if unit == "session" else unit
    dated = f"sessions of {prediction.calendar}" if prediction.interval == DAILY else f"a price each {each}"
    day = "day" if prediction.interval == DAILY else unit
    columns = dict(_columns(prediction))
    rows = [list(cells) for cells in zip(*columns.values(), strict=True)]
    lines = [f"Made from prices up to {known_until(network)}; {dated}.", "", plain_table(list(columns), rows), ""]
    if network["horizon"].max() > 1 and prediction.config.can_go_on:
        lines.append(
            f"The {day}s after the first are forecast from the forecasts before them (recursive): less sure each {day}."
        )
    lines += [*_beyond(prediction), *_coverage(prediction)]
    told = _told(prediction, prediction.verdicts)
    return "\n".join([*lines, *(_judged(prediction, each) for each in prediction.verdicts if each["horizon"] in told)])


def _judged(prediction: Prediction, verdict: dict[str, Any]) -> str:
    """Return the sentence of a verdict, with what it is of."""
    if prediction.learnt and verdict["part"] == "distribution":
        return (
            "The ranges above are learnt from the misses of the point forecasts on the test sessions. "
            f"The run's own ranges there, made otherwise: {verdict['text']}"
        )
    return f"On the test sessions: {verdict['text']}"


def known_until(forecasts: Forecasts) -> str:
    """Return the last days of the prices, the first one with the tickers that end there."""
    days = sorted(set(forecasts["origin"]))
    first, last = f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}"
    if len(days) == 1:
        return last
    tickers = [str(name) for name in dict.fromkeys(forecasts.loc[forecasts["origin"] == days[0], "ticker"])]
    older = f"{first} ({first_few(tickers, 2)})"
    return (
        f"{older} and {last}" if len(days) == 2 else f"{len(days)} different days, the first {older}, the last {last}"
    )


def _beyond(prediction: Prediction) -> list[str]:
    """Say so where days are past those that the network was trained for, which are drawn on from the last of them."""
    config, days = prediction.config, int(prediction.forecasts["horizon"].max())
    if config.can_go_on or config.target.kind != "log_return" or days <= config.outputs:
        return []
    from stockrnn.prices.intervals import counted, unit_of

    unit = unit_of(prediction.interval)
    return [
        f"Trained for {counted(config.outputs, unit)} ahead: the {'day' if unit == 'session' else unit}s after are drawn "
        f"on from there, their ranges wider by the move of a usual {unit} each time; the verdict says nothing of them."
    ]


def _coverage(prediction: Prediction) -> list[str]:
    """Say how often ranges held what came true on the test sessions."""
    from stockrnn.prices.intervals import counted, unit_of

    lines = []
    for horizon in _told(prediction, prediction.coverage):
        rows = [row for row in prediction.coverage if row["horizon"] == horizon]
        ahead, made = counted(horizon, unit_of(prediction.interval)), counted(rows[0]["rows"], "forecast")
        if rows[0]["rows"] < _FEW:
            lines.append(
                f"On the test sessions, {ahead} ahead, {made} had ranges: too few to say how often they come true."
            )
            continue
        shares = ", ".join(f"{100 * row['coverage']:.1f} % in the {_named(row['level'])} range" for row in rows)
        lines.append(f"On the test sessions, {ahead} ahead, came true of {made}: {shares}.")
    return lines


def _told(prediction: Prediction, rows: Iterable[dict[str, Any]]) -> list[int]:
    """Return which horizons that were asked for stand for all of these rows."""
    from stockrnn.cli.results import shown_horizons

    asked = int(prediction.forecasts["horizon"].max())
    return shown_horizons(sorted({row["horizon"] for row in rows if row["horizon"] <= asked}))


def _columns(prediction: Prediction) -> Iterator[tuple[str, list[str]]]:
    """Give the header and the cells of each column."""
    from stockrnn.reports.terminal import forecaster_name

    network = prediction.forecasts
    if len(set(network["ticker"])) > 1:
        yield "ticker", [str(name) for name in network["ticker"]]
    yield "session", [f"{day:%a %Y-%m-%d}" for day in network["session"]]
    yield f"network, {network['target'].iloc[0]}", [_price(value) for value in network["forecast"]]
    for level in prediction.levels:
        yield _named(level), _intervals(network, level)
    for name, rows in prediction.beside.groupby("forecaster", sort=False):
        if rows["q0.05"].isna().all():
            yield forecaster_name(str(name)), [_price(value) for value in rows["forecast"]]
        else:
            widest = max(prediction.levels)
            yield f"{forecaster_name(str(name))}, {_named(widest)}", _intervals(rows, widest)


def _named(level: float) -> str:
    return f"{round(100 * level, 6):g} %"


def _intervals(rows: Forecasts, level: float) -> list[str]:
    low, high = _ends(rows, level)
    return [f"{_price(lower)} to {_price(upper)}" for lower, upper in zip(low, high, strict=True)]


def _ends(rows: Forecasts, level: float) -> tuple[pd.Series, pd.Series]:
    from stockrnn.forecasts.ranges import range_columns

    low, high = range_columns(level)
    return rows[low], rows[high]


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    """Return the JSON document of `predict`: a row a forecast and level."""
    return {
        "forecasts": _forecast_rows(prediction.forecasts, prediction.levels),
        "beside": [
            row
            for _, rows in prediction.beside.groupby("forecaster", sort=False)
            for row in _forecast_rows(rows, prediction.levels)
        ],
        "verdicts": list(prediction.verdicts),
        "coverage": list(prediction.coverage),
        "learnt": prediction.learnt,
    }


def _forecast_rows(forecasts: Forecasts, levels: tuple[float, ...]) -> list[dict[str, Any]]:
    dated = forecasts.assign(
        origin=forecasts["origin"].dt.strftime("%Y-%m-%d"), session=forecasts["session"].dt.strftime("%Y-%m-%d")
    )
    keys = [dict(zip(_FORECAST_KEYS, row, strict=True)) for row in dated[_FORECAST_KEYS].to_numpy()]
    if not levels or forecasts["q0.05"].isna().all():
        return [{**key, "lower": None, "upper": None, "level": None} for key in keys]
    ends = {level: list(zip(*_ends(forecasts, level), strict=True)) for level in levels}
    return [
        {**key, "lower": float(ends[level][place][0]), "upper": float(ends[level][place][1]), "level": round(level, 6)}
        for place, key in enumerate(keys)
        for level in levels
    ]


def prediction_csv(prediction: Prediction) -> str:
    """Return the forecasts and what stands beside them as CSV."""
    import pandas as pd

    document = prediction_json(prediction)
    return pd.DataFrame(document["forecasts"] + document["beside"]).to_csv(index=False, lineterminator="\n")


def _price(value: float) -> str:
    # Exchange rates and small coins need more than cents.
    decimals = 2 if value >= 10 else 4 if value >= 0.1 else 8
    return f"{value:.{decimals}f}"
