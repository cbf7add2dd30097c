"""What looks wrong with forecasts: leaks, copies, accuracy that cannot be, other prices. Each has a stable code."""
