"""A plan, said: the answer, the outlets that were found, what must be asked, and what may be chosen next.

Law: every sentence is the knowledge's, the catalogue's or the locator's own; the message is never repeated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.button import NOBODY, Button, Kind, Pick
from bot.decide import Answer
from bot.join import Asks, AskWhere, Handing, NoPlace, Plan, WhichLanguage, WhichPlace
from bot.model import Entry, Region
from bot.nearby import Nearby
from bot.phrase import Listing, Reply, Voice, phrase
from bot.spoken import SPOKEN
from bot.spots import Spots, full_name
from locator import timetable, wording
from locator.hours import OpeningState
from locator.language import Language, language_of, mark
from locator.model import Hit, Offer, Service

_REGIONS: Final[Mapping[Region, str]] = MappingProxyType(
    {Region.SICHUAN: mark("My card is from Sichuan"), Region.CHONGQING: mark("My card is from Chongqing")}
)
_OPEN: Final = frozenset({OpeningState.OPEN, OpeningState.CLOSES_SOON})


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says plans in one language."""

    entries: Mapping[str, Entry]
    hotline: str
    nearby: Nearby
    spoken: Language

    def say(self, plan: Plan, spots: Spots | None, *, hid: bool) -> Reply:
        """`hid`: personal numbers in the message were masked. Raises Stale for a city that is none of ours."""
        answered = self._answered(plan)
        listing = self._listing(plan, spots) if spots else None
        parts = (
            self.spoken.say(_HID) if hid else "",
            self.spoken.say(_SPEAKS) if plan.speaks else "",
            answered.text,
            self.spoken.say(_WHICH_REGION) if plan.asks_region else "",
            self._asked(plan.asks) if plan.asks else "",
            self.spoken.say(_NO_MORE) if spots and not spots.result.hits else "",
        )
        return answered._replace(
            text="\n\n".join(filter(None, parts)),
            buttons=tuple(self._buttons(plan, answered, spots)),
            is_answer=answered.is_answer and plan.asks is None,
            listing=listing,
        )

    def _answered(self, plan: Plan) -> Reply:
        if plan.handing:
            return self._handed(plan.handing)
        if plan.decision is None:
            return Reply("", is_answer=True)
        return phrase(plan.decision, self.entries, self.hotline, self.spoken, Voice.FULL)

    def _handed(self, handing: Handing) -> Reply:
        no = Button(Pick(Kind.STAFF, NOBODY), self.spoken.say("No, leave it"))
        buttons = (no,) if handing is Handing.ASKED else ()
        said = self.spoken.say(_HANDING[handing], hotline=self.hotline)
        return Reply(said, buttons, is_answer=not buttons)

    # -- where --

    def _asked(self, asks: Asks) -> str:
        if isinstance(asks, WhichLanguage):
            return self.spoken.say("In which language shall we go on?")
        if isinstance(asks, WhichPlace):
            return self.spoken.say("Which of these do you mean?")
        where = self.spoken.say(_WHERE)
        if isinstance(asks, NoPlace):
            return f"{wording.unknown_words(asks.unknown, self._locators)}\n\n{where}"
        return self.spoken.say(_WHERE_IN, city=self._city(asks.city)) if asks.city else where

    def _city(self, name: str) -> str:
        return next(self.spoken.pick(one.name) for one in self.nearby.cities() if one.name.zh == name)

    @property
    def _locators(self) -> Language:
        return language_of(self.spoken.short)

    # -- the outlets found --

    def _listing(self, plan: Plan, spots: Spots) -> Listing:
        gap = spots.result.gap
        return Listing(
            self._title(spots),
            tuple(self._about(plan, spots)),
            wording.gap_notice(gap, self._locators) if gap else "",
            spots,
        )

    def _title(self, spots: Spots) -> str:
        service, origin = spots.query.filter.service, spots.result.origin
        place = self.spoken.pick(origin.name) if origin.name else self.spoken.say("you")
        if service is None:
            return self.spoken.say("Near {place}", place=place)
        return self.spoken.say("Near {place}: {service}", place=place, service=self._service(service))

    def _service(self, service: Service) -> str:
        return wording.service_words(service, self._locators)

    def _about(self, plan: Plan, spots: Spots) -> Iterator[str]:
        """How the list came about, and what is not known of it."""
        query, hits = spots.query, spots.result.hits
        yield wording.origin_words(spots.result.origin, self._locators)
        if mended := wording.mended_words(spots.result.origin, self._locators):
            yield mended
        if query.filter.open_at:
            yield from self._about_time(plan, spots)
        service = query.filter.service
        if hits and service and not any(hit.offer is Offer.YES for hit in hits):
            yield self.spoken.say(_UNCONFIRMED, service=self._service(service))

    def _about_time(self, plan: Plan, spots: Spots) -> Iterator[str]:
        asked = timetable.asked(spots.query)
        if asked.chosen:
            sentence = _HOUR_ASSUMED if plan.hour_assumed else mark("For {time}.")
            yield self.spoken.say(sentence, time=timetable.time_words(asked.at, self._locators))
        if spots.result.hits and not any(_is_open(hit) for hit in spots.result.hits):
            yield self.spoken.say(_NONE_OPEN)

    # -- what may be chosen next --

    def _buttons(self, plan: Plan, answered: Reply, spots: Spots | None) -> Iterator[Button]:
        if plan.asks:
            yield from self._places(plan.asks)
        elif plan.speaks:
            return
        elif plan.handing:
            yield from answered.buttons
        elif spots:
            yield from self._beyond(plan, spots)
        else:
            yield from self._other_regions(plan)
            if plan.offers_find and plan.session.service:
                service = Service(plan.session.service)
                told = self.spoken.say("Where nearby: {service}", service=self._service(service))
                yield Button(Pick(Kind.FIND, service), told)
            yield from answered.buttons

    def _other_regions(self, plan: Plan) -> Iterator[Button]:
        """Both, when it is not known which; else the other one."""
        decision = plan.decision
        if isinstance(decision, Answer) and decision.entry.regions and (plan.asks_region or decision.region):
            others = [region for region in Region if region is not decision.region]
            yield from (
                Button(Pick(Kind.REGION, region), self.spoken.say(_REGIONS[region])) for region in others
            )

    def _places(self, asks: Asks) -> Iterator[Button]:
        if isinstance(asks, WhichLanguage):
            for language in SPOKEN.values():
                yield Button(Pick(Kind.LANGUAGE, language.code), language.name)
            return
        if isinstance(asks, WhichPlace):
            for place in asks.places:
                yield Button(Pick(Kind.PLACE, full_name(place)), wording.place_words(place, self._locators))
            return
        if isinstance(asks, AskWhere) and asks.city:
            for place in self.nearby.districts(asks.city):
                yield Button(Pick(Kind.PLACE, full_name(place)), self.spoken.pick(place.name))
        else:
            for city in self.nearby.cities():
                yield Button(Pick(Kind.CITY, city.name.zh), self.spoken.pick(city.name))
        yield Button(Pick(Kind.HERE), self.spoken.say("Use my position"))

    def _beyond(self, plan: Plan, spots: Spots) -> Iterator[Button]:
        if not spots.is_last:
            shown = spots.skipped + len(spots.result.hits)
            yield Button(Pick(Kind.MORE, str(shown)), self.spoken.say("Show more"))
        yield Button(Pick(Kind.WHERE), self.spoken.say("Another place"))
        entry = self.entries.get(plan.session.entry)
        if entry and plan.decision is None:
            yield Button(Pick(Kind.ENTRY, entry.id), self.spoken.pick(entry.title))
        if isinstance(plan.decision, Answer):
            yield from self._other_regions(plan)


def _is_open(hit: Hit) -> bool:
    return hit.opening.state in _OPEN


_HID: Final = mark("I have covered the number you wrote and did not keep it; a question needs no numbers.")
_SPEAKS: Final = mark("We go on in English. What would you like to know about the card?")
_HANDING: Final[Mapping[Handing, str]] = MappingProxyType(
    {
        Handing.ASKED: mark(
            "Please write your question now: your next message goes to the staff. Their answer comes here; when, I cannot"
            " say. If it is urgent, call {hotline}; that is faster."
        ),
        Handing.DONE: mark(
            "Your question is with the staff. Their answer comes here; when, I cannot say. If it is urgent, call {hotline};"
            " that is faster."
        ),
        Handing.NOT: mark("Nothing was handed on. What would you like to know about the card?"),
        Handing.NEVER: mark("No staff answer here just now. Please call {hotline} and ask a person."),
    }
)
_WHICH_REGION: Final = mark(
    "Is the card from Sichuan or from Chongqing? Some rules differ; press below, and I tell only yours."
)
_WHERE: Final = mark(
    "Where are you? Press a button below, or just write a district, town or street, for example Shapingba."
)
_WHERE_IN: Final = mark("Where in {city}? Press a district, or write a town or street.")
_NO_MORE: Final = mark("These were all outlets I know. Call 12333 to ask for others.")
_UNCONFIRMED: Final = mark(
    "Whether {service} is done at these halls is not confirmed; please call 12333 before you go."
)
_HOUR_ASSUMED: Final = mark("You named no hour, so this is for {time}.")
_NONE_OPEN: Final = mark(
    "I found none that is known to be open then; these are halls whose hours are not confirmed. Call 12333 first."
)
