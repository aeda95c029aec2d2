"""The desk's look-up: one box, the entries it may mean, what to say of one of them, and the halls near the caller.

Law: what a clerk types comes in a POST body only, is not logged and not kept. With scripts the same three parts of the
page are fetched while somebody types; without them the form brings the whole page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Final

import orjson
from flask import Blueprint, Response, make_response, render_template, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.adviser import Adviser, Advising
from bot.button import Kind
from bot.desk import Key, page, staff, visit
from bot.join import Asks, AskWhere, Plan, WhichPlace
from bot.lookup import look_up_with
from bot.model import Entry, Source, Tier
from bot.nearby import Nearby
from bot.ports import LONGEST_TEXT, Party, Session
from bot.reply import Speaker
from bot.snippet import VOICES, tell, variants
from bot.spoken import SIMPLIFIED
from bot.typed import LONGEST, Reader, Sent, Typed
from locator import timetable, wording
from locator.api import Clock, refused
from locator.cards import card_json, card_of
from locator.errors import BadInput
from locator.guide import Guide
from locator.hours import CHINA_TIME
from locator.language import ENGLISH, Language, mark
from locator.live import Current
from locator.model import Found, Level, Unclear, Unknown, Why

Values = dict[str, Any]

_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {"list": "desk-lookup-list.html", "answer": "desk-lookup-answer.html", "spots": "desk-lookup-spots.html"}
)
_TIERS: Final[Mapping[Tier, str]] = MappingProxyType(
    {
        Tier.A: mark("A, an authority's own page"),
        Tier.B: mark("B, a copy"),
        Tier.C: mark("C, not confirmed"),
    }
)
_KEYS: Final = (
    Key("/", mark("Go to the box")),
    Key("↑ ↓", mark("The next entry, or the one before")),
    Key("Alt 1–9", mark("Choose an entry by its number")),
    Key("1–9", mark("The same, when you are not in the box")),
    Key("Enter", mark("Copy the answer that is shown")),
    Key("Shift Enter", mark("Copy the first hall")),
    Key("F2", mark("The next voice: phone script, SMS, full, English")),
    Key("F4", mark("The next region")),
    Key("F8", mark("Put the answer into the basket")),
    Key("Shift F8", mark("Copy all that is in the basket")),
    Key("F9", mark("Pin the entry, or take the pin out")),
    Key("Esc", mark("Empty the box for the next call")),
    Key("Esc Esc", mark("Leave the box")),
)
_TOO_LONG: Final = mark("This is too long, or holds signs that nobody types. Please shorten it.")


class _Body(BaseModel):
    """What the script sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    entry: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    place: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""


def make_lookup(advising: Advising, live: Current[Guide], now: Clock) -> Blueprint:
    """The page, and what its script asks for. `now` gives an aware datetime."""
    pages = Blueprint("lookup", __name__, template_folder="templates", url_prefix="/desk")
    nearby = Nearby(live)

    def face() -> Face:
        return Face(Reader(advising.newest, nearby), now)

    @pages.get("")
    def home() -> Response:
        # Before anybody types; and not sooner, since 28 MiB are nothing that a process without a desk needs.
        look_up_with(advising.matcher)
        return face().page(Sent(entry=request.args.get("entry", "")))

    @pages.post("/look-up")
    def ask() -> Response:
        return face().page(Sent(*(request.form.get(name, "") for name in Sent._fields)))

    @pages.post("/api/look-up")
    def find() -> Response:
        return face().parts(request.get_data())

    return pages


@dataclass(frozen=True, slots=True)
class Face:
    """Shows what is found."""

    reader: Reader
    now: Clock

    @property
    def adviser(self) -> Adviser:
        return self.reader.adviser

    def page(self, sent: Sent) -> Response:
        """All of it, as it is without scripts."""
        try:
            values, problem = self._found(sent), ""
        except BadInput:
            values, problem = self._found(Sent()), visit().language.say(_TOO_LONG)
        return page(
            "desk-lookup.html",
            status=422 if problem else 200,
            keys=_KEYS,
            sent=sent,
            problem=problem,
            longest=LONGEST,
            script=self._script(visit().language),
            **values,
        )

    def parts(self, body: bytes) -> Response:
        """What changes while somebody types, each part as HTML."""
        try:
            told = _Body.model_validate_json(body)
            values = self._found(Sent(told.text, told.entry, told.place))
        except ValidationError as error:
            return refused(422, [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()])
        except BadInput as error:
            return refused(422, [(error.field, error.why)])
        language = visit().language
        shown = {
            name: render_template(template, language=language, say=language.say, **values)
            for name, template in _PARTS.items()
        }
        answer = make_response(orjson.dumps(shown))
        answer.content_type = "application/json"
        return answer

    def _found(self, sent: Sent) -> Values:
        """Raises BadInput."""
        at, language = self.now(), visit().language
        typed = self.reader.read(sent, at)
        return {
            "write": language.write,
            "hits": [
                {
                    "id": hit.entry.id,
                    "title": language.pick(hit.entry.title),
                    "phrase": hit.phrase,
                    "is_chosen": hit.entry is typed.entry,
                    "is_card": hit.entry.is_card,
                }
                for hit in typed.hits
            ],
            "answer": self._answer(typed.entry, typed, at, language) if typed.entry else None,
            "spots": self._spots(typed, at, language),
        }

    # -- the answer --

    def _answer(self, entry: Entry, typed: Typed, at: datetime, language: Language) -> Values:
        entries = self.adviser.knowledge.entries
        held = variants(entry, self.adviser, language)
        named = {one.code for one in held}
        opposite = entries.get(entry.opposite)
        today = at.astimezone(CHINA_TIME).date()
        return {
            "id": entry.id,
            "title": language.pick(entry.title),
            "topic": language.pick(entry.topic),
            "variants": held,
            "region": typed.region if typed.region in named else held[0].code,
            "voices": [(voice, language.say(name)) for voice, name in VOICES.items()],
            "opposite": (opposite.id, language.pick(opposite.title)) if opposite else None,
            "see": [(name, language.pick(entries[name].title)) for name in entry.see],
            "sources": [_source(one, language) for one in entry.sources],
            "reviewed": timetable.date_words(entry.reviewed, language),
            "review_by": timetable.date_words(entry.review_by, language),
            "is_overdue": entry.review_by < today,
            "note": entry.note,
            "language": "en" if language is ENGLISH else language.code,
            "chinese": language.code if language.short == "zh" else SIMPLIFIED.code,
        }

    # -- the halls --

    def _spots(self, typed: Typed, at: datetime, language: Language) -> Values | None:
        """None when no place was named."""
        search = typed.search(at)
        if search is None:
            return self._choices(typed, at, language)
        spots = self.reader.nearby.find(search)
        if isinstance(spots, Unknown):
            return _unknown(spots, language)
        if isinstance(spots, Unclear):  # the outlets have changed a moment ago
            return {"said": [wording.unclear_words(language)]}
        assumed = typed.when is not None and not typed.when.hour_named
        plan = Plan(_nobody(at), search=search, hour_assumed=assumed)
        reply = self._speaker(language).say(plan, spots, hid=False)
        listing, write = reply.listing, language.write
        return {
            "title": write(listing.title) if listing else "",
            "said": [write(line) for line in (*(listing.said if listing else ()), reply.text) if line],
            "notice": write(listing.notice) if listing else "",
            "cards": [
                {
                    **card_json(card_of(hit, spots.query, spots.result.origin, language), number, language),
                    "told": tell(hit, spots),
                }
                for number, hit in enumerate(spots.result.hits, 1)
            ],
        }

    def _choices(self, typed: Typed, at: datetime, language: Language) -> Values | None:
        """A place that has to be told more exactly, or that lies elsewhere."""
        place = typed.place
        if isinstance(place, Unknown):
            return _unknown(place, language) if place.why is Why.OUTSIDE else None
        reply = self._speaker(language).say(Plan(_nobody(at), asks=_asks(place)), None, hid=False)
        return {
            "said": [language.write(reply.text)],
            "choices": [
                (button.pick.value, language.write(button.text))
                for button in reply.buttons
                if button.pick.kind in (Kind.PLACE, Kind.CITY)
            ],
        }

    def _speaker(self, language: Language) -> Speaker:
        spoken = SIMPLIFIED if language.short == "zh" else ENGLISH
        return Speaker(self.adviser.knowledge.entries, self.adviser.hotline, self.reader.nearby, spoken)

    # -- for the script --

    def _script(self, language: Language) -> Values:
        """Who is there, what entries are called, and the script's own sentences."""
        entries = self.adviser.knowledge.entries.values()
        return {
            "clerk": staff().name,
            "titles": {entry.id: language.pick(entry.title) for entry in entries},
            "words": {name: language.say(sentence, **_BLANKS) for name, sentence in _WORDS.items()},
        }


def _nobody(at: datetime) -> Session:
    return Session(Party("desk", ""), updated=at)


def _unknown(place: Unknown, language: Language) -> Values:
    """Why nothing is measured from there, and what is known of the district."""
    return {
        "said": [wording.unknown_words(place, language)],
        "notice": wording.gap_notice(place.gap, language) if place.gap else "",
    }


def _asks(place: Found | Unclear) -> Asks:
    if isinstance(place, Found):
        return AskWhere(place.place.city)
    is_cities = all(one.level is Level.CITY for one in place.places)
    return AskWhere() if is_cities else WhichPlace(place.places)


def _source(source: Source, language: Language) -> Values:
    return {
        "title": source.title,
        "url": source.url,
        "dated": source.dated or language.say("no date"),
        "tier": language.say(_TIERS[source.tier]),
    }


_BLANKS: Final = {
    name: f"{{{name}}}" for name in ("what", "number", "title", "count")
}  # the script's to fill
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "copied": mark("Copied: {what}"),
        "by_hand": mark("The browser did not let us copy. It is marked below: press Ctrl C."),
        "nothing": mark("There is nothing to copy yet."),
        "chosen": mark("{number}. {title}"),
        "none": mark("Nothing found. Try other words, or fewer."),
        "lost": mark("No answer from the desk. Please type on, or try again in a moment."),
        "basket": mark("In the basket: {count}"),
        "pinned": mark("Pinned: {what}"),
        "unpinned": mark("No longer pinned: {what}"),
        "remove": mark("Take out"),
        "whole_basket": mark("the basket"),
    }
)
