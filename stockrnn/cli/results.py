"""What the commands print: results for people as text, for programs as the JSON of the contract."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stockrnn.config import Config
    from stockrnn.evaluation.terms import Terms
    from stockrnn.samples.splits import Part, Split
    from stockrnn.workflows.backtest import BacktestResult
    from stockrnn.workflows.evaluate import Judgement
    from stockrnn.workflows.train import TrainResult

# More horizons than these are counted where they are not in a row.
_MOST_NAMED = 6


def train_text(result: TrainResult, everything: bool) -> str:
    """Return scores, verdict and places of a finished training."""
    from stockrnn.runs.folder import FIGURE_FILE
    from stockrnn.runs.places import predict_command

    facts, most = result.facts, result.job.config.most_days
    lines = [
        judgement_text(result.job.config, result.job.split, result.judgement, everything),
        *_expected(result.expected, result.gate),
        *_gate(result.gate, result.judgement),
        "",
        *_spread(result.by_seed, pooled=any(score.ticker is None for score in result.judgement.scores)),
        f"Trained {facts.epochs} {'epoch' if facts.epochs == 1 else 'epochs'} of {facts.windows} windows in {facts.seconds:.0f} s.",
        f"Run:     {result.run}",
        f"Picture: {result.run / FIGURE_FILE}",
        f"Next:    {predict_command(result.run)} --days {min(5, most or 5)}",
    ]
    return "\n".join(lines)


def _expected(expected: bool, share: float | None) -> list[str]:
    if not expected or share == 0:
        return []
    return [
        "Starts from a regression on the session's features, which foretold moves of the training sessions clearly."
    ]


def _gate(share: float | None, judgement: Judgement) -> list[str]:
    if share is None:
        return []
    if share == 0:
        return [
            f"Nothing was learnt of where the price goes that held on validation: the point forecast is the {_naive(judgement)}."
        ]
    return [
        f"Gate: on validation {100 * share:.0f} % of the network's way from the naive forecast held; that much is kept."
    ]


def _gates(shares: Sequence[float | None], judgement: Judgement) -> list[str]:
    """Say what the gates of a backtest's fits kept."""
    kept = [share for share in shares if share]
    if len(shares) == 1 or None in shares:
        return _gate(shares[0], judgement)
    if not kept:
        return [
            f"Nothing was learnt of where the price goes that held on validation in any of the {len(shares)} fits: "
            f"the point forecast is the {_naive(judgement)}."
        ]
    least, most = (f"{100 * share:.0f}" for share in (min(kept), max(kept)))
    others = "" if len(kept) == len(shares) else f"; in the others the point forecast is the {_naive(judgement)}"
    return [
        f"Gate: on validation {least if least == most else f'{least} to {most}'} % of the network's way from the naive "
        f"forecast held in {len(kept)} of {len(shares)} fits; that much is kept{others}."
    ]


def _naive(judgement: Judgement) -> str:
    return "last close" if any(score.forecaster == "last_close" for score in judgement.scores) else "last value"


def _spread(by_seed: Sequence[dict[str, float]], *, pooled: bool) -> list[str]:
    if not by_seed:
        return []
    errors = [each["rmse"] for each in by_seed]
    least, most = f"{min(errors):.4g}", f"{max(errors):.4g}"
    unit = "RMSE in log per cent, all tickers" if pooled else "RMSE"
    if least == most:
        return [f"Alone, each of the {len(errors)} networks misses by {least} ({unit})."]
    return [f"Alone, the {len(errors)} networks miss by {least} to {most} ({unit})."]


def train_json(result: TrainResult) -> dict[str, Any]:
    """Return the JSON document of `train`."""
    facts = dataclasses.asdict(result.facts)
    return {
        "run": str(result.run),
        **facts,
        "split": result.job.split.to_json(),
        "expected": result.expected,
        "gate": result.gate,
        "by_seed": list(result.by_seed),
        **result.judgement.to_json(),
    }


def backtest_json(result: BacktestResult) -> dict[str, Any]:
    """Return the JSON document of `backtest`."""
    from stockrnn.workflows.backtest_job import failed_fold

    nothing: dict[str, Any] = {"gates": [], "scores": [], "by_year": [], "verdicts": [], "trading": []}
    judged = {"gates": result.judged.gates, **result.judged.judgement.to_json()} if result.judged else nothing
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
            *_gates(judged.gates, judged.judgement),
            "",
            f"Walked forward in {count} {'fold' if count == 1 else 'folds'}; the last was trained on {last[0]} to {last[1]}.",
            f"Run:     {result.run}",
            f"Picture: {result.run / FIGURE_FILE}",
        ]
    )


def judgement_text(config: Config, split: Split, judgement: Judgement, everything: bool) -> str:
    """Return a table of scores and the verdicts, one sentence each."""
    from stockrnn.evaluation.terms import Terms

    return "\n".join(judgement_lines(Terms.of(config, split), split.test, judgement, everything))


def judgement_lines(terms: Terms, tested: Part, judgement: Judgement, everything: bool) -> list[str]:
    """Return the lines of a table of scores and of the verdicts."""
    from stockrnn.reports.terminal import score_table

    known = sorted({score.horizon for score in judgement.scores})
    shown = known if everything else shown_horizons(known)
    scores = [score for score in judgement.scores if score.horizon in shown]
    return [
        f"{terms.target.capitalize()}, {_ahead(known, judgement.yardstick.unit)}: trained on {_range(terms.train)}, tested on {_range(tested)}",
        "",
        score_table(scores, everything),
        "",
        *([f"Of {len(known)} horizons, {len(shown)} are shown; --all shows the others."] if shown != known else []),
        f"The best naive forecast is the one that missed least before the test: {_by_horizon(judgement.yardstick.best_naive, known)}.",
        *_best_band(judgement, known),
        *(verdict.text for verdict in judgement.verdicts if verdict.horizon in shown),
    ]


def _ahead(horizons: Sequence[int], unit: str = "session") -> str:
    if list(horizons) == [1]:
        return f"the next {unit}"
    if len(horizons) > 1 and horizons[-1] - horizons[0] == len(horizons) - 1:
        return f"{horizons[0]} to {horizons[-1]} {unit}s ahead"
    if len(horizons) <= _MOST_NAMED:
        *others, last = map(str, horizons)
        return f"{', '.join(others)} and {last} {unit}s ahead" if others else f"{last} {unit}s ahead"
    return f"{len(horizons)} horizons of {horizons[0]} to {horizons[-1]} {unit}s ahead"


def shown_horizons(known: Sequence[int]) -> list[int]:
    """Return the horizons that stand for all: the first, the middle and the last of more than three."""
    return list(known) if len(known) <= 3 else [known[0], known[(len(known) - 1) // 2], known[-1]]


def evaluation_text(config: Config, split: Split, judgement: Judgement, everything: bool) -> str:
    """Return the same and what trading would have brought; of everything, the years and the ranges too."""
    return "\n\n".join([judgement_text(config, split, judgement, everything), *further_parts(judgement, everything)])


def further_parts(judgement: Judgement, everything: bool) -> list[str]:
    """Return what trading would have brought, and of everything, the years and the ranges before it."""
    from stockrnn.reports.trading_table import trading_table

    parts = _years_and_ranges(judgement) if everything else []
    return [*parts, *([trading_table(judgement.trading)] if judgement.trading else [])]


def _years_and_ranges(judgement: Judgement) -> list[str]:
    from stockrnn.reports.pit_histogram import pit_histogram
    from stockrnn.reports.terminal import forecaster_name, year_table

    first = [score for score in judgement.scores if score.ticker == judgement.scores[0].ticker]
    judged = {verdict.forecaster for verdict in judgement.verdicts} | set(judgement.yardstick.best_band.values())
    histograms = [
        pit_histogram(forecaster_name(score.forecaster), score.horizon, score.pit)
        for score in first
        if score.pit is not None and score.forecaster in judged
    ]
    years = [year_table(judgement.by_year)] if judgement.by_year else []
    return [*years, *histograms]


def _best_band(judgement: Judgement, known: Sequence[int]) -> list[str]:
    bands = judgement.yardstick.best_band
    # Bands stand beside every network; who has no distribution is not compared with them.
    if not any(verdict.part == "distribution" for verdict in judgement.verdicts):
        return []
    return [f"The best bands are those whose CRPS was smallest before the test: {_by_horizon(bands, known)}."]


def _by_horizon(best: Mapping[int, str], known: Sequence[int]) -> str:
    from stockrnn.reports.terminal import forecaster_name

    best = {ahead: best[ahead] for ahead in known if ahead in best}
    names = [forecaster_name(name) for name in best.values()]
    if len(set(names)) == 1:
        return names[0]
    if len(names) <= 3:
        return ", ".join(f"{name} ({ahead} ahead)" for ahead, name in zip(best, names, strict=True))
    counts = Counter(names)
    return ", ".join(f"{name} (at {count} of {len(names)} horizons)" for name, count in counts.most_common())


def _range(part: tuple[Any, Any]) -> str:
    return f"{part[0]:%Y-%m-%d} to {part[1]:%Y-%m-%d}"
