from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from arch import arch_model
from threadpoolctl import threadpool_limits

from stockrnn.errors import ConfigError
from stockrnn.forecasts import garch
from stockrnn.forecasts.garch import Garch, GarchBands
from stockrnn.forecasts.table import LEVELS
from stockrnn.samples.volatility import bounded_returns
from tests.forecasts.walks import closes, garch_walk, part_of, random_walk

FITTED = Garch(omega=2e-6, alpha=0.09, beta=0.89, freedom=6.0, start=1e-4)


def test_the_variances_are_those_of_arch_with_the_same_parameters() -> None:
    returns = bounded_returns(garch_walk(700, seed=1))
    fixed = arch_model(100 * returns[1:], mean="Zero", vol="GARCH", dist="t", rescale=False)
    start = fixed.volatility.backcast(100 * returns[1:]) / 1e4
    theirs = fixed.fix([2e-6 * 1e4, 0.09, 0.89, 6.0]).conditional_volatility ** 2 / 1e4
    ours = Garch(2e-6, 0.09, 0.89, 6.0, start).next_variances(returns)
    np.testing.assert_allclose(ours[:-1], theirs, rtol=1e-9)


def test_the_variances_ahead_are_those_of_arch() -> None:
    returns = 100 * garch_walk(700, seed=2)["close"].apply(np.log).diff().to_numpy()[1:]
    result = arch_model(returns, mean="Zero", vol="GARCH", dist="t", rescale=False).fix([0.02, 0.09, 0.89, 6.0])
    theirs = result.forecast(horizon=10).variance.to_numpy()[-1] / 1e4
    ours = FITTED.variances_ahead(np.array([theirs[0]]), 10)[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_the_fit_is_archs_own_in_plain_returns() -> None:
    returns = bounded_returns(garch_walk(3000, seed=3))[1:]
    fitted = Garch.fit(returns)
    theirs = arch_model(100 * returns, mean="Zero", vol="GARCH", dist="t", rescale=False).fit(disp="off").params
    assert fitted.omega * 1e4 == pytest.approx(theirs["omega"], rel=0.02)
    assert fitted.alpha == pytest.approx(theirs["alpha[1]"], rel=0.01)
    assert fitted.beta == pytest.approx(theirs["beta[1]"], rel=0.01)
    assert fitted.freedom == pytest.approx(theirs["nu"], rel=0.01)


def test_the_fit_is_the_same_to_the_last_bit_however_many_threads_there_are(bundled) -> None:
    fitted = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            fitted.append(GarchBands.fit(bundled, "close", part_of(bundled, 155, 1916)))
    assert fitted[0] == fitted[1]


@pytest.mark.parametrize("first", [156, 659, 909])
def test_the_fit_ends_where_the_likelihood_is_largest(bundled, first) -> None:
    # On these years of GOOGL arch's own tolerance can end the search at a likelihood that is smaller by 0.6.
    returns = bounded_returns(bundled)[first:1917]
    model = arch_model(100 * returns, mean="Zero", vol="GARCH", dist="t", rescale=False)
    best = model.fit(disp="off", options={"ftol": 1e-13, "maxiter": 1000})
    fitted = Garch.fit(returns)
    found = model.fix([fitted.omega * 1e4, fitted.alpha, fitted.beta, fitted.freedom])
    assert found.loglikelihood == pytest.approx(best.loglikelihood, abs=1e-4)


def test_the_quantiles_are_students_around_the_last_close_with_the_summed_variance() -> None:
    prices = garch_walk(600, seed=4)
    bands = GarchBands({"AAA": FITTED}, FITTED, 1.0)
    variance, last = 0.0, np.log(prices["close"].iloc[500])
    variance_today = FITTED.omega + (FITTED.alpha + FITTED.beta) * FITTED.start
    for value in bounded_returns(prices)[1:501]:
        variance_today = FITTED.omega + FITTED.alpha * value**2 + FITTED.beta * variance_today
    forecast = bands.forecast(prices, "close", np.array([500]), 5)
    student = scipy.stats.t(df=6, scale=np.sqrt(4 / 6))
    for step in range(5):
        variance += variance_today
        variance_today = FITTED.omega + (FITTED.alpha + FITTED.beta) * variance_today
        expected = np.exp(last + np.sqrt(variance) * student.ppf(LEVELS))
        np.testing.assert_allclose(forecast.quantiles[0, step], expected, rtol=1e-9)
    assert forecast.forecaster == "garch"
    np.testing.assert_array_equal(forecast.values, np.full((1, 5), prices["close"].iloc[500]))


def test_as_many_later_closes_lie_below_a_quantile_as_it_promises() -> None:
    prices = garch_walk(8000, seed=5)
    bands = GarchBands.fit(prices, "close", part_of(prices, 0, 4000))
    origins = np.arange(4001, 7998)
    quantiles = bands.forecast(prices, "close", origins, 3).quantiles
    actual = prices["close"].to_numpy()[origins[:, None] + np.arange(1, 4)]
    shares = (actual[:, :, None] <= quantiles).mean(axis=0)
    np.testing.assert_allclose(shares, np.broadcast_to(LEVELS, shares.shape), atol=0.025)


def test_no_later_price_changes_fit_or_bands(make_prices) -> None:
    prices = make_prices(700, ("AAA", "BBB"))
    part = part_of(prices, 100, 500)
    changed = prices.copy()
    changed[prices.index.get_level_values("session") > part[1]] *= 7
    fitted, refitted = (GarchBands.fit(each, "open", part) for each in (prices, changed))
    assert fitted == refitted
    origins = np.array([0, 200, 500, 700, 1200])
    before, after = (fitted.forecast(each, "open", origins, 3).quantiles for each in (prices, changed))
    np.testing.assert_array_equal(before, after)
    assert (np.diff(before, axis=2) > 0).all()
    assert (before > 0).all()


def test_a_ticker_that_was_not_trained_on_gets_the_usual_weights(make_prices) -> None:
    prices = make_prices(400, ("AAA", "BBB"))
    bands = GarchBands.fit(prices.loc[["AAA"]], "close", part_of(prices, 0, 350))
    quantiles = bands.forecast(prices, "close", np.array([400, 799]), 2).quantiles
    assert np.isfinite(quantiles).all()


@pytest.mark.parametrize("sessions", [0, 1, 30])
def test_too_few_returns_give_the_usual_weights(sessions: int) -> None:
    prices = random_walk(400, seed=6)
    first = prices.index.get_level_values("session")[0]
    last = prices.index.get_level_values("session")[sessions - 1] if sessions else first - np.timedelta64(1, "D")
    bands = GarchBands.fit(prices, "close", (first, last))
    assert bands.tickers.get("AAA", bands.other).alpha == 0.06
    assert np.isfinite(bands.forecast(prices, "close", np.arange(401), 2).quantiles).all()


def test_a_price_that_never_moves_does_not_stop_the_fit() -> None:
    prices = closes(np.zeros(400))
    bands = GarchBands.fit(prices, "close", part_of(prices, 0, 399))
    np.testing.assert_allclose(bands.forecast(prices, "close", np.array([399]), 1).quantiles, 100, rtol=1e-3)


def test_without_arch_the_error_says_what_to_install(make_prices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garch, "find_spec", lambda name: None)
    prices = make_prices(60)
    with pytest.raises(ConfigError, match=r"pip install 'stockrnn\[garch\]'"):
        GarchBands.fit(prices, "close", part_of(prices, 0, 50))
