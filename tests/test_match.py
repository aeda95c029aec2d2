"""How a question is seen, weighed and matched: each view of it, the evidence, the parts of a score, and every phrase of faq/."""

import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from bot.adviser import Adviser
from bot.evidence import Evidence, Ledger, Weights
from bot.grams import READINGS
from bot.lexicon import Lexicon
from bot.match import ALIKE, GUARD, INITIALS, SURVIVORS, THREAD, Matcher
from bot.model import ADJACENT, OUT_OF_SCOPE, Entry, Saying
from bot.view import LONGEST, Index, view
from locator.model import Name

# With halves of surrogate pairs and control characters, which st.text() leaves out; and some that grow when folded.
ANY_TEXT: Final = st.text(
    st.characters() | st.sampled_from("卡丢挂失没不是了\ud800\udfff\x00ﷺ㍿"), max_size=80
)

LEXICON: Final = Lexicon(
    {
        "things": {"card": "社保卡", "plain-card": "卡", "pin": "密码"},
        "deeds": {"lost": "丢 丢了", "report": "挂失", "unreport": "解挂 解除挂失 撤回来", "replace": "补办"},
        "elsewhere": {"id-card": "身份证"},
        "fillers": {"filler": "怎么 了 不 没"},
    }
)


def made(name: str, *asked: str, intent: str = "lost_general", opposite: str = "", title: str = "") -> Entry:
    return Entry(
        id=name,
        topic=Name("", ""),
        intent=intent,
        title=Name(title or asked[0], name),
        asked=asked,
        said=Saying(Name("", "")),
        regions={},
        services=(),
        opposite=opposite,
        see=(),
        sources=(),
        reviewed=date(2026, 1, 1),
        review_by=date(2027, 1, 1),
    )


LOST = made("lost", "社保卡丢了怎么办", "卡丢了", "找不到卡")
REPORT = made(
    "report", "社保卡挂失", "打电话撤回来得快不快", "怎么挂失", intent="loss_report", opposite="unreport", title="挂失"
)  # fmt: skip
UNREPORT = made(
    "unreport", "社保卡解挂", "卡找到了怎么撤回来", intent="loss_cancel", opposite="report", title="解挂"
)
PIN = made("pin", "密码忘了", "社保卡密码怎么改", intent="pwd_social")
PAPERS = made("papers", "身份证怎么补办", "护照过期", intent=OUT_OF_SCOPE)
CLAIM = made("claim", "医保怎么报销", "报销比例", intent=ADJACENT)
ENTRIES = (LOST, REPORT, UNREPORT, PIN, PAPERS, CLAIM)
MATCHER = Matcher(ENTRIES, LEXICON)


def first(text: str, matcher: Matcher = MATCHER) -> str:
    """Return the id of the best entry."""
    return matcher.match(view(text, matcher.lexicon)).top.entry.id


# --- a view of a text


@given(ANY_TEXT, st.integers(1, 200))
def test_any_text_can_be_seen_and_what_is_seen_is_bounded(text: str, times: int) -> None:
    seen = view(text * times, LEXICON)
    # No character grows to more than 18 when it is folded (ﷺ).
    assert len(seen.seen.units) <= 18 * (LONGEST + 1)
    assert set(seen.tokens) == set(Index)
    assert len(seen.meanings) == len(set(seen.meanings))


@pytest.mark.parametrize("letter", ["卡", "没", "a", "a ", "ﷺ", "\ud800", "\x00", "社保卡挂失"])
def test_of_ten_thousand_characters_no_more_than_the_bound_is_read(letter: str) -> None:
    seen = view((letter * 10_000)[:10_000], LEXICON)
    growth = len(unicodedata.normalize("NFKD", letter))
    assert len(seen.seen.units) <= LONGEST * growth
    assert len("".join(seen.seen.units)) <= LONGEST * growth


def test_the_beginning_and_the_end_of_a_long_message_are_read_and_its_middle_is_not() -> None:
    filler = "天" * LONGEST
    assert view(f"社保卡{filler}密码{filler}挂失", LEXICON).meanings == ("card", "report")
    assert view(f"社保卡{filler[:90]}密码{filler[:90]}挂失", LEXICON).meanings == ("card", "pin", "report")


def test_a_control_character_cuts_and_nothing_else() -> None:
    plain, odd = view("社保 卡 丢", LEXICON), view("社保\x00卡\ud800丢\x85", LEXICON)
    assert odd == plain
    assert odd.meanings == ("card", "lost")


def test_a_denied_deed_is_in_no_index() -> None:
    seen = view("卡没丢，忘了密码", LEXICON)
    assert "lost" in view("卡丢了，忘了密码", LEXICON).meanings
    assert "lost" not in seen.meanings
    assert not any("丢" in token for token in seen.tokens[Index.LETTERS])
    assert not any("diu" in token for token in seen.tokens[Index.SOUNDS])
    assert "card+pin" not in seen.tokens[Index.PAIRS]
    assert "pin+plain-card" in seen.tokens[Index.PAIRS]


@pytest.mark.parametrize("text", ["没丢", "没有丢", "不是挂失", "not lost"])
def test_a_text_of_nothing_but_a_denial_is_still_a_text(adviser: Adviser, text: str) -> None:
    assert view(text, adviser.matcher.lexicon).seen.units != ()


# --- evidence


class Told(NamedTuple):
    """Evidence of two indexes; the phrases are in the second, and the first holds none of their words."""

    held: Evidence[str]

    def weigh(self, tokens: Sequence[str]) -> Weights:
        weighed = self.held.weigh({"other": tokens, "words": tokens})
        assert not weighed[0].any()
        of_words: Weights = weighed[1]
        return of_words

    def familiar(self, tokens: Sequence[str]) -> float:
        return self.held.familiar("words", tokens)


def evidence(*phrases: Sequence[str], owners: Sequence[int], counts: float = 1.0) -> Told:
    other, ledger = Ledger(), Ledger()
    for number, phrase in enumerate(phrases):
        other.note([f"other{number}"])
        ledger.note(phrase)
    return Told(
        Evidence({"other": other, "words": ledger}, {"other": 1.0, "words": counts}, owners, max(owners) + 1)
    )


TWO = evidence(["card", "lost"], ["card", "pin"], owners=[0, 1])


def test_what_all_entries_share_says_nothing_and_what_one_holds_speaks_for_it() -> None:
    assert TWO.weigh(["card"]) == pytest.approx([0, 0], abs=1e-6)
    lost = TWO.weigh(["lost"])
    assert lost[0] > 0 > lost[1]


def test_an_index_counts_for_as_much_as_it_is_told() -> None:
    twice = evidence(["card", "lost"], ["card", "pin"], owners=[0, 1], counts=2.0)
    assert twice.weigh(["lost", "card"]) == pytest.approx(2 * TWO.weigh(["lost", "card"]))


def test_unknown_tokens_say_nothing() -> None:
    assert TWO.weigh(["sun", "moon"]).tolist() == [0, 0]
    assert TWO.weigh([]).tolist() == [0, 0]
    assert TWO.weigh(["lost", "sun", "moon"]).tolist() == TWO.weigh(["lost"]).tolist()
    assert TWO.weigh(["lost", "pin"]).tolist() != TWO.weigh(["lost"]).tolist()


@pytest.mark.parametrize("times", [2, 50])
def test_repeating_a_text_does_not_make_it_say_more(times: int) -> None:
    for tokens in (["lost"], ["card", "lost"], ["lost", "pin"]):
        assert TWO.weigh(tokens * times) == pytest.approx(TWO.weigh(tokens), abs=1e-5)
    assert TWO.familiar(["lost", "sun"] * times) == TWO.familiar(["lost", "sun"]) == 0.5


def test_repeating_a_word_in_a_phrase_does_not_make_it_count_more() -> None:
    again = evidence(["card", "lost", "lost", "lost"], ["card", "pin"], owners=[0, 1])
    assert again.weigh(["lost"]) == pytest.approx(TWO.weigh(["lost"]))


def test_a_long_text_says_no_more_than_a_short_one() -> None:
    words = [f"word{number}" for number in range(50)]
    many = evidence(words, ["card"], owners=[0, 1])
    # Each word says the same, and fifty say it with one voice of length 1.
    assert many.weigh(words)[0] == pytest.approx(many.weigh(words[:1])[0] * 50**0.5, rel=1e-4)


@pytest.mark.parametrize("phrases", [5, 60])
def test_an_entry_with_many_phrases_is_not_favoured(phrases: int) -> None:
    few = [["card", f"few{number}"] for number in range(2)]
    many = [["card", f"many{number}"] for number in range(phrases)]
    weighed = evidence(*few, *many, owners=[0] * 2 + [1] * phrases).weigh(["card"])
    assert weighed[1] - weighed[0] == pytest.approx(0, abs=0.05)


def lead(told: Told, *tokens: str) -> float:
    """How far the second entry lies ahead of the first."""
    first_one, second = told.weigh(tokens)
    return float(second - first_one)


def test_of_two_words_that_point_to_different_entries_the_rarer_counts_more() -> None:
    phrases = [*[["often", f"more{number}"] for number in range(20)], ["seldom", "once"], ["else"]]
    told = evidence(*phrases, owners=[0] * 20 + [1] * 2)
    assert lead(told, "often") < 0 < lead(told, "seldom")
    counted_alike = (lead(told, "often") + lead(told, "seldom")) / 2**0.5
    assert lead(told, "often", "seldom") > counted_alike + 0.5


def test_familiar_is_the_share_that_some_phrase_holds() -> None:
    assert TWO.familiar(["card", "lost", "sun", "moon"]) == 0.5
    assert TWO.familiar(["sun"]) == 0.0
    assert TWO.familiar([]) == 0.0
    assert TWO.familiar(["card"]) == 1.0


def test_an_index_in_which_no_phrase_has_a_token_says_nothing() -> None:
    assert evidence([], [], owners=[0, 1]).weigh(["card"]).tolist() == [0, 0]


# --- a match explains itself

PARTS: Final = {*Index, GUARD, INITIALS, THREAD, ALIKE}


@given(ANY_TEXT, st.sets(st.sampled_from([entry.id for entry in ENTRIES])))
def test_a_score_is_the_sum_of_its_parts_and_the_parts_name_every_index(text: str, near: set[str]) -> None:
    matches = MATCHER.match(view(text, LEXICON), near)
    for one in matches.ranked:
        assert one.score == pytest.approx(sum(one.parts.values()), abs=1e-4)
        assert one.parts.keys() == PARTS
        assert one.phrase in (one.entry.title.zh, *one.entry.asked)
        assert one.parts[GUARD] <= 0
        assert 0 <= one.parts[ALIKE] <= 10
        assert (one.parts[THREAD] > 0) is (one.entry.id in near)
    assert [one.score for one in matches.ranked] == sorted(
        (one.score for one in matches.ranked), reverse=True
    )


@given(text=ANY_TEXT)
def test_any_text_is_matched_with_the_shipped_knowledge(adviser: Adviser, text: str) -> None:
    seen = view(text, adviser.matcher.lexicon)
    matches = adviser.matcher.match(seen)
    ranking = adviser.matcher.ranking(seen)
    assert len(matches.ranked) == (SURVIVORS if seen.seen.units else 0)
    assert 0 <= matches.familiar <= 1
    assert np.isfinite([one.score for one in matches.ranked]).all()
    assert [one.entry for one in matches.ranked] == ranking[: len(matches.ranked)]
    assert (
        len({entry.id for entry in ranking})
        == len(ranking)
        == (len(adviser.matcher.entries) if ranking else 0)
    )


def test_each_part_says_what_it_is_for() -> None:
    top = MATCHER.match(view("社保卡丢了怎么办", LEXICON)).top
    assert top.entry is LOST
    assert top.phrase == "社保卡丢了怎么办"
    assert top.parts[ALIKE] == 10
    assert top.parts[Index.MEANINGS] > 0
    assert (top.parts[GUARD], top.parts[INITIALS], top.parts[THREAD]) == (0, 0, 0)


def test_the_margin_is_before_the_best_of_another_intent() -> None:
    twin = made("twin", "社保卡丢了咋办", intent=LOST.intent)
    matches = Matcher((*ENTRIES, twin), LEXICON).match(view("社保卡丢了怎么办", LEXICON))
    assert {one.entry.id for one in matches.ranked[:2]} == {"lost", "twin"}
    assert matches.margin == matches.top.score - matches.ranked[2].score
    assert matches.margin > matches.top.score - matches.ranked[1].score


# --- pinyin, initials, near


@pytest.mark.parametrize(
    "text",
    [
        "shebaoka guashi",
        "she bao ka gua shi",
        "SheBaoKa GuaShi!",
        "shè bǎo kǎ guà shī",
        "社保ka guashi",
        "射宝咔挂时",
    ],
)
def test_a_question_in_pinyin_or_homophones_finds_its_entry(text: str) -> None:
    assert first(text) == "report"


def test_pinyin_is_compared_with_the_phrases_by_sound_and_characters_by_letter() -> None:
    def alike(text: str) -> float:
        return MATCHER.match(view(text, LEXICON)).top.parts[ALIKE]

    assert alike("shebaokaguashi") == alike("she bao ka gua shi") == alike("社保卡挂失") == 10
    assert alike("射宝咔挂时") < 10


@given(text=st.text(st.sampled_from("社保卡挂失丢了怎么办密码龘ab1þðøæßÿ"), max_size=20))
def test_a_text_is_as_alike_as_its_letters_are(adviser: Adviser, text: str) -> None:
    def letters(written: str) -> str:
        return "".join(view(written, adviser.matcher.lexicon).seen.units)

    asked = f"社{text}"
    for one in adviser.matcher.match(view(asked, adviser.matcher.lexicon)).ranked:
        phrases = (one.entry.title.zh, *one.entry.asked)
        most = max(fuzz.ratio(letters(asked), letters(phrase)) for phrase in phrases)
        assert one.parts[ALIKE] == pytest.approx(most / 10)


def test_typed_initials_find_the_phrase_they_are_of() -> None:
    top = MATCHER.match(view("sbkgs", LEXICON)).top
    assert (top.entry.id, top.phrase) == ("report", "社保卡挂失")
    assert top.parts[INITIALS] > 0
    assert first("SBKJG") == first("sbkjg")
    assert first("mmwl") == "pin"


@pytest.mark.parametrize("text", ["sbkgx", "gs", "sbk gs now", "社保卡挂失", "12333"])
def test_what_is_not_the_initials_of_a_phrase_gives_no_points_for_them(text: str) -> None:
    assert {one.parts[INITIALS] for one in MATCHER.match(view(text, LEXICON)).ranked} == {0}


def test_what_belongs_to_the_answer_before_is_nearer() -> None:
    seen = view("怎么解开呢", LEXICON)
    alone = {one.entry.id: one.score for one in MATCHER.match(seen).ranked}
    near = {one.entry.id: one.score for one in MATCHER.match(seen, ["unreport"]).ranked}
    risen = {name for name in alone if near[name] > alone[name] + 1}
    assert risen == {"unreport"}
    assert near.keys() == alone.keys()


# --- guards decide


def test_a_guard_keeps_an_entry_from_a_question_for_its_opposite() -> None:
    question = "打电话怎么撤回来"
    unguarded = Matcher([replace(entry, opposite="") for entry in ENTRIES], LEXICON)
    assert first(question, unguarded) == "report"
    assert first(question) == "unreport"
    few = Matcher([entry for entry in ENTRIES if entry.id in ("report", "unreport", "pin")], LEXICON)
    parts = {one.entry.id: one.parts[GUARD] for one in few.match(view(question, LEXICON)).ranked}
    assert [name for name, part in parts.items() if part < 0] == ["report"]


def test_an_entry_is_found_where_the_question_names_what_it_does_too() -> None:
    guarded = [one.parts[GUARD] for one in MATCHER.match(view("挂失了想撤回来", LEXICON)).ranked]
    assert set(guarded) == {0}


def test_another_document_takes_from_every_entry_on_the_card_and_from_no_other() -> None:
    few = Matcher([entry for entry in ENTRIES if entry.id in ("lost", "pin")], LEXICON)
    others = Matcher([entry for entry in ENTRIES if not entry.is_card], LEXICON)

    def taken(text: str) -> set[str]:
        found = [one for matcher in (few, others) for one in matcher.match(view(text, LEXICON)).ranked]
        return {one.entry.id for one in found if one.parts[GUARD] < 0}

    assert taken("身份证丢了") == {"lost", "pin"}
    assert taken("社保卡丢了，身份证在身上") == set()
    assert taken("补办要带身份证吗") == set()


def test_without_the_guard_a_lost_document_would_be_a_lost_card() -> None:
    nameless = Lexicon({"things": {"card": "社保卡"}, "deeds": {"lost": "丢 丢了"}})
    entries = (LOST, made("papers", "护照过期", "身份证到期了", intent=OUT_OF_SCOPE))
    assert first("身份证丢了怎么办", Matcher(entries, nameless)) == "lost"
    assert first("身份证丢了怎么办", Matcher(entries, LEXICON)) == "papers"


# --- every phrase of faq/

Ask = Callable[[str], str]  # from a question to the id of the best entry, "" when there is none


@pytest.fixture(scope="module")
def ask(adviser: Adviser) -> Ask:
    def best(text: str) -> str:
        ranked = adviser.matcher.match(view(text, adviser.matcher.lexicon)).ranked
        return ranked[0].entry.id if ranked else ""

    return best


@pytest.fixture(scope="module")
def phrases(adviser: Adviser) -> list[tuple[str, str]]:
    """(phrase, id of its entry), all of them."""
    return [(phrase, entry.id) for entry in adviser.matcher.entries for phrase in entry.asked]


def lost_share(asked: Sequence[tuple[str, str]], ask: Ask) -> float:
    """Return the share of the questions whose best entry is not theirs."""
    return sum(ask(text) != owner for text, owner in asked) / len(asked)


MOST_TAKEN: Final = 0.01  # two entries may hold nearly the same phrase; one in a hundred may go to the other


def test_a_phrase_finds_its_own_entry(phrases: list[tuple[str, str]], ask: Ask) -> None:
    assert lost_share(phrases, ask) <= MOST_TAKEN
    # The count notices more than that: of half of each phrase.
    assert lost_share([(text[::2], owner) for text, owner in phrases[::5]], ask) > 5 * MOST_TAKEN


# --- two homophone typos

TRIED: Final = 800
LEAST_TYPED: Final = 6
TYPOS: Final = 2
MOST_LOST: Final = 0.03


def characters_of(phrases: Sequence[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Return the characters that people write, by toneless sound."""
    by_sound: defaultdict[str, list[str]] = defaultdict(list)
    for character in sorted({character for text, _ in phrases for character in text} & READINGS.keys()):
        by_sound[READINGS[character]].append(character)
    return by_sound


def misspelt(text: str, by_sound: Mapping[str, list[str]], chance: random.Random, *, same_sound: bool) -> str:
    """Replace two characters by others of the same sound, or of any other; "" when they have no homophone."""
    written = list(text)
    places = [at for at, one in enumerate(text) if len(by_sound.get(READINGS.get(one, ""), ())) > 1]
    if len(places) < TYPOS:
        return ""
    for at in chance.sample(places, TYPOS):
        sound = READINGS[text[at]]
        if not same_sound:
            sound = chance.choice([other for other in by_sound if other != sound])
        written[at] = chance.choice([one for one in by_sound[sound] if one != text[at]])
    return "".join(written)


def test_two_homophone_typos_cost_little_and_two_other_wrong_characters_cost_more(
    phrases: list[tuple[str, str]], ask: Ask
) -> None:
    chance = random.Random(2020_09_28)
    by_sound = characters_of(phrases)
    long = [one for one in phrases if len(one[0]) >= LEAST_TYPED]
    tried = [
        (text, owner, heard, misspelt(text, by_sound, chance, same_sound=False))
        for text, owner in chance.sample(long, len(long))
        if (heard := misspelt(text, by_sound, chance, same_sound=True))
    ][:TRIED]
    assert len(tried) == TRIED
    as_written = lost_share([(text, owner) for text, owner, _, _ in tried], ask)
    as_heard = lost_share([(text, owner) for _, owner, text, _ in tried], ask)
    otherwise = lost_share([(text, owner) for _, owner, _, text in tried], ask)
    assert as_heard - as_written <= MOST_LOST
    assert otherwise - as_written > MOST_LOST
