"""Tickers as file names that every system accepts."""

from __future__ import annotations

import re

# What Windows refuses in a name, and the separators of every system; % because it introduces what is encoded.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*%\x00-\x1f]')
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?=\.|$)", re.IGNORECASE)


def file_stem(ticker: str) -> str:
    """Return the ticker as a file name without suffix: `^GSPC`, `EURUSD=X` and `7203.T` as they are, `CON` as `CON_`.

    Different tickers in capitals get different names.
    """
    safe = _FORBIDDEN.sub(lambda found: f"%{ord(found.group()):02x}", ticker)
    if safe.endswith((".", " ")):
        safe = f"{safe[:-1]}%{ord(safe[-1]):02x}"
    return _RESERVED.sub(lambda found: f"{found.group()}_", safe, count=1) if _RESERVED.match(safe) else safe
