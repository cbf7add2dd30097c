"""Forecast stock prices with Keras recurrent networks, and say what the forecast is worth."""

__version__ = "0.1.0"
