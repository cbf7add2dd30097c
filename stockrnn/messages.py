"""Messages to the user: who hears them, and words that those of all rooms share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Hears one message that is no result: a warning, a note, what is being done.
Notify = Callable[[str], None]


def enumerated(names: Sequence[str]) -> str:
    """Return all names in words: `A, B and C`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def first_few(names: Sequence[object], most: int = 4) -> str:
    """Return the first of some names, and how many more there are: `A, B, C and 4 more`."""
    more = len(names) - most
    return ", ".join(map(str, names[:most])) + (f" and {more} more" if more > 0 else "")
