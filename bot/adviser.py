"""All that answering needs, made once: the knowledge, the lexicon, the matcher – and the line from message to decision."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.decide import Answer, Decision, decide
from bot.faq import Knowledge, read_knowledge
from bot.intent import NO_THREAD, Intent, Thread, read_intent
from bot.lexicon import Lexicon
from bot.match import Matcher, Matches
from bot.view import View, view

HOTLINE = "hotline"  # its id in contacts.toml


class Advising(Protocol):
    """Knows what is known; it may be another knowledge each time it is asked for."""

    @property
    def newest(self) -> "Adviser": ...

    @property
    def knowledge(self) -> Knowledge: ...

    @property
    def matcher(self) -> Matcher: ...

    @property
    def hotline(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Adviser:
    """Knows what is known, and decides what to say."""

    knowledge: Knowledge
    matcher: Matcher
    edition: str = ""  # another one for another knowledge; empty: the files alone

    @property
    def newest(self) -> "Adviser":
        """Itself: it never changes."""
        return self

    @property
    def hotline(self) -> str:
        return self.knowledge.reference.contacts[HOTLINE].phone

    def advise(self, text: str, thread: Thread = NO_THREAD) -> "Advice":
        """One message, in the light of what was said before."""
        return self.advise_on(view(text, self.matcher.lexicon), thread)

    def advise_on(self, seen: View, thread: Thread) -> "Advice":
        """The same, of a message that was looked at already."""
        intent = read_intent(seen, thread, self.matcher.lexicon)
        matches = self.matcher.match(seen, intent.near)
        decision = decide(intent, matches, thread)
        return Advice(seen, intent, matches, decision, _onward(decision, intent, thread))


@dataclass(frozen=True, slots=True)
class Advice:
    """A decision, and all it was made from."""

    seen: View
    intent: Intent
    matches: Matches
    decision: Decision
    thread: Thread  # what the next message may refer to


def _onward(decision: Decision, intent: Intent, thread: Thread) -> Thread:
    """The last answer on the card stays what people refer to, also after a thank-you or a question not understood."""
    if isinstance(decision, Answer) and decision.entry.is_card:
        return Thread(decision.entry, intent.region)
    return Thread(thread.entry, intent.region)


def make_adviser(folder: Path) -> Adviser:
    """Raises FaultyFile with every fault of the knowledge."""
    knowledge = read_knowledge(folder)
    return adviser_of(knowledge, Lexicon(knowledge.reference.lexicon))


def adviser_of(knowledge: Knowledge, lexicon: Lexicon, edition: str = "") -> Adviser:
    """Half a second of work."""
    return Adviser(knowledge, Matcher(tuple(knowledge.entries.values()), lexicon), edition)
