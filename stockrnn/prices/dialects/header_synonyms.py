"""What columns are called. To teach the reader one more name or language, add it to a line or add a line.

Names are compared in lower case, without accents, brackets and signs, with blanks between the words: `AdjClose`,
`adj_close`, `<ADJ.CLOSE>` and `5. adjusted close` are all found as written here (see `headers.plain_name`).
"""

from __future__ import annotations

# The role of a column to its names; of several columns with one role, the first name in the table wins, except that two
# close columns of one rank are asked about.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "date": (
        "date", "datetime", "date time", "trade date", "trading date", "trading day", "business date", "session", "session date", "day",
        "observation date", "as of date", "asofdate", "quote date", "price date", "pricing date", "time period", "period", "timestamp", "time stamp",
        "dtyyyymmdd", "yyyymmdd", "local time", "gmt time", "open time", "opentime", "unix timestamp", "unix", "unix time", "epoch", "ts",
        "dt", "t", "exchange date", "effective date", "window start", "week", "week ending", "month", "index", "dates",
        "datum", "handelstag", "tag", "zeitpunkt", "zeitstempel", "borsentag",  # German, Dutch, Czech, Nordic
        "jour", "date de seance", "seance", "horodatage",  # French
        "fecha", "fecha cotizacion", "dia", "fecha hora",  # Spanish
        "data", "data pregao", "data do pregao", "data e hora", "data ora", "data seduta", "giorno", "data sesji",  # Portuguese, Italian, Polish
        "den", "dato", "paivamaara", "paiva", "pvm", "kereskedesi nap", "nap", "idopont", "zi", "data tranzactionarii",
        "tarih", "gun", "islem tarihi",  # Turkish
        "дата", "дата торгов", "tradedate", "дата и время",  # Russian
        "日期", "交易日期", "交易日", "时间", "日付", "日付け", "年月日", "取引日", "날짜", "일자", "거래일", "tanggal", "ngay", "ημερομηνία", "תאריך", "التاريخ", "تاریخ", "दिनांक", "วันเดือนปี", "วันที่",  # Chinese, Japanese, Korean
    ),
    "time": (
        "time", "hour", "uhrzeit", "zeit", "heure", "hora", "ora", "godzina", "cas", "tijd", "tid", "aika", "saat", "время", "时刻", "時刻", "시간",
    ),
    "ticker": (
        "ticker", "tickers", "symbol", "symbols", "ticker symbol", "stock symbol", "sym", "tic", "secid", "security id", "ric", "code", "stock code",
        "ts code", "security code", "instrument", "trading symbol", "scrip", "scrip code", "asset", "contract", "pair", "currency pair", "isin", "wkn", "permno", "instrument series code", "enstruman kodu",
        "stock", "security", "name", "stock name", "security name", "company", "company name", "index name", "coin", "bezeichnung",
        "kurzel", "kuerzel", "valeur", "codigo", "simbolo", "simbolo accion", "titolo", "papel", "ativo", "codneg", "skrot", "nazwa", "walor",
        "hisse", "hisse kodu", "sembol", "kod", "тикер", "инструмент", "股票代码", "证券代码", "代码", "股票名称", "名称", "銘柄コード", "コード", "銘柄", "종목코드", "종목명",
    ),
    "open": (
        "open", "opening", "open price", "opening price", "price open", "first", "first price", "o", "1 open", "session open",
        "eroffnung", "eroeffnung", "eroffn", "eroff", "oppen", "開市", "开市", "eroffnungskurs", "eroffnungspreis", "erster", "anfangskurs", "start",  # German
        "ouverture", "ouv", "ouvert", "premier", "cours d ouverture",  # French
        "apertura", "abertura", "abert", "ap", "precio apertura", "prezzo apertura", "preco de abertura", "preabe", "primo",  # Spanish, Italian, Portuguese
        "otwarcie", "kurs otwarcia", "otevreni", "oteviraci cena", "opening koers", "openingskoers", "oppning", "oppningskurs", "apning", "abning", "avaus",
        "nyito", "deschidere", "acilis", "acilis fiyati", "открытие", "откр", "цена открытия", "вiдкриття", "відкриття",
        "开盘价", "开盘", "今开", "開盤價", "始値", "始值", "시가", "pembukaan", "mo cua", "άνοιγμα", "פתיחה", "الافتتاح", "खुला", "เปิด", "openprc",
    ),
    "high": (
        "high", "highest", "high price", "price high", "max", "maximum", "h", "day high", "daily high", "session high", "highest price",
        "hoch", "hochster", "hochstkurs", "hoechst", "hochst", "tageshoch", "hoechstkurs",
        "haut", "plus haut", "le plus haut", "haut du jour",
        "maximo", "maximos", "max dia", "precio maximo", "massimo", "prezzo massimo", "preco maximo", "maxima", "premax", "alto", "alta",
        "najwyzszy", "najwyzszy kurs", "maksimum", "nejvyssi", "nejvyssi cena", "hoogste", "hoog", "hogsta", "高", "hogst", "hogstkurs", "hoyest", "hojest", "hoy", "hoj", "ylin",
        "legmagasabb", "maxim", "yuksek", "en yuksek", "максимум", "макс", "максимальная цена", "найвища", "самая высокая",
        "最高价", "最高", "最高價", "高値", "고가", "tertinggi", "cao nhat", "υψηλό", "גבוה", "الأعلى", "उच्च", "สูง", "askhi",
    ),
    "low": (
        "low", "lowest", "low price", "price low", "min", "minimum", "l", "day low", "daily low", "session low", "lowest price",
        "tief", "tiefster", "tiefstkurs", "tiefst", "tagestief", "niedrig",
        "bas", "plus bas", "le plus bas", "bas du jour",
        "minimo", "minimos", "min dia", "precio minimo", "prezzo minimo", "preco minimo", "minima", "premin", "bajo", "baja", "baixo", "basso",
        "najnizszy", "najnizszy kurs", "nejnizsi", "nejnizsi cena", "laagste", "laag", "lagsta", "低", "lagst", "lagstkurs", "lavest", "lav", "alin",
        "legalacsonyabb", "minim", "dusuk", "en dusuk", "минимум", "мин", "минимальная цена", "найнижча", "самая низкая",
        "最低价", "最低", "最低價", "安値", "저가", "terendah", "thap nhat", "χαμηλό", "נמוך", "الأدنى", "निम्न", "ต่ำ", "bidlo",
    ),
    "close": (
        "close", "closing", "close price", "closing price", "price close", "closed", "c", "session close", "px close", "prc", "official close",
        "schluss", "schlusskurs", "schlusspreis", "schluskurs",
        "cloture", "clot", "fermeture", "cours de cloture",
        "cierre", "precio cierre", "precio de cierre", "chiusura", "prezzo chiusura", "prezzo di chiusura", "fechamento", "fech", "preco de fechamento", "preult",
        "zamkniecie", "kurs zamkniecia", "zaviraci cena", "zavreni", "zaverecna cena", "slot", "slotkoers", "sluitkoers", "stangning", "stangningskurs", "slutkurs",
        "slutt", "lukning", "lukkekurs", "paatos", "paatoskurssi", "zaro", "zaroar", "inchidere", "kapanis", "kapanis fiyati",
        "закрытие", "закр", "цена закрытия", "закриття", "收盘价", "收盘", "收盤價", "終値", "종가", "penutupan", "dong cua",
        "close last", "close price last", "close close price adjusted for splits", "收市", "收市價",
    ),
    # A price that stands for the close where the file has none.
    "price": (
        "price", "last", "last price", "last trade", "ltp", "px last", "settle", "settlement", "settlement price", "quote", "current price", "now",
        "kurs", "preis", "letzter", "zuletzt", "dernier", "cours", "prix", "dernier cours", "ultimo", "ultima", "precio", "prezzo", "preco",
        "cena", "kurz", "ostatni", "ostatnio", "senaste", "cena akcie", "posledni", "koers", "laatste", "senast", "siste", "sidste", "kurssi", "ar", "pret", "son", "simdi", "fiyat", "son fiyat",
        "цена", "последняя", "посл", "ціна", "现价", "最新价", "价格", "現在値", "価格", "株価", "현재가", "terakhir", "gia", "lan cuoi", "latest", "viimeisin", "τελευταία", "מחיר", "الأخير", "अंतिम", "ล่าสุด",
    ),
    # A number that may be a price: the close where the file has neither of the above.
    "value": ("value", "rate", "nav", "net asset value", "fixing", "mid", "index value", "level", "wert", "valeur liquidative", "valor", "valore", "wartosc", "hodnota", "waarde", "значение", "净值", "値"),
    "adj_close": (
        "adj close", "adjusted close", "adjusted", "adj closing", "close adj", "close adjusted", "adjusted closing price", "adj close price", "adjclose",
        "adjusted close price", "split adjusted close", "dividend adjusted close", "adj close adjusted close price adjusted for splits and dividend and or capital gain distributions", "bereinigt", "bereinigter schlusskurs", "schlusskurs bereinigt", "adj schlusskurs", "cloture ajustee", "cierre ajustado",
        "cierre ajust", "chiusura aggiustata", "chiusura rettificata", "fechamento ajustado", "fechamento ajust", "zamkniecie skorygowane", "duzeltilmis kapanis", "скорректированное закрытие",
        "复权收盘价", "調整後終値", "調整後終値*", "수정종가",
    ),
    "volume": (
        "volume", "vol", "volumes", "v", "total volume", "trade volume", "trading volume", "share volume", "shares traded", "total trade quantity", "traded quantity",
        "total traded quantity", "ttl trd qnty", "tottrdqty", "no of shares", "number of shares", "quantity", "qty", "tick volume", "tickvol", "real volume", "no of shares traded", "volume traded",
        "stuck", "stucke", "stueck", "stuecke", "umsatz", "handelsvolumen", "volumen", "volumen stuck", "titres", "volume titres", "quantite", "echanges",
        "quantita", "volume di scambi", "quantidade", "quatot", "voltot", "cantidad", "titulos",
        "wolumen", "wol", "hac", "交易量", "obj", "objem", "mnozstvi", "volymer", "volym", "omsetning", "mangde", "antal", "vaihto", "maara", "forgalom", "volum", "hacim", "islem hacmi",
        "объем", "объём", "обьем", "обсяг", "成交量", "总手", "出来高", "거래량", "khoi luong", "όγκος", "נפח", "الحجم", "मात्रा", "ปริมาณ",
    ),
    # Columns that are known and not used: without them here, `Prev Close` would be the close of a ticker called Prev.
    "ignored": (
        "previous close", "prev close", "prevclose", "prior close", "yesterday close", "pre close", "preclose", "close time", "closetime", "change", "chg", "change percent", "pct chg", "pct change", "change pct",
        "chg percent", "percent change", "net change", "daily return", "return", "returns", "log return", "change ", "var", "var percent", "variation", "variazione", "variacion", "varia cao", "variacao",
        "zmiana", "zmena", "veranderung", "andrang", "изм", "изменение", "涨跌额", "涨跌幅", "換手率", "换手率", "前收盘", "前日比", "변동", "등락률", "fark", "verand", "vs ant",
        "dividends", "dividend", "stock splits", "splits", "split", "split ratio", "ex dividend", "capital gains", "split coefficient", "dividend amount", "repaired",
        "open interest", "openint", "openinterest", "oi", "oi change", "vwap", "vwap price", "wap", "average price", "avg price", "weighted price", "average", "mean", "turnover", "turnover lacs", "turnover rs", "turnover rs lakhs", "turnover cr", "total turnover", "amount", "value traded", "traded value",
        "trades", "no of trades", "number of trades", "trade count", "count", "n trades", "numtrades", "quote asset volume", "quote volume", "taker buy base asset volume", "taker buy quote asset volume", "taker buy base volume", "taker buy quote volume", "ignore",
        "adj open", "adj high", "adj low", "adj volume", "adjusted open", "adjusted high", "adjusted low", "adjusted volume", "adj factor", "adjustment factor", "bid", "ask", "best bid", "best ask", "spread", "market cap", "marketcap", "market capitalization", "shares outstanding",
        "series", "per", "sector", "industry", "exchange", "currency", "country", "market", "type", "deliverable qty", "deliverable volume", "percent deliverble", "percent deliverable", "52w h", "52w l", "52 week high", "52 week low",
        "成交金额", "总市值", "流通市值", "成交额", "売買代金", "obrot", "obrat", "umsatz eur", "capitaux", "unnamed", "row", "row id", "id", "no", "sr no", "serial", "nr", "lp", "序号", "risk score",
        "year", "dayofweek", "day of week", "weekday", "timezone", "tz", "source", "status", "flag", "note", "notes", "comment", "comments", "sma", "ema", "rsi", "macd", "signal",
    ),
}  # fmt: skip

# The parts of a date that stands in several columns.
DATE_PARTS: dict[str, tuple[str, ...]] = {
    "year": (
        "year",
        "yyyy",
        "yr",
        "jahr",
        "annee",
        "ano",
        "anno",
        "rok",
        "jaar",
        "ar",
        "год",
        "年",
        "年份",
        "yil",
        "vuosi",
    ),
    "month": (
        "month",
        "mm",
        "mon",
        "monat",
        "mois",
        "mes",
        "mese",
        "miesiac",
        "mesic",
        "maand",
        "manad",
        "месяц",
        "月",
        "月份",
        "ay",
    ),
    "day": ("day", "dd", "tag", "jour", "dia", "giorno", "dzien", "den", "dag", "день", "число", "日", "gun"),
}

# Words beside a role that say nothing about whose price it is.
_FILLERS = (
    "price prices px value values rate the s of in at stock share shares index day daily today session trade traded trading",
    "usd eur gbp jpy inr cad aud chf cny hkd pln czk sek nok dkk rub gbx gbpence brl krw twd sgd mxn zar thb idr myr php vnd ils clp huf ron nzd sar aed kwd rs lakhs lacs cr quote currency base local",
    "preis kurs cours prix precio prezzo preco cena koers цена 元 円 per percent unadjusted raw unadj unit units number no pts points",
)
FILLER_WORDS = frozenset(word for line in _FILLERS for word in line.split())

# Column names of a table with one instrument in several currencies.
_CURRENCIES = ("usd eur gbp jpy chf cad aud cny inr euro", "usdam usdpm gbpam gbppm eurpm euram euroam europm")
CURRENCY_NAMES = frozenset(word for line in _CURRENCIES for word in line.split())
