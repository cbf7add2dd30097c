from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from stockrnn.samples.expected_moves import ExpectedMoves

DAYS = 900


def rows(
    strength: float = 0.4, days: int = DAYS, horizon: int = 1, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give four features of each session, the moves after it, of which the first feature tells so much, and the sessions."""
    random = np.random.default_rng(seed)
    features = random.standard_normal((days, 4)).astype(np.float32)
    steps = strength * features[:, 0] + random.standard_normal(days)
    padded = np.append(steps, random.standard_normal(horizon))
    moves = np.cumsum([padded[ahead : ahead + days] for ahead in range(horizon)], axis=0).T
    return features, moves, np.arange(days)


def in_blocks(per_block: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give rows whose first feature tells something else of the moves in each tenth of the sessions."""
    features, noise, days = rows(0.0)
    told = np.repeat(per_block, DAYS // len(per_block))
    return features, noise + (told * features[:, 0])[:, None], days


def test_the_regression_is_a_ridge_of_1000_sessions_without_a_constant() -> None:
    features, moves, days = rows()
    found = ExpectedMoves.fit(features, moves + 0.3, days)
    expected = Ridge(alpha=1000, fit_intercept=False).fit(features.astype(float), moves[:, 0] - moves.mean())
    np.testing.assert_allclose(found.coefficients, [expected.coef_], rtol=1e-9, atol=1e-12)
    assert found.apply(np.zeros((2, 4))).tolist() == [[0.0], [0.0]]


def test_each_session_further_ahead_is_doubted_as_much_again() -> None:
    features, moves, days = rows(0.8, horizon=3)
    found = ExpectedMoves.fit(features, moves, days)
    for ahead, coefficients in enumerate(found.coefficients):
        ridge = Ridge(alpha=1000 * (ahead + 1), fit_intercept=False)
        centred = moves[:, ahead] - moves[:, ahead].mean()
        np.testing.assert_allclose(coefficients, ridge.fit(features.astype(float), centred).coef_, rtol=1e-9)


def test_what_foretells_moves_is_found_and_its_sign_too() -> None:
    for strength in (0.4, -0.4):
        features, moves, days = rows(strength)
        first, *others = ExpectedMoves.fit(features, moves, days).coefficients[0]
        # 900 sessions against 1000 of doubt.
        assert first == pytest.approx(strength * 900 / 1900, abs=0.04)
        assert max(map(abs, others)) < 0.04


@pytest.mark.parametrize("horizon", [1, 5, 20])
def test_nothing_is_expected_of_random_walks(horizon: int) -> None:
    found = 0
    for seed in range(60):
        features, moves, days = rows(0.0, horizon=horizon, seed=seed)
        # Slow features: a few stretches of them look like a pattern.
        slow = np.stack([np.convolve(each, 0.9 ** np.arange(30))[:DAYS] for each in features.T], axis=1)
        found += ExpectedMoves.fit(slow / slow.std(axis=0), moves, days) is not None
    assert found <= 3


def test_what_held_at_first_and_not_later_is_not_kept() -> None:
    assert ExpectedMoves.fit(*in_blocks([0.5] * 10)) is not None
    assert ExpectedMoves.fit(*in_blocks([0.5, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0])) is None
    assert ExpectedMoves.fit(*in_blocks([0.5, 0.5, 0.5, 0.5, 0.5, -0.5, -0.5, -0.5, -0.5, -0.5])) is None


def test_less_than_a_year_proves_nothing() -> None:
    features, moves, days = rows(5.0, days=250)
    assert ExpectedMoves.fit(features, moves, days) is not None
    assert ExpectedMoves.fit(features[:249], moves[:249], days[:249]) is None


def test_tickers_that_move_together_count_as_one() -> None:
    features, moves, days = rows(0.4)
    many = [np.repeat(each, 7, axis=0) for each in (features, moves, days)]
    one, seven = ExpectedMoves.fit(features, moves, days), ExpectedMoves.fit(*many)
    np.testing.assert_allclose(seven.coefficients, one.coefficients, rtol=1e-9)
    weak = rows(0.05, seed=3)
    assert ExpectedMoves.fit(*weak) is None
    assert ExpectedMoves.fit(*(np.repeat(each, 50, axis=0) for each in weak)) is None


def test_the_last_moves_before_a_block_are_not_learnt_from_where_they_reach_into_it(monkeypatch) -> None:
    from stockrnn.samples import expected_moves

    learnt = []
    honest = expected_moves._ridge

    def seen(features, moves, place):
        learnt.append(int(place.max()))
        return honest(features, moves, place)

    monkeypatch.setattr(expected_moves, "_ridge", seen)
    ExpectedMoves.fit(*rows(0.8, horizon=5))
    # Row t has moves up to session t + 5, and blocks begin every 90 sessions.
    assert learnt == [*(90 * block - 6 for block in range(2, 10)), DAYS - 1]


def test_what_is_expected_of_a_row_depends_on_no_other_row() -> None:
    features, moves, days = rows(0.8, horizon=2)
    found = ExpectedMoves.fit(features, moves, days)
    whole = found.apply(features)
    np.testing.assert_allclose(whole, features.astype(float) @ np.array(found.coefficients).T, rtol=1e-12, atol=1e-12)
    for some in (slice(3, 4), slice(100, 333), [5, 700, 2]):
        np.testing.assert_array_equal(found.apply(features[some]), whole[some])


def test_expected_moves_come_back_from_json_as_they_were() -> None:
    found = ExpectedMoves.fit(*rows(0.8, horizon=2))
    assert ExpectedMoves.from_json(json.loads(json.dumps(found.to_json()))) == found
