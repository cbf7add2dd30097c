"""What is known about where a ticker trades, and the exchange calendar that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from stockrnn.prices.sessions import ALWAYS_OPEN

WEEKDAYS = "24/5"

# Yahoo's exchange codes, a line for each calendar of exchange_calendars.
_CODES = {
    "XNYS": "NYQ NYS YHD SNP DJI RUS WCB CBO CXI OPR OBB OEM OID OQB OQX OTC PNK PNX",
    "XNAS": "NMS NGM NCM NAS NIM NASDAQ",
    "XASE": "ASE",
    "ARCX": "PCX",
    "BATS": "BTS",
    "XTSE": "TOR CNQ NEO TSI",
    "TSX": "VAN",
    "XMEX": "MEX",
    "BVMF": "SAO",
    "XBUE": "BUE",
    "XSGO": "SGO",
    "XBOG": "BOG BVC",
    "XLON": "LSE IOB FGI AQS",
    "XDUB": "ISE",
    "XETR": "GER DEX",
    "XFRA": "FRA MUN BER HAN",
    "XDUS": "DUS",
    "XHAM": "HAM",
    "XSTU": "STU",
    "XPAR": "PAR ENX",
    "XAMS": "AMS",
    "XBRU": "BRU",
    "XLIS": "LIS",
    "XMIL": "MIL",
    "XMAD": "MCE MAD",
    "XSWX": "EBS VTX ZRH",
    "XWBO": "VIE",
    "XSTO": "STO",
    "XCSE": "CPH",
    "XHEL": "HEL",
    "XOSL": "OSL",
    "XICE": "ICE",
    "XTAL": "TAL TLO",
    "XRIS": "RIS",
    "XLIT": "LIT",
    "XWAR": "WSE",
    "XPRA": "PRA",
    "XBUD": "BUD",
    "XBSE": "BVB",
    "ASEX": "ATH",
    "XIST": "IST",
    "XTAE": "TLV",
    "XSAU": "SAU",
    "XJSE": "JNB",
    "XTKS": "JPX OSA TYO TKS FKA SAP",
    "XHKG": "HKG",
    "XSHG": "SHH SHZ SHG",
    "XTAI": "TAI TWO",
    "XKRX": "KSC KOE KRX",
    "XBOM": "BSE NSI",
    "XSES": "SES",
    "XKLS": "KLS",
    "XIDX": "JKT",
    "XBKK": "SET",
    "XPHS": "PHP PHS",
    "XKAR": "KAR",
    "XASX": "ASX CXA",
    "XNZE": "NZE",
    "CMES": "CME CBT CMX NYM",
    "IEPA": "NYB ICF",
    WEEKDAYS: "CCY",
    ALWAYS_OPEN: "CCC",
}
_CALENDAR_OF_CODE = {code: calendar for calendar, codes in _CODES.items() for code in codes.split()}

# For an exchange code that is not in the table, the leading exchange of the time zone.
_CALENDAR_OF_ZONE = {
    "America/New_York": "XNYS",
    "America/Chicago": "CMES",
    "America/Toronto": "XTSE",
    "America/Vancouver": "TSX",
    "America/Mexico_City": "XMEX",
    "America/Sao_Paulo": "BVMF",
    "America/Argentina/Buenos_Aires": "XBUE",
    "America/Buenos_Aires": "XBUE",
    "America/Santiago": "XSGO",
    "America/Bogota": "XBOG",
    "America/Lima": "XLIM",
    "Europe/London": "XLON",
    "Europe/Dublin": "XDUB",
    "Europe/Berlin": "XETR",
    "Europe/Paris": "XPAR",
    "Europe/Amsterdam": "XAMS",
    "Europe/Brussels": "XBRU",
    "Europe/Lisbon": "XLIS",
    "Europe/Rome": "XMIL",
    "Europe/Madrid": "XMAD",
    "Europe/Zurich": "XSWX",
    "Europe/Vienna": "XWBO",
    "Europe/Stockholm": "XSTO",
    "Europe/Copenhagen": "XCSE",
    "Europe/Helsinki": "XHEL",
    "Europe/Oslo": "XOSL",
    "Europe/Warsaw": "XWAR",
    "Europe/Prague": "XPRA",
    "Europe/Budapest": "XBUD",
    "Europe/Athens": "ASEX",
    "Europe/Istanbul": "XIST",
    "Europe/Moscow": "XMOS",
    "Atlantic/Reykjavik": "XICE",
    "Asia/Jerusalem": "XTAE",
    "Asia/Riyadh": "XSAU",
    "Africa/Johannesburg": "XJSE",
    "Asia/Tokyo": "XTKS",
    "Asia/Hong_Kong": "XHKG",
    "Asia/Shanghai": "XSHG",
    "Asia/Taipei": "XTAI",
    "Asia/Seoul": "XKRX",
    "Asia/Kolkata": "XBOM",
    "Asia/Calcutta": "XBOM",
    "Asia/Singapore": "XSES",
    "Asia/Kuala_Lumpur": "XKLS",
    "Asia/Jakarta": "XIDX",
    "Asia/Bangkok": "XBKK",
    "Asia/Manila": "XPHS",
    "Asia/Karachi": "XKAR",
    "Australia/Sydney": "XASX",
    "Pacific/Auckland": "XNZE",
}
_CALENDAR_OF_INSTRUMENT = {"CRYPTOCURRENCY": ALWAYS_OPEN, "CURRENCY": WEEKDAYS}


def calendar_of(exchange: str | None, time_zone: str | None, instrument: str | None = None) -> str | None:
    """Return the exchange calendar for what Yahoo says about a ticker, None where nothing fits.

    Args:
        exchange: Yahoo's exchangeName, such as `NMS`.
        time_zone: Yahoo's exchangeTimezoneName, such as `Europe/London`.
        instrument: Yahoo's instrumentType, such as `EQUITY`; currencies trade on weekdays, coins always.
    """
    by_kind = _CALENDAR_OF_INSTRUMENT.get((instrument or "").upper())
    by_code = _CALENDAR_OF_CODE.get((exchange or "").upper())
    if by_kind or by_code:
        return by_kind or by_code
    if (instrument or "").upper() == "FUTURE":
        return "CMES"
    return _CALENDAR_OF_ZONE.get(time_zone or "")


@dataclass(frozen=True)
class Listing:
    """Where and in what a ticker trades, as its source says.

    Attributes:
        currency: The quote currency, such as `USD` or `GBp` (pence).
        exchange: Yahoo's exchange code.
        time_zone: The exchange's time zone; a session is a date there.
        instrument: `EQUITY`, `ETF`, `INDEX`, `CURRENCY`, `CRYPTOCURRENCY`, `FUTURE`, ...
        first_trade: The first day for which the source has prices.
        last_trade: The day of the last trade when the source was asked.
    """

    currency: str | None = None
    exchange: str | None = None
    time_zone: str | None = None
    instrument: str | None = None
    first_trade: date | None = None
    last_trade: date | None = None

    @property
    def calendar(self) -> str | None:
        """The name of the exchange calendar, None where it is not known."""
        return calendar_of(self.exchange, self.time_zone, self.instrument)

    def to_json(self) -> dict[str, Any]:
        """Return the listing as JSON values."""
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Listing:
        """Read what `to_json` wrote."""
        first, last = (document.get(key) for key in ("first_trade", "last_trade"))
        return cls(
            currency=document.get("currency"),
            exchange=document.get("exchange"),
            time_zone=document.get("time_zone"),
            instrument=document.get("instrument"),
            first_trade=date.fromisoformat(first) if first else None,
            last_trade=date.fromisoformat(last) if last else None,
        )
