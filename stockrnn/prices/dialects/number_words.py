"""Words that stand for a missing number, for a power of ten, or for a currency. To teach the reader one more, add it."""

from __future__ import annotations

# In lower case, as a whole cell.
MISSING = frozenset({
    "", "-", "--", "---", "*", "**", ".", "..", "...", "?", "x", "/", "\\n",
    "null", "(null)", "nil", "none", "na", "n/a", "n.a.", "n.a", "n/d", "nd", "n.d.", "s/d", "#n/a", "#na", "#n/a n/a", "#num!",
    "#value!", "#div/0!", "#ref!", "#name?", "nan", "-nan", "+nan", "1.#qnan", "<na>", "nat", "missing", "empty", "k.a.", "b.d.", "nv", "n.v.",
    "inf", "-inf", "+inf", "infinity", "-infinity", "1.#inf", "-1.#inf", "\u221e", "-\u221e", "no data", "not available", "no trade", "closed", "holiday", "halted", "suspended", "nm", "n.m.",
    "нет", "н/д", "н/п", "无", "暂无",
})  # fmt: skip

# In lower case, after the digits, without a full stop.
MULTIPLIERS = {
    # English
    "k": 1e3, "thousand": 1e3, "th": 1e3, "m": 1e6, "mm": 1e6, "mil": 1e6, "million": 1e6, "millions": 1e6,
    "b": 1e9, "bn": 1e9, "bln": 1e9, "billion": 1e9, "billions": 1e9, "t": 1e12, "tn": 1e12, "trn": 1e12, "trillion": 1e12,
    # Indian
    "l": 1e5, "lac": 1e5, "lacs": 1e5, "lakh": 1e5, "lakhs": 1e5, "cr": 1e7, "crs": 1e7, "crore": 1e7, "crores": 1e7,
    # German, Dutch, Nordic
    "tsd": 1e3, "mio": 1e6, "mln": 1e6, "mrd": 1e9, "mld": 1e9, "mlrd": 1e9, "md": 1e9, "mdr": 1e9, "bio": 1e12, "mn": 1e6,
    # Romance
    "mila": 1e3, "mille": 1e3, "millones": 1e6, "milhões": 1e6, "mi": 1e6, "bi": 1e9, "bilhões": 1e9, "milliards": 1e9,
    # Slavic
    "tys": 1e3, "tis": 1e3, "тыс": 1e3, "млн": 1e6, "млрд": 1e9, "трлн": 1e12,
    # East Asian
    "千": 1e3, "万": 1e4, "萬": 1e4, "만": 1e4, "百万": 1e6, "億": 1e8, "亿": 1e8, "억": 1e8, "兆": 1e12,
}  # fmt: skip

# In lower case, before or after the digits, without a full stop; signs such as $ and the euro are known by their kind.
CURRENCIES = frozenset({
    "usd", "eur", "euro", "euros", "gbp", "gbx", "gbpence", "jpy", "chf", "cad", "aud", "nzd", "cny", "cnh", "rmb", "hkd", "sgd", "twd", "krw",
    "inr", "rs", "re", "idr", "rp", "thb", "myr", "rm", "php", "vnd", "brl", "mxn", "clp", "ars", "cop", "pen", "rub", "rur", "uah", "kzt",
    "pln", "czk", "huf", "ron", "bgn", "sek", "nok", "dkk", "isk", "try", "tl", "zar", "ils", "nis", "aed", "sar", "qar", "egp", "ngn", "kes",
    "pkr", "lkr", "bdt", "btc", "xbt", "eth", "usdt", "usdc", "busd", "eurt",
    "us$", "a$", "c$", "ca$", "au$", "nz$", "hk$", "s$", "nt$", "r$", "mx$", "cn¥", "jp¥", "р", "руб", "грн", "лв", "zł", "zl", "kč", "kc",
    "ft", "lei", "kr", "fr", "sfr", "s/", "p", "c", "r", "元", "円", "원", "港元", "美元",
    "share", "shares", "pts", "points",
})  # fmt: skip
