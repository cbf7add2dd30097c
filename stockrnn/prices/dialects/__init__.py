"""How price tables are written: encodings, headers, numbers, dates and layouts, each decided by whole columns."""
