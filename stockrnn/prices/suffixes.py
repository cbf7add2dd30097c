"""What the suffix of a Yahoo ticker says about its exchange. One line an exchange: add the one you miss."""

from __future__ import annotations

# Suffix to exchange calendar, a name that `exchange_calendars` knows.
SUFFIX_CALENDARS = {
    ".AS": "XAMS",  # Amsterdam
    ".AX": "XASX",  # Sydney
    ".BK": "XBKK",  # Bangkok
    ".BO": "XBOM",  # Bombay
    ".BR": "XBRU",  # Brussels
    ".CO": "XCSE",  # Copenhagen
    ".DE": "XETR",  # Xetra
    ".HE": "XHEL",  # Helsinki
    ".HK": "XHKG",  # Hong Kong
    ".IR": "XDUB",  # Dublin
    ".IS": "XIST",  # Istanbul
    ".JK": "XIDX",  # Jakarta
    ".JO": "XJSE",  # Johannesburg
    ".KL": "XKLS",  # Kuala Lumpur
    ".KQ": "XKRX",  # KOSDAQ keeps the days of the Korea Exchange
    ".KS": "XKRX",  # Korea
    ".L": "XLON",  # London
    ".LS": "XLIS",  # Lisbon
    ".MC": "XMAD",  # Madrid
    ".ME": "XMOS",  # Moscow
    ".MI": "XMIL",  # Milan
    ".MX": "XMEX",  # Mexico
    ".NS": "XBOM",  # National Stock Exchange of India: the same days as Bombay
    ".NZ": "XNZE",  # New Zealand
    ".OL": "XOSL",  # Oslo
    ".PA": "XPAR",  # Paris
    ".PR": "XPRA",  # Prague
    ".SA": "BVMF",  # Sao Paulo
    ".SI": "XSES",  # Singapore
    ".SS": "XSHG",  # Shanghai
    ".ST": "XSTO",  # Stockholm
    ".SW": "XSWX",  # Zurich
    ".SZ": "XSHG",  # Shenzhen: the same days as Shanghai
    ".T": "XTKS",  # Tokyo
    ".TO": "XTSE",  # Toronto
    ".TW": "XTAI",  # Taipei
    ".V": "XTSE",  # TSX Venture
    ".VI": "XWBO",  # Vienna
    ".WA": "XWAR",  # Warsaw
    "-USD": "24/7",  # cryptocurrencies
    "-EUR": "24/7",
    "=X": "24/5",  # currencies
}


def calendar_of_suffix(ticker: str) -> str | None:
    """Return the exchange calendar that a ticker's suffix names, such as XLON for BP.L; None where it names none."""
    name = ticker.upper()
    return next((calendar for suffix, calendar in SUFFIX_CALENDARS.items() if name.endswith(suffix)), None)
