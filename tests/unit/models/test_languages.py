"""What is told to be in a language that a model does not know, and what is not."""

import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from eld import LanguageDetector
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.models import languages
from moderation.models.detoxify import LANGUAGES
from moderation.models.languages import is_unsupported

ENGLISH = ("en",)
SEVEN = LANGUAGES["multilingual"]

#: Of the languages of the multilingual model, and of others.
KNOWN = {
    "fr": "Je ne comprends pas pourquoi tout le monde en parle encore aujourd'hui.",
    "es": "Nadie me ha explicado todavía por qué cerraron la biblioteca del barrio.",
    "it": "Nessuno mi ha ancora spiegato perché hanno chiuso la biblioteca.",
    "pt": "Ninguém me explicou ainda porque é que fecharam a biblioteca do bairro.",
    "ru": "Никто так и не объяснил мне, почему закрыли районную библиотеку.",
    "tr": "Mahalledeki kütüphanenin neden kapatıldığını kimse bana anlatmadı.",
}
OTHERS = {
    "de": "Mir hat noch niemand erklärt, warum die Bücherei geschlossen wurde.",
    "de, rude": "halt die klappe, du hast doch keine ahnung von brücken",
    "nl": "Niemand heeft me nog uitgelegd waarom de bibliotheek gesloten is.",
    "sv": "Ingen har förklarat för mig varför biblioteket har stängts.",
    "fi": "Kukaan ei ole selittänyt minulle, miksi kirjasto suljettiin.",
    "pl": "Nikt mi jeszcze nie wyjaśnił, dlaczego zamknięto bibliotekę.",
    "cs": "Nikdo mi ještě nevysvětlil, proč zavřeli knihovnu.",
    "hu": "Senki sem magyarázta még el nekem, miért zárták be a könyvtárat.",
    "ro": "Nimeni nu mi-a explicat încă de ce au închis biblioteca.",
    "vi": "Chưa ai giải thích cho tôi vì sao thư viện lại đóng cửa.",
    "ar": "لم يشرح لي أحد حتى الآن لماذا أغلقت المكتبة.",
    "he": "אף אחד עוד לא הסביר לי למה סגרו את הספרייה.",
    "el": "Κανείς δεν μου έχει εξηγήσει γιατί έκλεισε η βιβλιοθήκη.",
    "hi": "किसी ने मुझे अब तक नहीं बताया कि पुस्तकालय क्यों बंद हुआ।",
    "zh": "还没有人告诉我图书馆为什么关门了。",
    "ja": "図書館がなぜ閉まったのか、誰も説明してくれない。",
    "ko": "도서관이 왜 문을 닫았는지 아무도 설명해 주지 않았다.",
    "th": "ยังไม่มีใครอธิบายให้ฉันฟังว่าทำไมห้องสมุดถึงปิด",
    "km": "គ្មាននរណាប្រាប់ខ្ញុំថាហេតុអ្វីបណ្ណាល័យបិទទេ",
}


@pytest.mark.parametrize("text", [*KNOWN.values(), *OTHERS.values()])
def test_a_sentence_in_another_language(text):
    assert is_unsupported(text, ENGLISH)
    assert is_unsupported(f"> {text}\n\n{text.upper()}", ENGLISH)


@pytest.mark.parametrize("language", KNOWN)
def test_what_the_multilingual_model_learned(language):
    assert language in SEVEN
    assert not is_unsupported(KNOWN[language], SEVEN)


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_multilingual_model_did_not_learn(language):
    assert is_unsupported(OTHERS[language], SEVEN)


def test_two_languages_of_one_script_are_told_apart():
    assert is_unsupported("Ніхто досі не пояснив мені, чому зачинили бібліотеку.", SEVEN)


@pytest.mark.parametrize(
    "text",
    [
        "Nobody has told me yet why the library was closed.",
        "NOBODY EVER TELLS US",
        "lol ur so dumb bro",
        "gonna delete dis page soooo bad",
        "teh libary woz closd yestarday an noone sed y",
        "shut up you absolute muppet",
        "C'est la vie, my friend",
        "Me too!",
        "Strong oppose per nom",
        # Names
        "Angela Merkel, Emmanuel Macron, Giuseppe Conte",
        "Los Angeles, San Francisco, San Diego",
        "FC Bayern München 3 - 1 Borussia Dortmund",
        # Too little, or no language at all
        "",
        "123 456",
        "😀😀😀 !!! ???",
        "Schrecklich",
        "¡Hola!",
        "да",
        "π ≈ 3.14, α = 2",
        "hahahahaha hahaha",
        "MUPPET MUPPET MUPPET MUPPET",
        "(ノಠ益ಠ)ノ彡┻━┻ ¯\\_(ツ)_/¯",
        "https://beispiel.example/warum/ist/die/bruecke/gesperrt",
        "def total(rows): return sum(row.price for row in rows)",
        "if (x == null) { foo.bar(); }",
    ],
)
def test_english_and_what_cannot_be_told(text):
    assert not is_unsupported(text, ENGLISH)
    assert not is_unsupported(text, SEVEN)


@pytest.mark.parametrize(
    "text",
    [
        "Yоu аrе а sillу gооsе and уоu knоw thаt",
        "ѕhυt υр уоυ mυрреt",
        "ｓｈｕｔ ｕｐ ｙｏｕ ｍｕｐｐｅｔ",
        "𝒔𝒉𝒖𝒕 𝒖𝒑 𝒚𝒐𝒖 𝒎𝒖𝒑𝒑𝒆𝒕",
        "s h u t  u p  y o u  m u p p e t",
        "sh\u200but u\u200bp yo\u200bu mup\u200bpet",
    ],
)
def test_a_disguise_is_no_language(text):
    assert not is_unsupported(text, ENGLISH)


def test_a_text_that_is_partly_english_is_known():
    german = " ".join(OTHERS["de"] for _ in range(8))
    english = "Those who closed it should have asked the people that use their library."
    assert is_unsupported(german, ENGLISH)
    assert not is_unsupported(f"{german} {english}", ENGLISH)
    assert not is_unsupported(f"{english} {german}", ENGLISH)


def test_nothing_is_said_for_a_model_of_which_nobody_knows_what_it_learned():
    assert not any(is_unsupported(text, ()) for text in OTHERS.values())


def test_nor_for_one_whose_language_cannot_be_told():
    assert "sw" not in languages.TOLD
    assert not any(is_unsupported(text, ("en", "sw")) for text in OTHERS.values())


def test_the_detector_tells_these_languages():
    known = LanguageDetector().dynamic_lang_subset(sorted(languages.TOLD)).languages
    assert set(known) == languages.TOLD
    assert set(SEVEN) <= languages.TOLD


def test_scripts_are_named_as_unicode_names_their_letters():
    letters = "አبجбবαગבहի中あカაಕ한ກമଅਅதతก"
    named = {unicodedata.name(letter).split()[0] for letter in letters}
    assert set(languages._SCRIPTS) <= named


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_text_has_an_answer(text):
    assert is_unsupported(text, ENGLISH) in (True, False)
    assert not is_unsupported(text, ())


def test_the_beginning_of_a_very_long_text_counts():
    text = f"{OTHERS['de']} " * 15_000
    assert len(text) > 900_000
    assert is_unsupported(text, ENGLISH)
    assert is_unsupported(text + "Nobody told me why they closed it. " * 900, ENGLISH)


def test_threads_share_it():
    texts = [*KNOWN.values(), *OTHERS.values(), "Nobody has told me yet."] * 20
    alone = [is_unsupported(text, SEVEN) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: is_unsupported(text, SEVEN), texts)) == alone


def test_english_and_other_scripts_need_no_detector():
    code = (
        "import sys; from moderation.models.languages import is_unsupported as u;"
        "assert not u('Nobody has told me why the library was closed.', ('en',));"
        "assert not u('lol nice', ('en',)) and u('Почему закрыли библиотеку?', ('en',));"
        "sys.exit('eld' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
