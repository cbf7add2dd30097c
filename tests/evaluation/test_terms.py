from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from stockrnn.config import parse_config
from stockrnn.evaluation.terms import Terms
from stockrnn.samples.splits import Split

DAYS = tuple(pd.date_range("2020-01-01", periods=6))


@pytest.mark.parametrize("validation", [None, DAYS[2:4]])
def test_terms_are_those_of_their_run_and_survive_json(validation) -> None:
    config = parse_config(
        {"target": {"column": "close"}, "window": {"horizon": 3}, "evaluation": {"moving_average": 9}}, "test"
    )
    terms = Terms.of(config, Split(DAYS[:2], validation, DAYS[4:]))
    assert (terms.target, terms.horizon, terms.evaluation.moving_average) == ("close", 3, 9)
    assert terms.train == (DAYS[0], DAYS[3] if validation else DAYS[1])
    assert terms.validation == validation
    again = Terms.from_json(json.loads(json.dumps(terms.to_json(), allow_nan=False)))
    assert again == terms != replace(terms, horizon=1)
