from __future__ import annotations

import pytest

from stockrnn.errors import SkillNotMetError
from stockrnn.evaluation.metrics import Score, Yardstick
from stockrnn.evaluation.required_skill import RequiredSkill, check_skill

YARDSTICK = Yardstick({1: "last_close", 2: "last_close"}, {}, {1: "har_bands", 2: "har_bands"})


def score(skill: float | None, horizon: int = 1, ticker: str | None = "AAA", **values: object) -> Score:
    nothing = dict.fromkeys(["mase", "direction", "crps", "crps_pct", "coverage90"])
    named = {"forecaster": "network", **nothing, **values}
    return Score(ticker, horizon=horizon, rows=251, rmse=1.0, mae=1.0, mape=1.0, skill=skill, **named)  # type: ignore[arg-type]


def test_a_skill_of_just_what_is_required_is_enough() -> None:
    check_skill(RequiredSkill(0.02), [score(0.02)], YARDSTICK)
    check_skill(RequiredSkill(-0.5), [score(-0.4)], YARDSTICK)


@pytest.mark.parametrize("name", ["last_close", "last_value"])
def test_a_skill_beyond_a_poor_opponent_is_not_met_by_the_last_close(name: str) -> None:
    with pytest.raises(SkillNotMetError, match="skill of network is 0 "):
        check_skill(RequiredSkill(0.02), [score(0.3), score(0.3, forecaster=name)], YARDSTICK)


def test_the_line_names_what_was_found_and_wanted_and_where() -> None:
    with pytest.raises(SkillNotMetError) as caught:
        check_skill(RequiredSkill(0.02), [score(0.05), score(0.0123, 2)], YARDSTICK)
    assert str(caught.value) == (
        "--require-skill 0.02 (point) is not met: the skill of network is 0.0123 (AAA, 2 sessions ahead)"
    )
    assert caught.value.exit_code == 9


def test_the_pooled_score_decides_where_there_is_one() -> None:
    check_skill(RequiredSkill(0.02), [score(0.03, ticker=None), score(-0.5)], YARDSTICK)
    with pytest.raises(SkillNotMetError, match="all tickers pooled"):
        check_skill(RequiredSkill(0.02), [score(0.01, ticker=None), score(0.5)], YARDSTICK)


def test_the_skill_of_a_distribution_is_the_part_of_the_best_bands_crps_that_is_saved() -> None:
    scores = [score(-1.0, crps=0.97), score(None, forecaster="har_bands", crps=1.0)]
    check_skill(RequiredSkill(0.0299, "distribution"), scores, YARDSTICK)
    with pytest.raises(SkillNotMetError, match=r"\(distribution\) is not met: the skill of network is 0.03 "):
        check_skill(RequiredSkill(0.0301, "distribution"), scores, YARDSTICK)


@pytest.mark.parametrize(
    ("part", "scores", "yardstick"),
    [
        ("point", [], YARDSTICK),
        ("point", [score(None)], YARDSTICK),
        ("point", [score(0.5), score(None, 2)], YARDSTICK),
        ("distribution", [score(0.5)], YARDSTICK),
        ("distribution", [score(0.5, crps=1.0)], YARDSTICK),
        ("distribution", [score(0.5, crps=1.0), score(0.0, forecaster="har_bands", crps=2.0)], Yardstick({}, {})),
    ],
)
def test_a_skill_that_cannot_be_measured_is_not_met(part, scores: list[Score], yardstick: Yardstick) -> None:
    with pytest.raises(SkillNotMetError, match="has no skill to measure"):
        check_skill(RequiredSkill(-100, part), scores, yardstick)
