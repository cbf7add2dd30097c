"""Forecasters: the network and the naive ones, all giving rows of one forecasts table."""
