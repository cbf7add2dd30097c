"""The doctor of prices: what is odd about them, what to do, and repaired copies."""
