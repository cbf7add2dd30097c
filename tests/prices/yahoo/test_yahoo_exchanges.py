"""Yahoo's words about an exchange made into a calendar."""

from __future__ import annotations

from datetime import date

import exchange_calendars
import pytest

from stockrnn.prices.yahoo import exchanges
from stockrnn.prices.yahoo.exchanges import Listing, calendar_of


def test_every_calendar_in_the_tables_exists():
    known = set(exchange_calendars.get_calendar_names(include_aliases=True))
    named = {*exchanges._CODES, *exchanges._CALENDAR_OF_ZONE.values(), *exchanges._CALENDAR_OF_INSTRUMENT.values()}
    assert named <= known


def test_no_exchange_code_stands_for_two_calendars():
    codes = [code for line in exchanges._CODES.values() for code in line.split()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("exchange", "zone", "instrument", "calendar"),
    [
        ("NMS", "America/New_York", "EQUITY", "XNAS"),
        ("NYQ", "America/New_York", "EQUITY", "XNYS"),
        ("PCX", "America/New_York", "ETF", "ARCX"),
        ("SNP", "America/New_York", "INDEX", "XNYS"),
        ("JPX", "Asia/Tokyo", "EQUITY", "XTKS"),
        ("ASX", "Australia/Sydney", "EQUITY", "XASX"),
        ("CCC", "UTC", "CRYPTOCURRENCY", "24/7"),
        ("CCY", "Europe/London", "CURRENCY", "24/5"),
        ("CME", "America/New_York", "FUTURE", "CMES"),
        ("???", "Europe/London", "EQUITY", "XLON"),
        ("???", "Mars/Olympus", "EQUITY", None),
        (None, None, None, None),
    ],
)
def test_the_calendar_follows_from_kind_code_and_zone(exchange, zone, instrument, calendar):
    assert calendar_of(exchange, zone, instrument) == calendar


def test_a_listing_survives_json():
    listing = Listing("USD", "NMS", "America/New_York", "EQUITY", date(2004, 8, 19), date(2018, 1, 10))
    assert Listing.from_json(listing.to_json()) == listing
    assert Listing.from_json(Listing().to_json()) == Listing()
