"""Letters that are drawn like Latin ones: a small table of our own.

The idea is the *skeleton* of Unicode Technical Standard 39 (confusables), cut down to
what people write words with. Transliteration would be wrong here: it goes by sound.
All keys are what is left after NFKC and case folding.
"""

from __future__ import annotations

import unicodedata


def _pairs(text: str) -> dict[str, str]:
    """`аa сc` to `{а: a, с: c}`."""
    return {pair[0]: pair[1:] for pair in text.split()}


#: Letters of the Latin script, and signs, that never are another letter: always read.
#: Small capitals, phonetic letters, strokes and hooks that NFKC leaves alone.
LATIN = _pairs(
    "ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ꞯq ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"
    " ɑa ɐa ɓb ƀb ƃb ɕc ƈc ȼc ɖd ɗd đd ɘe ǝe ə\u0065 ɛe ɇe ƒf ɡg ɠg ǥg ɦh ħh ɨi ɩi ıi ʝj ɉj"
    " ȷj ƙk ʞk łl ɫl ɬl ɭl ƚl ɯm ɱm ɲn ɳn ƞn ŋn øo ɵo ɔo ƥp ᵽp ɋq ǫq ɍr ɹr ɾr ɽr ʂs ʃs ŧt ƭt"
    " ʇt ʈt ʉu ʋv ʌv ʍw ɰw ƴy ʎy ɏy ƶz ʐz ʑz ȥz æae œoe ðd"
)
LATIN |= {chr(0x1F150 + index): chr(97 + index) for index in range(26)}
LATIN |= {chr(0x1F170 + index): chr(97 + index) for index in range(26)}

#: Regional indicators, read only in runs: two of them are a flag.
REGIONAL = {chr(0x1F1E6 + index): chr(97 + index) for index in range(26)}

#: Letters of other scripts, read as Latin only in a word that also has Latin letters.
OTHER = _pairs(
    # Cyrillic; folding has made small letters of В, Н, К, М, Т.
    "аa вb сc ԁd еe ёe єe ғf ԍg һh нh ћh іi їi јj кk қk ӏl мm пn оo рp ԛq гr ѕs тt уy үy ѵv"
    " ԝw шw ѡw хx ҳx ьb цu"
    # Greek
    " αa βb ϲc ςc δd εe ϝf ηn ιi ϳj κk λl μu νv οo σo ρp τt υu χx γy ωw ζz"
    # Armenian
    " աw եt հh յj ոn սu օo քp ցg զq ղn տs"
    # Cherokee (folded to capitals)
    " Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭵi Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꮢr Ꮪs Ꭲt Ꮩv Ꮃw Ꮍy Ꮓz"
    # Lisu
    " ꓮa ꓐb ꓚc ꓓd ꓰe ꓝf ꓖg ꓧh ꓲi ꓙj ꓗk ꓡl ꓟm ꓠn ꓳo ꓑp ꓣr ꓢs ꓔt ꓴu ꓦv ꓪw ꓫx ꓬy ꓜz"
    # Coptic
    " ⲁa ⲃb ⲥc ⲉe ⲏh ⲓi ⲕk ⲙm ⲛn ⲟo ⲣp ⲧt ⲩy ⲭx"
)
#: The same letters with a diacritic in one character: `ѐ`, `ά`.
for _code in (*range(0x370, 0x530), *range(0x1F00, 0x2000)):
    _base = unicodedata.normalize("NFD", chr(_code))[:1]
    # `й` and `ї` are letters of their own.
    if _base in OTHER and chr(_code) not in OTHER:
        OTHER[chr(_code)] = OTHER[_base]
#: Where the small letter looks like another one than the capital: a second reading.
SECOND = OTHER | _pairs("уu үu ηh νn υy μm пn")

#: Latin letters drawn like Cyrillic ones, for Cyrillic words spelt with them.
CYRILLIC = _pairs("aа bв cс eе hн kк mм oо pр tт xх yу iі")

#: What stands for a letter, apart from letters: a letter never disguises another one.
LEET = {
    "a": "4@",
    "b": "86",
    "c": "(¢",
    "e": "3€",
    "g": "96",
    "h": "#",
    "i": "1!|¡",
    "l": "1!|£",
    "o": "0",
    "q": "9",
    "s": "5$",
    "t": "7+",
    "y": "¥",
    "z": "2",
}
#: Each letter's and sign's class: what shares a sign is one class.
CANON = str.maketrans(
    {
        "l": "i",
        **dict.fromkeys("1!|¡£", "i"),
        **dict.fromkeys("gq869", "b"),
        **{
            sign: letter
            for letter, signs in LEET.items()
            for sign in signs
            if letter not in "ilbgq"
        },
    }
)
