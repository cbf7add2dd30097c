"""Draw the forecasts of a saved run."""

from __future__ import annotations

from pathlib import Path

from stockrnn.reports.figures import save_forecast_figure, save_forecast_figures
from stockrnn.runs.content import read_forecasts_of
from stockrnn.runs.folder import FIGURES_FOLDER, load_run


def plot(run_folder: Path, out: Path | None) -> list[Path]:
    """Draw real against predicted price, and return the files.

    Args:
        run_folder: The run.
        out: A file; None draws PNG and SVG into the run folder.

    Raises:
        RunFolderError: The run folder is missing or damaged.
        ConfigError: A file name of no known picture format.
    """
    forecasts = read_forecasts_of(load_run(run_folder))
    if out is None:
        return save_forecast_figures(forecasts, run_folder / FIGURES_FOLDER)
    save_forecast_figure(forecasts, out)
    return [out]
