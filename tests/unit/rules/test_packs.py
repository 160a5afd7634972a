"""The shipped packs as a whole: what no rule of any language may say of a comment."""

import pytest

from benchmarks.packs import document, measure, pack_table, percent, rule_table
from moderation.backtest.tally import Share
from moderation.comments import Author, Comment
from moderation.packs import packs_folder
from moderation.rules import RuleSet, compile_paths, run_tests
from moderation.rules.authoring.lint import lint


@pytest.fixture(scope="module")
def packs() -> RuleSet:
    return RuleSet.load([packs_folder()])


def flags(packs: RuleSet, text: str) -> set[str]:
    found, _ = packs.match(Comment("1", text, Author("neighbour")), {})
    return {flag.rule for flag in found}


def test_the_packs_are_sound_and_tested():
    compiled = compile_paths([packs_folder()])
    report = run_tests(compiled)
    assert not lint(compiled)
    assert not report.failures
    assert not report.untested


@pytest.mark.parametrize(
    "text",
    [
        "I am gay, and so is my neighbour. As a Muslim woman I feel at home here.",
        "Black, white, Asian, Jewish, Roma, trans, deaf and blind people live in our street.",
        "Ich bin schwul, türkisch, jüdisch, eine Frau, behindert und lebe gern hier.",
        "Als Flüchtling und Ausländer, als Muslim und als Sinti wurde ich gut aufgenommen.",
        "Soy gitana, negra, lesbiana, musulmana y judía. Los inmigrantes son mis vecinos.",
        "Je suis arabe, juif, noir, gitan, homosexuel et étranger, et j'habite ici.",
        "Sou negra, cigana, judia, muçulmana, nordestina e travesti, e moro aqui.",
        "Я гей, еврей, цыган, мусульманин, кавказец, украинка и беженец, живу здесь.",
    ],
)
def test_a_word_for_a_group_is_no_offence(packs, text):
    assert flags(packs, text) == set()


@pytest.mark.parametrize(
    "text",
    [
        # German
        "Die dicke Katze liegt im Mist, Dick und Doof schauen zu. Die Brücke ist dick.",
        "Der Fuchs schlich durch das Gras, der Schwanz war lang, die Nutzung ist erlaubt.",
        "Die Pute war gut, das Assessment auch, Fackel und Facharzt.",
        # Spanish
        "El año pasado cogí el tren con mi tía; la computadora tiene buena reputación.",
        "Los cojines del sofá, la mariposa, el cabrito asado y el bono de 30 años.",
        # French
        "Le train a du retard, en retard comme le bus. Le comte raconte un conte.",
        "La bite d'amarrage est solide, il faut baiser la main de la reine.",
        "Le chat dort con gusto, les phoques nagent au nord.",
        # Portuguese
        "O pau caiu, a rola cantou, a bicha do pão é longa e o puto tem seis anos.",
        "Vai para casa, o teu filho da Paula e da Puebla chegou.",
        # Russian
        "Сабля, страхуй, употреблять, оскорблять, команда, мандарин, херувим.",
        "Не ругай его, уходи; хулиган, тебе, небу, ребёнок, себялюбие, потреблять.",
        "Застрахуй машину, подстрахуй друга, не требуй, колебался и скипидар.",
        "Рубля, корабля, журавля, грабля, вопля. Хлеба! Учёба, погреба, пузырь.",
        # Others
        "Det är slut nu, og det fags bøker er der; en fart på sex kilometer.",
        "Bio sam tamo dva puta, a ona tri puta.",
        "Merg cu trenul cu prietenii, pula? Nu: pulover.",
        "Ho visto Verga a teatro, con mia nonna e con te.",
        "Kunst in de kantine: de hoer zit niet in dit stuk, wel de koor.",
        # English
        "The class assessed Scunthorpe, Essex, Sussex and the Penistone cockerel.",
        "Shiitake mushrooms, the Fukushima report and the pushit button.",
        "He is retiring; the flame-retardant curtain, the spick and span kitchen.",
    ],
)
def test_ordinary_words_of_other_languages_pass(packs, text):
    assert flags(packs, text) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("du WICHSER", "profanity.de.aimed"),
        ("Son unos GILIPOLLAS", "profanity.es.strong"),
        ("quel CONNARD", "profanity.fr.strong"),
        ("CARALHO", "profanity.pt.strong"),
        ("ЗАЕБАЛИ", "profanity.ru.strong"),
        ("пидарасы", "identity.ru.slur"),
    ],
)
def test_capitals_are_read(packs, text, rule):
    assert rule in flags(packs, text)


def test_the_table_counts_what_the_rules_find(tmp_path):
    (tmp_path / "small.yaml").write_text(
        "version: 1\nrules:\n"
        "  - {id: small.live, action: flag, when: {text: [mill]}}\n"
        "  - {id: small.shadow, action: flag, status: shadow, when: {text: [ferry]}}\n",
        encoding="utf-8",
    )
    rows = [
        {"text": "the mill", "toxicity": "1"},
        {"text": "a mill", "toxicity": "0"},
        {"text": "a ferry", "toxicity": "0"},
        {"text": "nothing", "toxicity": "1"},
    ]
    results = measure(tmp_path, rows, model="none")
    live, shadow = results.rules["small"]
    assert (live.found.comments, shadow.found.comments) == ({0, 1}, {2})
    assert shadow.action == "flag, shadow"
    # What is in the shadow flags nobody's comment.
    assert results.packs[-1].found.comments == {0, 1}
    assert "| **together** |  | 2 | 50 % (9–91) | 50 % (9–91) | 1 | 50.00 % |" in pack_table(
        results
    )
    assert "| `small.live` | flag | 2 | 50 % (9–91) |" in rule_table(results, [live])
    assert "### small" in document(results, "some.csv")


def test_a_share_of_nothing_is_a_dash():
    assert percent(Share(0, 0)) == "–"
    assert percent(Share(1, 1000)) == "0.1 % (0.0–0.6)"
