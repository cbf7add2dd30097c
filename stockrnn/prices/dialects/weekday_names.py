"""The names of the weekdays, in the languages of price files. To teach the reader one more language, add a line.

A name is found by its first three letters, without accents and in lower case.
"""

from __future__ import annotations

from stockrnn.prices.dialects.month_names import fold

_LANGUAGES = (
    "mon tue wed thu fri sat sun",  # English
    "mo di mi do fr sa so mon die mit don fre sam son",  # German
    "lun mar mer jeu ven sam dim",  # French
    "lun mar mie jue vie sab dom",  # Spanish
    "lun mar mer gio ven sab dom",  # Italian
    "seg ter qua qui sex sab dom",  # Portuguese
    "maa din woe don vri zat zon",  # Dutch
    "pon wto sro czw pia sob nie pn wt sr cz pt sb nd",  # Polish
    "pon ute str ctv pat sob ned",  # Czech
    "пон вто сре чет пят суб вос пн вт ср чт пт сб вс",  # Russian
    "man tir ons tor fre lor son",  # Nordic
    "pzt sal car per cum cmt paz",  # Turkish
)
_WORDS = frozenset(word for line in _LANGUAGES for word in line.split())
_EAST_ASIAN = frozenset("一二三四五六日月火水木金土월화수목금토일")


def is_weekday(word: str) -> bool:
    """Tell whether a word is the name of a weekday or its abbreviation."""
    sign = word.removeprefix("星期").removeprefix("周").removeprefix("週")
    return sign in _EAST_ASIAN or fold(word)[:3] in _WORDS
