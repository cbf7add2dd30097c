"""What the commands print: results for people as text, for programs as the JSON of the contract."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stockrnn.config import Config
    from stockrnn.forecasts.table import Forecasts
    from stockrnn.samples.splits import Split
    from stockrnn.workflows.backtest import BacktestResult
    from stockrnn.workflows.evaluate import Judgement
    from stockrnn.workflows.predict import Prediction
    from stockrnn.workflows.train import TrainResult


_FORECAST_KEYS = ["ticker", "origin", "session", "horizon", "forecaster", "target", "forecast"]


def train_text(result: TrainResult, everything: bool) -> str:
    """Return scores, verdict and places of a finished training."""
    from stockrnn.runs.folder import FIGURE_FILE

    facts = result.facts
    lines = [
        judgement_text(result.job.config, result.job.split, result.judgement, everything),
        "",
        *_spread(result.by_seed),
        f"Trained {facts.epochs} {'epoch' if facts.epochs == 1 else 'epochs'} of {facts.windows} windows in {facts.seconds:.0f} s.",
        f"Run:     {result.run}",
        f"Picture: {result.run / FIGURE_FILE}",
        f"Next:    stockrnn predict {result.run} --days 5",
    ]
    return "\n".join(lines)


def _spread(by_seed: Sequence[dict[str, float]]) -> list[str]:
    if not by_seed:
        return []
    errors = [each["rmse"] for each in by_seed]
    return [f"Alone, the {len(errors)} networks miss by {min(errors):.4g} to {max(errors):.4g} (RMSE)."]


def train_json(result: TrainResult) -> dict[str, Any]:
    """Return the JSON document of `train`."""
    facts = dataclasses.asdict(result.facts)
    return {
        "run": str(result.run),
        **facts,
        "split": result.job.split.to_json(),
        "by_seed": list(result.by_seed),
        **result.judgement.to_json(),
    }


def backtest_json(result: BacktestResult) -> dict[str, Any]:
    """Return the JSON document of `backtest`."""
    from stockrnn.workflows.backtest_job import failed_fold

    judged = result.judged.judgement.to_json() if result.judged else {"scores": [], "verdicts": []}
    failed = [{**failed_fold(each.task), "problem": each.problem} for each in result.failed]
    return {
        "run": str(result.run) if result.run else None,
        "folds": list(result.folds),
        "failed": failed,
        **judged,
    }


def backtest_text(result: BacktestResult, everything: bool) -> str:
    """Return scores, verdict and places of a finished backtest."""
    from stockrnn.runs.folder import FIGURE_FILE

    judged = result.judged
    assert judged is not None
    assert result.run is not None
    count = len(result.folds)
    last = result.folds[-1]["train"]
    return "\n".join(
        [
            judgement_text(judged.config, judged.split, judged.judgement, everything),
            "",
            f"Walked forward in {count} {'fold' if count == 1 else 'folds'}; the last was trained on {last[0]} to {last[1]}.",
            f"Run:     {result.run}",
            f"Picture: {result.run / FIGURE_FILE}",
        ]
    )


def judgement_text(config: Config, split: Split, judgement: Judgement, everything: bool) -> str:
    """Return a table of scores and the verdicts, one sentence each."""
    from stockrnn.reports.terminal import score_table

    target = config.target.column.capitalize()
    ahead = "the next session" if config.window.horizon == 1 else f"1 to {config.window.horizon} sessions ahead"
    return "\n".join(
        [
            f"{target}, {ahead}: trained on {_range(split.train)}, tested on {_range(split.test)}",
            "",
            score_table(judgement.scores, everything),
            "",
            f"The best naive forecast is the one that missed least before the test: {_best_naive(judgement)}.",
            *(verdict.text for verdict in judgement.verdicts),
        ]
    )


def _best_naive(judgement: Judgement) -> str:
    names = [name.replace("_", " ") for name in judgement.yardstick.best_naive.values()]
    if len(set(names)) == 1:
        return names[0]
    return ", ".join(
        f"{name} ({ahead} ahead)" for ahead, name in zip(judgement.yardstick.best_naive, names, strict=True)
    )


def prediction_text(prediction: Prediction) -> str:
    """Return the dated forecasts, the naive ones beside them, and what such forecasts were worth."""
    from stockrnn.reports.terminal import plain_table

    network, naive = prediction.forecasts, prediction.beside
    several = network["ticker"].nunique() > 1
    headers = [*(["ticker"] if several else []), "session", f"network, {network['target'].iloc[0]}"]
    headers.append(naive["forecaster"].iloc[0].replace("_", " "))
    rows = []
    for ours, theirs in zip(network.to_dict("records"), naive["forecast"], strict=True):
        cells = [f"{ours['session']:%a %Y-%m-%d}", _price(ours["forecast"]), _price(theirs)]
        rows.append([str(ours["ticker"]), *cells] if several else cells)
    first, last = network["origin"].min(), network["origin"].max()
    known = f"{last:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    dated = (
        f"sessions of {prediction.calendar}" if prediction.interval == "1d" else f"a price each {prediction.interval}"
    )
    lines = [f"Made from prices up to {known}; {dated}.", "", plain_table(headers, rows), ""]
    if network["horizon"].max() > 1 and prediction.config.can_go_on:
        lines.append(
            "The days after the first are forecast from the forecasts before them (recursive): less sure each day."
        )
    return "\n".join([*lines, *(f"On the test sessions: {verdict['text']}" for verdict in prediction.verdicts)])


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    """Return the JSON document of `predict`."""
    return {
        "forecasts": _forecast_rows(prediction.forecasts),
        "beside": _forecast_rows(prediction.beside),
        "verdicts": list(prediction.verdicts),
    }


def _forecast_rows(forecasts: Forecasts) -> list[dict[str, Any]]:
    dated = forecasts.assign(
        origin=forecasts["origin"].dt.strftime("%Y-%m-%d"), session=forecasts["session"].dt.strftime("%Y-%m-%d")
    )
    no_interval = {"lower": None, "upper": None, "level": None}
    return [{**dict(zip(_FORECAST_KEYS, row, strict=True)), **no_interval} for row in dated[_FORECAST_KEYS].to_numpy()]


def prediction_csv(prediction: Prediction) -> str:
    """Return the forecasts and the naive ones as CSV."""
    import pandas as pd

    rows = _forecast_rows(prediction.forecasts) + _forecast_rows(prediction.beside)
    return pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")


def _price(value: float) -> str:
    # Exchange rates and small coins need more than cents.
    decimals = 2 if value >= 10 else 4 if value >= 0.1 else 8
    return f"{value:.{decimals}f}"


def _range(part: tuple[Any, Any]) -> str:
    return f"{part[0]:%Y-%m-%d} to {part[1]:%Y-%m-%d}"
