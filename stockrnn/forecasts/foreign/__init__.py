"""Forecasts that other tools wrote: any of their tables to our forecasts table, for the same prices."""
