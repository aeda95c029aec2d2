"""The line from a message to its reply: session → wish → matches → plan → spots → reply, in one transaction.

Law: a message is masked before anything else looks at it, and what is decided is decided by `join` and `decide`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Final, NamedTuple

from bot.adviser import Advice, Adviser, Advising
from bot.button import Button, Kind, Pick
from bot.decide import Answer, Clarify, Decline, Why
from bot.intent import Thread, is_english
from bot.join import (
    Handing,
    NoPlace,
    Plan,
    WhichLanguage,
    is_for_the_staff,
    plan_handed,
    plan_pick,
    plan_question,
    plan_shared,
)
from bot.mask import MASK, masked
from bot.model import Entry, Region
from bot.nearby import Nearby
from bot.pace import Pace
from bot.phrase import Reply
from bot.ports import Message, Outcome, Session, Store, Told
from bot.recall import Recall, Remembered
from bot.render import reply_json
from bot.reply import Speaker
from bot.spoken import SIMPLIFIED, TRADITIONAL, script_of, spoken
from bot.spots import Spots
from bot.view import View, view
from bot.wish import OF_PLACES, Wish, read_wish, wants_to_be_forgotten
from locator.hours import CHINA_TIME
from locator.language import ENGLISH, Language, mark
from locator.model import Unclear, Unknown
from locator.model import Why as Unfound

HUMAN: Final = "human"  # the entry that leads to a person
_REGION_CODES: Final = frozenset(Region)
_GONE: Final = Unknown(Unfound.NO_SUCH_PLACE)
_LONGEST_PLACE: Final = 60  # characters of a text that may be a place, when somebody was asked for one
_SHORT_PLACE: Final = 10  # and when not
_DATE: Final = len("2026-11-25")
_FORGOTTEN: Final = mark("Everything you wrote here is deleted. If you write again, we start anew.")


class Turn(NamedTuple):
    """A message, answered."""

    session: Session
    reply: Reply
    decision: str
    entry: str
    spoken: Language
    is_miss: bool
    opinion: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """Answers messages."""

    adviser: Advising
    nearby: Nearby
    store: Store
    pace: Pace
    recall: Recall = field(default_factory=Recall)

    def answer(self, message: Message, button_mark: str = "") -> bytes:
        """The reply as JSON; the same bytes however often the message is delivered.

        Raises BadInput for what cannot be read, Stale for a button whose subject is gone, Reused, TooFast, StoreFailed.
        """
        message = message._replace(text=masked(message.text))
        if wants_to_be_forgotten(message, self._commands):
            return self._forget(message)
        staffed = self.store.is_staffed(message.at)
        return self.store.once(message, partial(self._work, message, button_mark, staffed))

    def tell(self, message: Message, apart: timedelta) -> Told:
        """The same for a channel that may get one message only within the time `apart`."""
        message = message._replace(text=masked(message.text))
        if wants_to_be_forgotten(message, self._commands):
            return Told(self._forget(message), is_first=False)  # what it was told before is forgotten too
        staffed = self.store.is_staffed(message.at)
        return self.store.tell(message, partial(self._work, message, "", staffed), message.at - apart)

    def advise(self, message: Message) -> bytes:
        """The reply to a message that stands alone; nothing is stored."""
        message = message._replace(text=masked(message.text))
        if wants_to_be_forgotten(message, self._commands):
            return self._forgotten(message)
        if message.point is not None:
            return self._advised(message, "").reply
        moment = message.at.astimezone(CHINA_TIME).isoformat(timespec="minutes")
        editions = (self.adviser.newest.edition, self.nearby.edition)
        asked = (message.text, message.choice, message.language, message.id, *editions)
        return self.recall.reply(asked, moment, partial(self._advised, message, moment))

    def _advised(self, message: Message, moment: str) -> Remembered:
        turn = self.turn(message, Session(message.party, updated=message.at))
        # Which halls are open holds for a minute; all else that is said may change with the date.
        during = moment if turn.reply.listing else moment[:_DATE]
        return Remembered(_json(message, turn, ""), during)

    def turn(self, message: Message, session: Session, *, staffed: bool = False) -> Turn:
        """One message in the light of its session; all of it by one edition of the knowledge.

        `staffed`: somebody may answer at the desk.
        """
        known = self.adviser.newest
        wish = read_wish(message, session, self._commands, self.nearby, known.matcher.lexicon)
        plan = self._planned(message, wish, session, known)
        if plan.handing and not staffed:
            plan = replace(plan, handing=Handing.NEVER)
        speaks = self._language(message, wish.seen, plan.session, known)
        spots = self.nearby.find(plan.search) if plan.search else None
        if isinstance(spots, Unclear | Unknown):  # the place was known before the outlets file changed
            plan, spots = replace(plan, asks=NoPlace(spots if isinstance(spots, Unknown) else _GONE)), None
        # Traditional characters are made of simplified ones, last of all.
        written = SIMPLIFIED if speaks is TRADITIONAL else speaks
        speaker = Speaker(known.knowledge.entries, known.hotline, self.nearby, written)
        reply = speaker.say(plan, spots, hid=MASK in message.text)
        if staffed:
            reply = _with_staff(reply, plan, message.id, written)
        return _turn(plan, spots, reply, speaks)

    # -- the stations of the line --

    def _work(self, message: Message, button_mark: str, staffed: bool, session: Session) -> Outcome:
        pace = self.pace.after(session.pace, message.at)
        turn = self.turn(message, session, staffed=staffed)
        kept = replace(turn.session, pace=pace)
        return Outcome(kept, turn.decision, turn.entry, _json(message, turn, button_mark), turn.is_miss)

    def _planned(self, message: Message, wish: Wish, session: Session, known: Adviser) -> Plan:
        entries = known.knowledge.entries
        if wish.point is not None:
            return plan_shared(message, wish.point, session)
        if wish.pick is not None or wish.seen is None:
            return plan_pick(message, wish, entries, session)
        if is_for_the_staff(session):
            return plan_handed(message, session)
        advice = known.advise_on(wish.seen, _thread(session, entries))
        if not wish.is_bare and _may_be_a_place(message.text, advice, session):
            wish = self._mended(message.text, wish, session)
        return plan_question(message, wish, advice.decision, advice.matches.meanings, session)

    def _mended(self, text: str, wish: Wish, session: Session) -> Wish:
        """As a place with a slip in it; when it lies elsewhere or was asked for, also as one we cannot measure from."""
        if not isinstance(wish.place, Unknown):
            return wish
        found = self.nearby.place(text)
        is_meant = wish.place.why is Unfound.OUTSIDE or _was_asked_where(session)
        if isinstance(found, Unknown) and not is_meant:
            return wish
        return wish._replace(place=found, is_bare=True, is_lost=isinstance(found, Unknown))

    def _language(self, message: Message, seen: View | None, session: Session, known: Adviser) -> Language:
        """As was chosen; else as the face speaks; else as was written; else as before."""
        hint = spoken(message.language)
        if session.language or hint is not SIMPLIFIED:
            return spoken(session.language or hint.code)
        before = spoken(session.heard)
        # A place alone may be copied from a map by who knows no Chinese.
        if seen is None or (not seen.seen.units and before is ENGLISH):
            return before
        if is_english(seen, known.matcher.english):
            return ENGLISH
        return script_of(message.text, before)

    def _forget(self, message: Message) -> bytes:
        self.store.forget(message.party)
        return self._forgotten(message)

    def _forgotten(self, message: Message) -> bytes:
        known = self.adviser.newest
        seen = view(message.text, known.matcher.lexicon) if message.text else None
        speaks = self._language(message, seen, Session(message.party, updated=message.at), known)
        return reply_json(
            Reply(speaks.say(_FORGOTTEN), is_answer=True),
            message_id=message.id,
            decision="forgotten",
            entry="",
            spoken=speaks,
            opinion=False,
        )

    @property
    def _commands(self) -> Mapping[str, str]:
        return self.adviser.knowledge.reference.commands


def _thread(session: Session, entries: Mapping[str, Entry]) -> Thread:
    region = Region(session.region) if session.region in _REGION_CODES else None
    return Thread(entries.get(session.entry), region)


def _may_be_a_place(text: str, advice: Advice, session: Session) -> bool:
    """A short text that means nothing we know; when somebody was just asked where, not so short a one."""
    decision = advice.decision
    if not isinstance(decision, Decline) or decision.why is Why.ELSEWHERE:
        return False
    longest = _LONGEST_PLACE if _was_asked_where(session) else _SHORT_PLACE
    return len(text) <= longest and OF_PLACES.issuperset(advice.matches.meanings)


def _was_asked_where(session: Session) -> bool:
    return any(choice.startswith((Kind.CITY, Kind.PLACE)) for choice in session.choices)


def _with_staff(reply: Reply, plan: Plan, message_id: str, spoken: Language) -> Reply:
    """With a way to the staff, where a person is asked for, or this program has no answer."""
    decision = plan.decision
    if isinstance(decision, Answer):
        if decision.entry.id != HUMAN:
            return reply
        pick = Pick(Kind.STAFF)  # asking for a person says nothing of what about
    elif isinstance(decision, Decline) and decision.why is not Why.EMPTY and not reply.buttons:
        pick = Pick(Kind.STAFF, message_id)
    else:
        return reply
    button = Button(pick, spoken.say("Ask the staff to answer here"))
    return reply._replace(buttons=(button, *reply.buttons), is_answer=True)


def _turn(plan: Plan, spots: Spots | None, reply: Reply, speaks: Language) -> Turn:
    choices = tuple(button.id for button in reply.buttons if button.pick.kind is not Kind.HERE)
    entry = plan.decision.entry if isinstance(plan.decision, Answer) else None
    return Turn(
        session=replace(plan.session, heard=speaks.code, choices=choices),
        reply=reply,
        decision=_name(plan, spots),
        entry=entry.id if entry else "",
        spoken=speaks,
        is_miss=isinstance(plan.decision, Clarify | Decline),
        opinion=entry is not None and entry.is_card,
    )


def _name(plan: Plan, spots: Spots | None) -> str:
    """What was done, in one word."""
    decision = plan.decision
    if plan.handing:
        return plan.handing
    if isinstance(decision, Answer):
        return "hand-over" if decision.entry.id == HUMAN else "answer"
    if decision is not None:
        return type(decision).__name__.lower()
    if plan.speaks or isinstance(plan.asks, WhichLanguage):
        return "language"
    return "spots" if spots else "ask-where"


def _json(message: Message, turn: Turn, button_mark: str) -> bytes:
    return reply_json(
        turn.reply,
        message_id=message.id,
        decision=turn.decision,
        entry=turn.entry,
        spoken=turn.spoken,
        opinion=turn.opinion,
        mark=button_mark,
    )
