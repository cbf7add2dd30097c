"""The names of the months, in the languages of price files. To teach the reader one more language, add a line.

A name is found by its beginning, without accents and in lower case: `sep` finds Sep, Sept., Septiembre and September.
"""

from __future__ import annotations

import unicodedata

_LANGUAGES = (
    "jan feb mar apr may jun jul aug sep oct nov dec",  # English
    "jan feb mar apr mai jun jul aug sep okt nov dez",  # German
    "jan feb mrz - - - - - - - - -",  # German, short
    "jan fev mar avr mai juin juil aou sep oct nov dec",  # French
    "ene feb mar abr may jun jul ago sep oct nov dic",  # Spanish
    "- - - - - - - - set - - -",  # Spanish, Italian, Portuguese
    "gen feb mar apr mag giu lug ago set ott nov dic",  # Italian
    "jan fev mar abr mai jun jul ago set out nov dez",  # Portuguese
    "jan feb mrt apr mei jun jul aug sep okt nov dec",  # Dutch
    "jan feb maa - - - - - - - - -",  # Dutch, long
    "sty lut mar kwi maj cze lip sie wrz paz lis gru",  # Polish
    "led uno bre dub kve cvn cvc srp zar rij lis pro",  # Czech, short
    "led uno bre dub kve cerven cervenec srp zar rij lis pro",  # Czech, long
    "- - - - - cervna cervence - - - - -",  # Czech, of the month
    "янв фев мар апр май июн июл авг сен окт ноя дек",  # Russian
    "- - - - мая - - - - - - -",  # Russian, of the month
    "січ лют бер кві тра чер лип сер вер жов лис гру",  # Ukrainian
    "jan feb mar apr maj jun jul aug sep okt nov dec",  # Swedish, Danish
    "tammi helmi maalis huhti touko kesa heina elo syys loka marras joulu",  # Finnish
    "oca sub mar nis may haz tem agu eyl eki kas ara",  # Turkish
    "ian feb mar apr mai iun iul aug sep oct noi dec",  # Romanian
    "jan febr marc apr maj jun jul aug szept okt nov dec",  # Hungarian
    "jan peb mar apr mei jun jul agu sep okt nov des",  # Indonesian, Norwegian
)


def fold(text: str) -> str:
    """Return a text in lower case and without accents, so that `Août` and `AOUT` are the same."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ı", "i").replace("ø", "o"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _month_table() -> dict[str, int]:
    return {fold(name): month for line in _LANGUAGES for month, name in enumerate(line.split(), 1) if name != "-"}


_MONTHS = _month_table()
_LONGEST = max(map(len, _MONTHS))


def month_number(word: str) -> int | None:
    """Return 1 to 12 for the name of a month or its abbreviation, None for any other word."""
    name = fold(word)
    if len(name) < 3:
        return None
    return next(
        (_MONTHS[name[:size]] for size in range(min(_LONGEST, len(name)), 2, -1) if name[:size] in _MONTHS), None
    )
