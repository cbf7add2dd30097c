"""Prices to arrays: splits, scaling and windows."""
