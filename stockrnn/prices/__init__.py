"""Prices: read from files or fetched, checked once, then trusted."""
