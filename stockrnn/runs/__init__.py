"""Run folders: saved whole, loaded and verified."""
