"""The words of price files around the world: headers, and the names of months."""

from __future__ import annotations

HEADERS = {
    "en": ("Date", "Open", "High", "Low", "Close", "Volume"),
    "upper": ("DATE", "OPEN", "HIGH", "LOW", "CLOSE", "VOLUME"),
    "finam": ("<DATE>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>"),
    "alpha": ("timestamp", "1. open", "2. high", "3. low", "4. close", "5. volume"),
    "camel": ("tradeDate", "openPrice", "highPrice", "lowPrice", "closePrice", "tradingVolume"),
    "starred": ("Date", "Open", "High", "Low", "Close*", "Volume**"),
    "nasdaq": ("Date", "Open", "High", "Low", "Close/Last", "Volume"),
    "prefixed": ("Date", "AAPL.Open", "AAPL.High", "AAPL.Low", "AAPL.Close", "AAPL.Volume"),
    "suffixed": ("Date", "Open_AAPL", "High_AAPL", "Low_AAPL", "Close_AAPL", "Volume_AAPL"),
    "units": ("Date", "Open (USD)", "High (USD)", "Low (USD)", "Close (USD)", "Volume (shares)"),
    "de": ("Datum", "Eröffnung", "Hoch", "Tief", "Schlusskurs", "Umsatz"),
    "de2": ("Datum", "Erster", "Hoch", "Tief", "Schluss", "Stück"),
    "fr": ("Date", "Ouverture", "Plus haut", "Plus bas", "Clôture", "Volume"),
    "es": ("Fecha", "Apertura", "Máximo", "Mínimo", "Cierre", "Volumen"),
    "es2": ("Fecha", "Apertura", "Máximo", "Mínimo", "Último", "Vol."),
    "pt": ("Data", "Abertura", "Máxima", "Mínima", "Fechamento", "Volume"),
    "it": ("Data", "Apertura", "Massimo", "Minimo", "Chiusura", "Volume"),
    "pl": ("Data", "Otwarcie", "Najwyższy", "Najniższy", "Zamknięcie", "Wolumen"),
    "cs": ("Datum", "Otevření", "Maximum", "Minimum", "Závěrečná cena", "Objem"),
    "ru": ("Дата", "Открытие", "Максимум", "Минимум", "Закрытие", "Объем"),
    "ru2": ("Дата", "Откр.", "Макс.", "Мин.", "Цена", "Объём"),
    "tr": ("Tarih", "Açılış", "Yüksek", "Düşük", "Kapanış", "Hacim"),
    "nl": ("Datum", "Opening", "Hoogste", "Laagste", "Slot", "Volume"),
    "zh": ("日期", "开盘价", "最高价", "最低价", "收盘价", "成交量"),
    "ja": ("日付", "始値", "高値", "安値", "終値", "出来高"),
    "ko": ("날짜", "시가", "고가", "저가", "종가", "거래량"),
    "fi": ("Pvm", "Avaus", "Ylin", "Alin", "Viimeisin", "Vol."),
    "el": ("Ημερομηνία", "Άνοιγμα", "Υψηλό", "Χαμηλό", "Τελευταία", "Όγκος"),
    "he": ("תאריך", "פתיחה", "גבוה", "נמוך", "מחיר", "נפח"),
    "ar": ("التاريخ", "الافتتاح", "الأعلى", "الأدنى", "الأخير", "الحجم"),
    "hi": ("दिनांक", "खुला", "उच्च", "निम्न", "अंतिम", "मात्रा"),
    "th": ("วันเดือนปี", "เปิด", "สูง", "ต่ำ", "ล่าสุด", "ปริมาณ"),
    "sv": ("Datum", "Öppning", "Högst", "Lägst", "Stängning", "Volym"),
}  # fmt: skip

# From January to December, as they stand in a date.
MONTHS = {
    "de": ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
    "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    "es": ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
    "pt": ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
    "it": ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
    "pl": ["stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"],
    "cs": ["ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu", "prosince"],
    "ru": ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    "tr": ["Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"],
    "nl": ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
}  # fmt: skip
ENGLISH_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
