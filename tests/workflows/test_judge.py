from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.cli.judged import judged_text
from stockrnn.config import EvaluationConfig
from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.evaluation.refits import Refit
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.baselines import BASELINES
from stockrnn.forecasts.forecast_file import read_facts, write_forecasts
from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.forecasts.table import LEVELS, Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices, prices_digest, sessions_of, tickers_of
from stockrnn.samples.samples import origins_for
from stockrnn.workflows.evaluate import judge, naive_forecasts
from stockrnn.workflows.judge import Judged, JudgeRequest, judge_forecasts


def save_prices(prices: Prices, path: Path) -> str:
    prices.reset_index().rename(columns={"session": "date"}).to_csv(path, index=False)
    return str(path)


def terms_of(prices: Prices, horizon: int = 1, target: str = "open", **more) -> Terms:
    days = sessions_of(prices)
    return replace(Terms(target, horizon, (days[0], days[59])), **more)


def own_forecasts(prices: Prices, terms: Terms, seed: int = 0) -> Forecasts:
    """Return the table of a run: a network that is wrong at random, and the naive ones."""
    origins = origins_for(prices, (sessions_of(prices)[60], sessions_of(prices)[-1]), 1, terms.horizon, None)
    noise = np.random.default_rng(seed).standard_normal((len(origins), terms.horizon))
    values = prices[terms.target].to_numpy()[origins][:, None] * np.exp(0.02 * noise)
    network = tabulate(Forecast("network", values), prices, origins, terms.target)
    return pd.concat([network, naive_forecasts(prices, origins, terms)], ignore_index=True)


def facts_of(prices: Prices, terms: Terms) -> dict:
    days = sessions_of(prices)
    identity = {
        "tickers": tickers_of(prices),
        "adjust": "none",
        "first": f"{days[0]:%Y-%m-%d}",
        "last": f"{days[-1]:%Y-%m-%d}",
        "sha256": prices_digest(prices),
    }
    return {"terms": terms.to_json(), "prices": identity}


def judge_file(table: pd.DataFrame, prices: Prices, folder: Path, train=None, **options) -> Judged:
    table.to_csv(folder / "f.csv", index=False)
    request = JudgeRequest(
        folder / "f.csv", save_prices(prices, folder / "p.csv"), train, options=ForeignOptions(**options)
    )
    return judge_forecasts(request)


@settings(max_examples=15, deadline=None)
@given(
    horizon=st.integers(1, 4),
    target=st.sampled_from(["open", "close"]),
    count=st.integers(1, 3),
    validated=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_forecasts_of_a_run_get_its_scores_to_the_digit_from_any_file_of_its_prices(
    make_prices, tmp_path_factory, horizon, target, count, validated, seed
) -> None:
    # The file begins earlier and ends later than the prices of the run, and writes its tickers otherwise.
    everything = make_prices(130, ("AAA", "BBB", "CCC")[:count], seed=seed)
    days = sessions_of(everything)
    in_run = everything.index.get_level_values("session")
    prices = everything[(in_run >= days[10]) & (in_run < days[120])]
    terms = terms_of(prices, horizon, target, validation=(days[55], days[69]) if validated else None)
    table = own_forecasts(prices, terms, seed)
    folder = tmp_path_factory.mktemp("run")
    write_forecasts(folder / "forecasts.parquet", table, facts_of(prices, terms))
    file = save_prices(everything.rename(index=str.lower, level="ticker"), folder / "prices.csv")
    judged = judge_forecasts(JudgeRequest(folder / "forecasts.parquet", file))
    expected = judge(prices, table, terms).to_json()
    assert {name: judged.to_json()[name] for name in expected} == expected
    assert judged.terms == terms
    assert [note.code for note in judged.notes] == ["years_from_file"]


def walked_forecasts(prices: Prices, terms: Terms, refits: list[Refit]) -> Forecasts:
    """Return the table of a backtest, sorted as it sorts: each fit has bands of its own."""
    parts = []
    for refit in refits:
        for pool in refit.pools():
            own = prices[prices.index.get_level_values("ticker").isin(pool)]
            days = own.index.get_level_values("session")
            known = np.flatnonzero((days[1:] >= refit.test[0]) & (days[1:] <= refit.test[1]))
            origins = np.intersect1d(known, origins_for(own, (refit.test[0], days.max()), 1, terms.horizon, None))
            values = own[terms.target].to_numpy()[origins][:, None] * np.ones((1, terms.horizon))
            parts.append(tabulate(Forecast("network", values), own, origins, terms.target))
            parts.append(naive_forecasts(own, origins, replace(terms, train=refit.train)))
    table = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate(table["forecaster"].unique())}
    table["place"] = table["forecaster"].map(order)
    table = table.sort_values(["place", "ticker", "origin", "horizon"], kind="stable")
    return table.drop(columns="place").reset_index(drop=True)


@pytest.mark.parametrize(("alone", "horizon"), [(False, 1), (False, 3), (True, 2)])
def test_forecasts_of_a_backtest_are_judged_beside_bands_that_were_fitted_anew_with_its_networks(
    make_prices, tmp_path, alone, horizon
) -> None:
    prices = make_prices(420, ("AAA", "BBB"))
    days = sessions_of(prices)
    terms = terms_of(prices, horizon, train=(days[0], days[199]), evaluation=EvaluationConfig(bands=True))
    spans = ((0, 199, 269), (50, 269, 339), (120, 339, 419))
    refits = [
        Refit((days[a], days[b]), (days[b + 1], days[c]), ("AAA", "BBB")[: 1 + (b < 339)], alone) for a, b, c in spans
    ]
    table = walked_forecasts(prices, terms, refits)
    facts = {**facts_of(prices, terms), "refits": [refit.to_json() for refit in refits]}
    write_forecasts(tmp_path / "f.parquet", table, facts)
    request = JudgeRequest(tmp_path / "f.parquet", save_prices(prices, tmp_path / "p.csv"))
    expected = judge(prices, table, terms).to_json()
    assert {name: judge_forecasts(request).to_json()[name] for name in expected} == expected
    named = judge_forecasts(replace(request, train=terms.train)).to_json()
    bands = {(score["forecaster"], score["horizon"], score["ticker"]): score["crps"] for score in named["scores"]}
    assert any(
        bands[each["forecaster"], each["horizon"], each["ticker"]] != each["crps"] for each in expected["scores"]
    )


def test_a_refit_that_knows_what_it_forecast_is_damage(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days, terms = sessions_of(prices), terms_of(prices)
    refit = Refit((days[0], days[70]), (days[60], days[119]), ("AAA",), alone=False)
    facts = {**facts_of(prices, terms), "refits": [refit.to_json()]}
    write_forecasts(tmp_path / "f.parquet", own_forecasts(prices, terms), facts)
    request = JudgeRequest(tmp_path / "f.parquet", save_prices(prices, tmp_path / "p.csv"))
    with pytest.raises(PriceDataError, match=r"damaged .*a fit knows .* and forecasts"):
        judge_forecasts(request)


def test_years_in_the_file_that_reach_into_the_forecasts_are_refused(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days = sessions_of(prices)
    table = own_forecasts(prices, terms_of(prices))
    request = JudgeRequest(tmp_path / "f.parquet", save_prices(prices, tmp_path / "p.csv"))
    for part, years in (("train", (days[0], days[90])), ("validation", (days[50], days[119]))):
        write_forecasts(request.forecasts, table, facts_of(prices, terms_of(prices, **{part: years})))
        with pytest.raises(
            ConfigError, match=rf"f\.parquet: its {part}\w* ends on .* give the training years with --train"
        ):
            judge_forecasts(request)
        named = judge_forecasts(replace(request, train=(days[0], days[50])))
        assert (named.terms.train, named.terms.validation) == ((days[0], days[50]), None)
        assert "years_from_file" not in {note.code for note in named.notes}


def test_distributions_are_compared_with_bands_though_the_file_asks_for_none(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    terms = terms_of(prices, evaluation=EvaluationConfig(bands=False))
    origins = origins_for(prices, (sessions_of(prices)[60], sessions_of(prices)[-1]), 1, 1, None)
    values = prices["open"].to_numpy()[origins][:, None]
    fan = values[:, :, None] * (1 + 0.04 * (np.array(LEVELS) - 0.5))
    table = tabulate(Forecast("network", values, fan), prices, origins, "open")
    write_forecasts(tmp_path / "f.parquet", table, facts_of(prices, terms))
    judged = judge_forecasts(JudgeRequest(tmp_path / "f.parquet", save_prices(prices, tmp_path / "p.csv")))
    assert {each.part for each in judged.judgement.verdicts} == {"point", "distribution"}


def test_other_prices_than_the_runs_are_told(make_prices, tmp_path) -> None:
    prices = make_prices(100)
    terms = terms_of(prices)
    write_forecasts(tmp_path / "f.parquet", own_forecasts(prices, terms), facts_of(prices, terms))
    request = JudgeRequest(tmp_path / "f.parquet", save_prices(prices * 1.0001, tmp_path / "p.csv"))
    assert "other_prices" in {note.code for note in judge_forecasts(request).notes}
    other = JudgeRequest(tmp_path / "f.parquet", save_prices(make_prices(100, ("CCC", "DDD")), tmp_path / "p.csv"))
    with pytest.raises(PriceDataError, match="prices of CCC, DDD; the forecasts are of AAA"):
        judge_forecasts(other)


def test_a_forecasts_file_is_the_same_table_for_any_reader(make_prices, tmp_path) -> None:
    prices = make_prices(100)
    table = own_forecasts(prices, terms_of(prices))
    write_forecasts(tmp_path / "f.parquet", table, {"a": [1, None]})
    back = pd.read_parquet(tmp_path / "f.parquet")
    pd.testing.assert_frame_equal(back, table)
    assert back.attrs == {}
    assert read_facts(tmp_path / "f.parquet") == {"a": [1, None]}
    table.to_parquet(tmp_path / "plain.parquet")
    assert read_facts(tmp_path / "plain.parquet") is None


def test_facts_that_cannot_be_read_are_told(make_prices, tmp_path) -> None:
    prices = make_prices(100)
    write_forecasts(tmp_path / "f.parquet", own_forecasts(prices, terms_of(prices)), {"terms": 3})
    with pytest.raises(PriceDataError, match=re.escape("f.parquet: damaged")):
        judge_forecasts(JudgeRequest(tmp_path / "f.parquet", save_prices(prices, tmp_path / "p.csv")))


def test_the_training_years_end_with_the_first_origin_unless_they_are_named(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days = sessions_of(prices)
    table = pd.DataFrame({"date": days[100:], "forecast": prices["close"].to_numpy()[99:119] + 0.5})
    assert judge_file(table, prices, tmp_path).terms.train == (days[0], days[99])
    assert judge_file(table, prices, tmp_path, horizon=10).terms == Terms("close", 10, (days[0], days[90]))
    assert judge_file(table, prices, tmp_path, train=(days[5], days[50])).terms.train == (days[5], days[50])


def test_training_years_that_reach_into_the_forecasts_are_refused(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days = sessions_of(prices)
    table = pd.DataFrame({"date": days[100:], "forecast": 1.0})
    with pytest.raises(ConfigError, match="--train ends on"):
        judge_file(table, prices, tmp_path, train=(days[5], days[100]))


def test_prices_that_begin_with_the_forecasts_are_too_few(make_prices, tmp_path) -> None:
    prices = make_prices(20)
    table = pd.DataFrame({"date": sessions_of(prices)[1:], "forecast": 1.0})
    with pytest.raises(PriceDataError, match="give prices that begin earlier"):
        judge_file(table, prices, tmp_path)


def test_every_naive_forecaster_has_the_rows_of_the_forecasts_and_no_others(make_prices, tmp_path) -> None:
    # The last origins reach only as far as there are prices.
    prices = make_prices(120, ("AAA", "BBB"))
    days = sessions_of(prices)
    rows = [
        {"unique_id": ticker, "ds": days[row + ahead], "cutoff": days[row], "LSTM": 100.0}
        for ticker in ("AAA", "BBB")
        for row in range(100, 119)
        for ahead in (1, 3, 7)
        if row + ahead < 120
    ]
    scores = judge_file(pd.DataFrame(rows), prices, tmp_path).judgement.scores
    by_forecaster = {
        name: [(each.ticker, each.horizon, each.rows) for each in scores if each.forecaster == name]
        for name in dict.fromkeys(each.forecaster for each in scores)
    }
    assert [row for row in by_forecaster["LSTM"] if row[0]] == [
        (ticker, ahead, 20 - ahead) for ticker in ("AAA", "BBB") for ahead in (1, 3, 7)
    ]
    assert set(by_forecaster) == {"LSTM", *BASELINES} - {"last_value"}
    assert all(rows == by_forecaster["LSTM"] for rows in by_forecaster.values())


def test_a_naive_forecast_of_another_tool_gets_the_scores_of_ours(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    table = pd.DataFrame({"ds": days[100:], "cutoff": days[99:119], "theirs": close[99:119]})
    scores = {each.forecaster: each for each in judge_file(table, prices, tmp_path).judgement.scores}
    assert replace(scores["theirs"], forecaster="last_close") == scores["last_close"]


def test_forecasters_are_compared_on_the_sessions_that_all_have(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days = sessions_of(prices)
    table = pd.DataFrame({"ds": days[100:], "A": 100.0, "B": [np.nan] * 5 + [100.0] * 15})
    judged = judge_file(table, prices, tmp_path)
    assert {each.rows for each in judged.judgement.scores} == {15}
    assert next(note.rows for note in judged.notes if note.code == "not_in_common") == 5
    table["A"] = [100.0] * 5 + [np.nan] * 15
    with pytest.raises(PriceDataError, match=r"no session that all forecasters have \(A, B\)"):
        judge_file(table, prices, tmp_path)


def test_a_single_interval_has_a_coverage_and_no_crps(make_prices, tmp_path) -> None:
    prices = make_prices(120)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    # Six of ten sessions inside, whatever the prices do.
    inside = np.tile([True] * 6 + [False] * 4, 2)
    upper = np.where(inside, 1.1, 0.95) * close[100:]
    table = pd.DataFrame({"ds": days[100:], "M": close[100:], "M-lo-90": 0.9 * close[100:], "M-hi-90": upper})
    judged = judge_file(table, prices, tmp_path)
    (interval,) = judged.intervals
    assert (interval.ticker, interval.level, interval.rows) == ("AAA", 0.9, 20)
    assert interval.coverage == pytest.approx(0.6)
    assert interval.width_pct == pytest.approx(60 * np.log(1.1 / 0.9) + 40 * np.log(0.95 / 0.9))
    mine = next(each for each in judged.judgement.scores if each.forecaster == "M")
    assert mine.crps is None
    assert mine.coverage90 == pytest.approx(0.6)


def test_the_document_is_json_without_nan_even_where_there_is_nothing(make_prices, tmp_path) -> None:
    prices = make_prices(120, ("AAA", "BBB")).drop(columns=["open", "high", "low", "volume"])
    days = sessions_of(prices)
    table = pd.DataFrame({"time": days[100:], "aaa": 1.0, "bbb": 0.0})
    document = judge_file(table, prices, tmp_path).to_json()
    assert set(document) >= {"terms", "scores", "verdicts", "intervals", "suspicions", "notes"}
    json.dumps(document, allow_nan=False)


def test_intraday_prices_are_refused(make_prices, tmp_path) -> None:
    prices = make_prices(50).reset_index()
    prices["session"] = pd.date_range("2020-01-02 10:00", periods=50, freq="h")
    table = pd.DataFrame({"date": ["2020-01-03"], "forecast": [1.0]})
    with pytest.raises(PriceDataError, match="intraday"):
        judge_file(table, prices.set_index(["ticker", "session"]), tmp_path)


def test_every_forecaster_gets_a_verdict_a_horizon(make_prices, tmp_path) -> None:
    prices = make_prices(200)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    rows = [
        {"ds": days[row + ahead], "cutoff": days[row], "Good": close[row + ahead] - 0.01, "Bad": 3 * close[row]}
        for row in range(100, 198)
        for ahead in (1, 2)
    ]
    verdicts = judge_file(pd.DataFrame(rows), prices, tmp_path).judgement.verdicts
    outcomes = {(each.forecaster, each.horizon): each.outcome for each in verdicts if each.part == "point"}
    assert outcomes == {("Good", 1): "better", ("Good", 2): "better", ("Bad", 1): "worse", ("Bad", 2): "worse"}
    assert all(each.forecaster in each.text for each in verdicts)


def test_a_distribution_is_compared_with_bands_and_a_point_is_not(make_prices, tmp_path) -> None:
    prices = make_prices(400)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    point = pd.DataFrame({"ds": days[300:], "M": close[299:399]})
    assert judge_file(point, prices, tmp_path).judgement.yardstick.best_band == {}
    levels = np.arange(5, 100, 10)
    quantiles = {f"{level}%": close[299:399] * (1 + 0.0004 * (level - 50)) for level in levels}
    judged = judge_file(point.assign(**quantiles), prices, tmp_path)
    assert {each.part for each in judged.judgement.verdicts} == {"point", "distribution"}
    assert next(each.crps for each in judged.judgement.scores if each.forecaster == "M") > 0


@pytest.mark.parametrize(
    ("lacking", "words"), [(1, "all forecasters are judged on the others"), (30, "none is judged")]
)
def test_rows_without_quantiles_are_told_and_the_others_are_judged_if_they_are_nearly_all(
    make_prices, tmp_path, lacking: int, words: str
) -> None:
    prices = make_prices(400)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    quantiles = {f"{level}%": close[299:399] * (1 + 0.0004 * (level - 50)) for level in range(5, 100, 10)}
    table = pd.DataFrame({"ds": days[300:], "M": close[299:399], **quantiles})
    table.loc[: lacking - 1, list(quantiles)] = np.nan
    judged = judge_file(table, prices, tmp_path)
    note = next(each for each in judged.notes if each.code == "missing_quantiles")
    assert note.rows == lacking
    assert words in note.text
    mine = next(each for each in judged.judgement.scores if each.forecaster == "M")
    found = [each for each in judged.judgement.verdicts if each.part == "distribution"]
    if lacking > 10:
        assert (mine.crps, found) == (None, [])
        return
    rest = judge_file(table[lacking:], prices, tmp_path, train=judged.terms.train)
    alone = next(each for each in rest.judgement.scores if each.forecaster == "M")
    assert mine.crps == pytest.approx(alone.crps)
    # Its opponents are scored on the same rows.
    for name in ("ewma_bands", "har_bands"):
        both = [next(s.crps for s in each.judgement.scores if s.forecaster == name) for each in (judged, rest)]
        assert both[0] == pytest.approx(both[1])
    (verdict,) = found
    (expected,) = [each for each in rest.judgement.verdicts if each.part == "distribution"]
    assert verdict.gain == pytest.approx(expected.gain)


def test_two_models_that_lack_different_quantiles_are_scored_on_the_rows_of_both(make_prices, tmp_path) -> None:
    prices = make_prices(400)
    days, close = sessions_of(prices), prices["close"].to_numpy()
    table = pd.DataFrame({"ds": days[300:], "M": close[299:399], "N": close[299:399] + 0.5})
    for name in ("M", "N"):
        for level in range(5, 100, 10):
            table[f"{name}-q{level}"] = table[name] * (1 + 0.0004 * (level - 50))
    table.loc[:2, [name for name in table if name.startswith("M-")]] = np.nan
    table.loc[97:, [name for name in table if name.startswith("N-")]] = np.nan
    judged = judge_file(table, prices, tmp_path)
    rest = judge_file(table[3:97], prices, tmp_path, train=judged.terms.train)
    for name in ("M", "N", "har_bands"):
        both = [next(s for s in each.judgement.scores if s.forecaster == name) for each in (judged, rest)]
        assert both[0].crps == pytest.approx(both[1].crps)
        assert both[0].coverage90 == pytest.approx(both[1].coverage90)
        assert [each.rows for each in both] == [100, 94]


def test_weekly_forecasts_are_judged_in_weeks(make_prices, tmp_path) -> None:
    prices = make_prices(200)
    weeks = pd.date_range("2015-01-02", periods=200, freq="W-FRI", name="session")
    prices = prices.set_index(pd.MultiIndex.from_product([["AAA"], weeks], names=["ticker", "session"]))
    close = prices["close"].to_numpy()
    judged = judge_file(pd.DataFrame({"date": weeks[150:], "forecast": close[148:198]}), prices, tmp_path)
    assert "but 50 weeks prove little" in judged.judgement.verdicts[0].text
    (copy,) = judged.suspicions
    assert copy.text.endswith("the close 2 weeks before the week that is forecast")
    assert "week" in judged_text(judged, everything=False).splitlines()[0]
