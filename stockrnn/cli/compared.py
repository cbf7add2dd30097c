"""What `compare` prints for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stockrnn.evaluation.contest import PairTest
    from stockrnn.workflows.compare import Comparison

# More pairs than this are summed up by who is best.
_MOST_PAIRS = 15


def comparison_text(comparison: Comparison, everything: bool) -> str:
    """Return the scores, the verdict of each, the tests of each two and who is best."""
    from stockrnn.reports.terminal import forecaster_name, score_table

    contestants, judgement = comparison.contestants, comparison.judgement
    best_naive = dict.fromkeys(forecaster_name(name) for name in judgement.yardstick.best_naive.values())
    own = comparison.forecasts[comparison.forecasts["forecaster"] == contestants[0].name]
    tests = sum(pair.p_value is not None for pair in comparison.pairs)
    shown = comparison.pairs if everything else comparison.pairs[:_MOST_PAIRS]
    more = len(comparison.pairs) - len(shown)
    lines = [
        f"{contestants[0].terms.target.capitalize()}: {len(own)} forecasts that all of them made, "
        f"of {own['session'].min():%Y-%m-%d} to {own['session'].max():%Y-%m-%d}",
        "",
        score_table(judgement.scores, everything),
        "",
        f"The best naive forecast is the one that missed least before the test: {', '.join(best_naive)}.",
        *(verdict.text for verdict in judgement.verdicts),
        "",
        f"Each against each, by {tests} {'test' if tests == 1 else 'tests'}"
        f"{'' if tests < 2 else '; p-values corrected for so many (Holm)'}:",
        *(f"  {_line(pair)}" for pair in shown),
        *([f"  and {more} more; see --all or --json."] if more else []),
        "",
        *(each.text for each in comparison.best),
    ]
    return "\n".join(lines)


def _line(pair: PairTest) -> str:
    return pair.text if pair.part == "point" else f"In distribution, {pair.text}"
