"""A table of forecasts as long rows: one a ticker, session and forecaster, with the quantiles that it gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.errors import PriceDataError
from stockrnn.forecasts.foreign.cells import dates_of, is_dated, is_numeric, is_per_cent, numbers_of
from stockrnn.forecasts.foreign.headers import find_role, listed
from stockrnn.forecasts.foreign.models import Model, find_models
from stockrnn.forecasts.foreign.phrases import price_of
from stockrnn.forecasts.foreign.prices_beside import Beside, actual_columns, price_columns, read_beside
from stockrnn.forecasts.foreign.spread import spread_levels
from stockrnn.forecasts.foreign.wide import tickers_of_columns
from stockrnn.prices.dialects.number_formats import Sign
from stockrnn.prices.table import PriceNote

# What pandas calls a column without a header: most are the numbers of the rows.
_NUMBERED = re.compile(r"Unnamed: \d+[.\d]*|index|level_0")

# A forecaster whose table gives it no name; its reader calls it by its file.
UNNAMED = ""


@dataclass(frozen=True)
class ForeignOptions:
    """What the user says about a file of forecasts.

    Attributes:
        target: The price column that is forecast; None lets the file say it.
        horizon: Sessions from origin to session where the file says neither.
        origin: The last session whose prices were known, for all forecasts of the file.
        ticker: The ticker of a file that names none, or the only one to be judged.
        level: The level of intervals `lower`, `upper` whose headers do not say it, such as 0.9.
        date_order: `dmy`, `mdy` or `ymd` for dates such as 03/04/2017.
        decimal: The decimal sign of numbers such as 1.234.
    """

    target: str | None = None
    horizon: int | None = None
    origin: pd.Timestamp | None = None
    ticker: str | None = None
    level: float | None = None
    date_order: str | None = None
    decimal: Sign | None = None


@dataclass(frozen=True)
class LongRows:
    """Forecasts as a file gives them.

    Attributes:
        rows: Columns `ticker` (None where the file names none), `session`, `origin` (NaT), `horizon` (NaN),
            `forecaster`, `target` (None), `forecast`, `actual` (NaN): in brackets what stands where the file is silent.
        quantiles: A column a level that any forecaster gives, NaN where one does not; the same rows.
        named: Whether the table has a column with the names of its forecasters, as ours has.
        notes: What the reader decided or left out.
    """

    rows: pd.DataFrame
    quantiles: pd.DataFrame
    named: bool
    notes: tuple[PriceNote, ...] = ()


@dataclass
class _Reading:
    """What a table's columns were found to be, as far as the reading has come; `target` is what they say is forecast."""

    source: str
    frame: pd.DataFrame
    roles: dict[str, str] = field(default_factory=dict)
    target: str | None = None
    notes: list[PriceNote] = field(default_factory=list)

    def note(self, code: str, text: str, rows: int = 0) -> None:
        self.notes.append(PriceNote(code, rows or len(self.frame), f"{self.source}: {text}"))


def long_rows(frame: pd.DataFrame, source: str, tickers: Sequence[str], options: ForeignOptions) -> LongRows:
    """Read a table of any layout.

    Args:
        frame: The table, at least two columns.
        source: Where it came from, for messages.
        tickers: The tickers of the prices: headers that are one of them hold forecasts of it.
        options: What the user says about the table.

    Raises:
        PriceDataError: No column of dates or of forecasts, or dates that cannot be read.
    """
    reading = _Reading(source, frame)
    _find_roles(reading)
    reading.frame = spread_levels(reading.frame, reading.roles)
    models = _models(reading, options)
    wide = {} if "ticker" in reading.roles else tickers_of_columns([model.name for model in models], tickers)
    if wide:
        strange = [model.name for model in models if model.name not in wide]
        if strange:
            reading.note("unknown_tickers", f"columns that are no ticker of the prices, left out: {listed(strange)}")
        models = [model for model in models if model.name in wide]
    shared = _shared_columns(reading, options)
    rows = [_rows_of(shared, model, wide.get(model.name), len(models)) for model in models]
    quantiles = [pd.DataFrame(model.quantiles, index=shared.index) for model in models]
    levels = sorted({level for part in quantiles for level in part.columns})
    return LongRows(
        pd.concat(rows, ignore_index=True),
        pd.concat([part.reindex(columns=levels) for part in quantiles], ignore_index=True).astype(np.float64),
        "forecaster" in reading.roles,
        tuple(reading.notes),
    )


def _find_roles(reading: _Reading) -> None:
    headers = list(reading.frame.columns)
    for role in ("session", "ticker", "origin", "horizon", "actual", "forecaster", "target", "level"):
        header = find_role(headers, role)
        if header is not None:
            reading.roles[role] = header
    roles, frame = reading.roles, reading.frame
    if "session" not in roles:
        # An index without a name is the first column of its file.
        if not is_dated(frame.iloc[:, 0]):
            raise PriceDataError(
                f"{reading.source}: no column of dates; found {listed(headers, 12)}; expected the day that is forecast as session, "
                "date, ds, time or timestamp"
            )
        roles["session"] = headers[0]
    numbered = [name for name in headers if _NUMBERED.fullmatch(name) and name != roles["session"]]
    reading.frame = frame = frame.drop(columns=numbered)
    for role in ("forecaster", "target"):
        # Some tools call a model's column `model`, or what came true `target`.
        if role in roles and is_numeric(frame[roles[role]]):
            header = roles.pop(role)
            if role == "target":
                roles.setdefault("actual", header)


def _models(reading: _Reading, options: ForeignOptions) -> list[Model]:
    frame = reading.frame.drop(columns=list(set(reading.roles.values())))
    aside = {name for names in price_columns(frame).values() for name in names} | set(actual_columns(frame))
    found = find_models(frame.drop(columns=list(aside)), options.level)
    if found.models:
        _take_beside(reading, read_beside(frame, options.target, [model.name for model in found.models], reading.roles))
    else:
        # Prices beside forecasts are what came true; alone they are the forecast.
        found = find_models(frame, options.level)
    if found.unlevelled:
        reading.note(
            "unknown_level",
            f"the level of {listed(found.unlevelled)} is not said, left out; say it with --level, such as --level 90",
        )
    if found.prophet:
        reading.note(
            "prophet_level", "yhat_lower and yhat_upper are taken for 80 %, as Prophet has it; else say --level"
        )
    if found.left_out:
        reading.note("left_out_columns", f"columns beside the forecast, left out: {listed(found.left_out)}")
    if not found.models:
        shares = [str(name) for name in frame.columns if is_per_cent(frame[name])]
        what = (
            f"; {listed(shares)} is in per cent: of returns, make prices, the last close x (1 + return)"
            if shares
            else ""
        )
        raise PriceDataError(
            f"{reading.source}: no column of forecasts; found {listed(reading.frame.columns, 12)}; expected numbers under "
            f"forecast, prediction, yhat, or the name of a model{what}"
        )
    return found.models


def _take_beside(reading: _Reading, beside: Beside) -> None:
    if beside.told_by is not None:
        reading.target = beside.target
        text = f"the forecasts are taken for the {beside.target}, because of {listed([beside.told_by])} beside them; else say --target"
        reading.note("assumed_target", text)
    if beside.actual is not None:
        reading.roles.setdefault("actual", beside.actual)


def _shared_columns(reading: _Reading, options: ForeignOptions) -> pd.DataFrame:
    """Return what all models of a table have in common."""
    frame, roles, count = reading.frame, reading.roles, len(reading.frame)
    tickers = frame[roles["ticker"]].astype(str).str.strip() if "ticker" in roles else None
    groups = np.zeros(count, dtype=np.int64) if tickers is None else pd.factorize(tickers)[0].astype(np.int64)

    def dates(role: str) -> np.ndarray:
        where = f"{reading.source} column {roles[role]!r}"
        return dates_of(frame[roles[role]], groups, options.date_order, where)

    def numbers(role: str) -> Floats:
        return numbers_of(frame[roles[role]]) if role in roles else np.full(count, np.nan)

    def texts(role: str) -> pd.Series | None:
        return frame[roles[role]].astype(str).str.strip() if role in roles else None

    nowhere = np.full(count, np.datetime64("NaT", "us"))
    said = None if options.origin is None else np.full(count, options.origin.to_datetime64().astype("datetime64[us]"))
    return pd.DataFrame(
        {
            "ticker": tickers,
            "session": dates("session"),
            "origin": said if said is not None else dates("origin") if "origin" in roles else nowhere,
            "horizon": numbers("horizon"),
            "forecaster": texts("forecaster"),
            "target": reading.target if "target" not in roles else texts("target"),
            "actual": numbers("actual"),
        },
        index=frame.index,
    )


def _rows_of(shared: pd.DataFrame, model: Model, wide: tuple[str, str | None] | None, models: int) -> pd.DataFrame:
    rows = shared.assign(forecast=model.values)
    price = price_of(model.name) if wide is None else wide[1]
    generic = model.generic or wide is not None or price is not None
    if shared["forecaster"].isna().all():
        rows["forecaster"] = UNNAMED if generic else model.name
    elif models > 1:
        rows["forecaster"] = shared["forecaster"] + " " + model.name
    if wide is not None:
        rows["ticker"] = wide[0]
    if shared["target"].isna().all() and price is not None:
        rows["target"] = price
    return rows
