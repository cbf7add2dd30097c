"""Scores and the verdict."""
