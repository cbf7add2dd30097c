from __future__ import annotations

import pytest

from stockrnn.workflows.job import TrainJob


@pytest.fixture
def level_job(make_prices) -> TrainJob:
    """Return the job of a small network that learns levels of two tickers."""
    from tests.workflows.audited import LEVEL, job_of  # it starts Keras, which most tests here do without

    return job_of(make_prices(160, ["AAA", "BBB"]), LEVEL, validation=0.2)
