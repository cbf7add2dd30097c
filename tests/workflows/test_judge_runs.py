"""A run's own file of forecasts is judged as the run was: by its terms, its prices and its tickers."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.config_sections import EvaluationConfig
from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.forecasts.forecast_file import read_facts, write_forecasts
from stockrnn.forecasts.table import LEVELS, Forecast, tabulate
from stockrnn.prices.table import sessions_of
from stockrnn.samples.samples import origins_for
from stockrnn.workflows.evaluate import judge
from stockrnn.workflows.judge import JudgeRequest, judge_forecasts
from tests.workflows.judged_files import facts_of, own_forecasts, save_prices, terms_of


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
