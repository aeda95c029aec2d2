"""What a message wants, beyond the question in it: a button, a place, a time – whether typed, pressed or shared.

Law: a message is bare when nothing is left of it without the place, the time and the asking where. Only then is it no
question.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from bot.button import Kind, Pick, read_pick
from bot.lexicon import Lexicon
from bot.nearby import Nearby
from bot.ports import Message, Session
from bot.reference import COMMANDS
from bot.view import View, view
from bot.when import When, read_when
from locator.model import Found, Level, Point, Unclear, Unknown, Why
from locator.text import fold

NOWHERE: Final = Unknown(Why.NO_SUCH_PLACE)
# Meanings of the lexicon that only ask where and when.
ASKING: Final = frozenset({"where", "outlet", "hours"})
# Meanings that are places' own.
OF_PLACES: Final = frozenset({"city-chongqing", "city-sichuan", "away", "where", "outlet"})
_IDLE: Final = ASKING | {"city-chongqing", "city-sichuan", "query"}
_LOOSE: Final = 1  # units that may stand beside
_ORDINAL: Final = re.compile(r"(?:我?选|第|要)*(\d{1,2}|[一二三四五六七八九十])(?:个|项|条|号|家)?")
_NUMERALS: Final = {numeral: value for value, numeral in enumerate("一二三四五六七八九十", start=1)}
_LONGEST_PICK: Final = 12
LONGEST_COMMAND: Final = 40
# language-en is the button language:en.
_COMMANDS: Final[Mapping[str, Pick]] = {
    name: Pick(Kind(kind), value) for name in COMMANDS for kind, _, value in [name.partition("-")]
}


class Wish(NamedTuple):
    """A message, understood as far as that goes without the knowledge."""

    seen: View | None = None  # the question, without the place it is asked of; None when there is none
    pick: Pick | None = None
    point: Point | None = None
    place: Found | Unclear | Unknown = NOWHERE  # what the text names
    when: When | None = None
    is_bare: bool = False
    asks_where: bool = False  # the text does, in so many words
    is_lost: bool = False  # a place was meant, and is none that one can measure from


def read_wish(
    message: Message, session: Session, commands: Mapping[str, str], nearby: Nearby, lexicon: Lexicon
) -> Wish:
    """Raises NoSuchButton."""
    if message.point is not None:
        return Wish(point=message.point)
    if message.choice:
        return _picked(read_pick(message.choice), nearby)
    pick = _typed_pick(message.text, session.choices, commands)
    return _picked(pick, nearby) if pick else _sentence(message, nearby, lexicon)


def _picked(pick: Pick, nearby: Nearby) -> Wish:
    return Wish(pick=pick, place=nearby.place(pick.value) if pick.kind is Kind.PLACE else NOWHERE)


def wants_to_be_forgotten(message: Message, commands: Mapping[str, str]) -> bool:
    """Told before anything of the party is looked up."""
    if message.choice:
        return message.choice == _COMMANDS["forget"].id
    return len(message.text) <= LONGEST_COMMAND and commands.get(fold(message.text)) == "forget"


def _typed_pick(text: str, choices: Sequence[str], commands: Mapping[str, str]) -> Pick | None:
    """A command, or the number of a button on offer."""
    if len(text) > LONGEST_COMMAND:
        return None
    said = fold(text)
    if said in commands:
        return _command(_COMMANDS[commands[said]], choices)
    number = _ORDINAL.fullmatch(said) if len(said) <= _LONGEST_PICK else None
    if number is None:
        return None
    place = _NUMERALS.get(number[1]) or int(number[1])
    return read_pick(choices[place - 1]) if 0 < place <= len(choices) else None


def _command(pick: Pick, choices: Sequence[str]) -> Pick:
    """What was said, as a button; more goes on behind what was shown last."""
    on_offer = (read_pick(choice) for choice in choices)
    return next((one for one in on_offer if pick.kind is Kind.MORE and one.kind is Kind.MORE), pick)


def _sentence(message: Message, nearby: Nearby, lexicon: Lexicon) -> Wish:
    when = read_when(message.text, message.at)
    place, rest = nearby.read(without(message.text, when))
    # What a city is called may be what another question is about, or what its rules depend on.
    is_spot = isinstance(place, Found) and place.place.level is not Level.CITY
    seen = view(rest if is_spot else message.text, lexicon)
    left = seen if is_spot or (when is None and isinstance(place, Unknown)) else view(rest, lexicon)
    named = when is not None or isinstance(place, Found | Unclear)
    asks = any(one.meaning in ASKING for one in left.found)
    return Wish(seen, None, None, place, when, (named or asks) and _is_idle(left, lexicon), asks)


def _is_idle(left: View, lexicon: Lexicon) -> bool:
    """Whether only small words, and the asking where and when, are in it."""
    idle = {
        number
        for one in left.found
        if one.meaning in _IDLE or one.meaning in lexicon.fillers
        for number in range(one.start, one.end)
    }
    others = any(not idle.issuperset(range(one.start, one.end)) for one in left.found)
    return not others and len(left.seen.units) - len(idle) <= _LOOSE


def without(text: str, when: When | None) -> str:
    """The text without the words on time."""
    for start, end in sorted(when.spans, reverse=True) if when else ():
        text = f"{text[:start]} {text[end:]}"
    return text
