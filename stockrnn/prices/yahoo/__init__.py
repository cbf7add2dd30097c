"""Prices from Yahoo: asked politely, stored raw, adjusted on the way out, written with where they came from."""
