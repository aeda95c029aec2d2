"""The command line of the chatbot: results on stdout, messages on stderr, exit 2 for bad input and 1 for a faulty file."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

from bot.adviser import Advice, Adviser, make_adviser
from bot.change import in_force
from bot.decide import ANSWER_BELOW, CLARIFY_BELOW, POINT_BELOW, Answer, Clarify, is_phrase
from bot.faq import Knowledge, overdue, read_knowledge
from bot.intent import NO_THREAD, is_english
from bot.match import Match
from bot.model import CARD_INTENTS
from bot.phrase import Reply, Voice, phrase
from bot.ports import Letter
from bot.risk import wrong_of_100
from bot.roster import add_staff
from bot.settings import BotSettings, read_bot_settings
from bot.spoken import spoken
from locator.errors import BadInput, FaultyFile, LocatorError
from locator.hours import CHINA_TIME
from locator.language import Language
from locator.settings import read_settings

FAULTY, BAD = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        wanted = make_parser().parse_args(arguments)
        code: int = wanted.run(wanted, read_bot_settings())
    except FaultyFile as error:
        print(error, file=sys.stderr)
        return FAULTY
    except LocatorError as error:
        print(f"bot: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD
    except BrokenPipeError:  # `bot … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser("bot", description="Answers on the social security card, like the 12333 hotline.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    for add in (
        _add_ask,
        _add_serve,
        _add_telegram,
        _add_letters,
        _add_check,
        _add_export,
        _add_evaluate,
        add_staff,
    ):
        add(commands)
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, as for any bad input; what somebody asked is not repeated."""
        told, unrecognized, _ = message.partition("unrecognized arguments")
        raise BadInput(self.prog, told + unrecognized)


# -- ask --


def _add_ask(commands: Any) -> None:
    command = commands.add_parser("ask", help="ask a question; several are one conversation")
    command.add_argument("question", nargs="+")
    command.add_argument("--why", action="store_true", help="what matched, and why it was decided so")
    command.add_argument("--published", action="store_true", help="also by what the desk has published")
    command.add_argument("--voice", choices=[voice.value for voice in Voice], default=Voice.FULL.value)
    command.add_argument("--lang", choices=["zh", "en"], help="otherwise the language of the question")
    command.add_argument("--json", action="store_true", help="for programs")
    command.set_defaults(run=_ask)


def _ask(wanted: argparse.Namespace, settings: BotSettings) -> int:
    adviser = _published(settings) if wanted.published else make_adviser(settings.faq)
    told = list(_conversation(wanted, adviser))
    if wanted.json:
        print(
            json.dumps([_program(advice, reply) for advice, reply, _ in told], ensure_ascii=False, indent=2)
        )
        return 0
    for number, (advice, reply, speaks) in enumerate(told):
        lines = list(_people(reply, speaks))
        if wanted.why:
            lines += ["", *_reasons(advice)]
        print("\n".join(lines if number == 0 else ["", "---", "", *lines]))
    return 0


def _published(settings: BotSettings) -> Adviser:
    from bot.database import open_database  # noqa: PLC0415 - nobody else waits for a database
    from bot.editions import Editions  # noqa: PLC0415
    from bot.living import Living, read_base  # noqa: PLC0415

    base = read_base(settings.faq)
    with closing(open_database(settings.database_url.get_secret_value())) as database:
        return Living(base, Editions(database), lambda: datetime.now(UTC)).newest


def _conversation(wanted: argparse.Namespace, adviser: Adviser) -> Iterator[tuple[Advice, Reply, Language]]:
    thread = NO_THREAD
    for text in wanted.question:
        advice = adviser.advise(text, thread)
        asked_in = "en" if is_english(advice.seen, adviser.matcher.english) else "zh"
        speaks = spoken(wanted.lang or asked_in)
        reply = phrase(
            advice.decision, adviser.knowledge.entries, adviser.hotline, speaks, Voice(wanted.voice)
        )
        yield advice, reply, speaks
        thread = advice.thread


def _people(reply: Reply, spoken: Language) -> Iterator[str]:
    yield reply.text
    if reply.buttons:
        yield ""
        if reply.is_answer:
            yield spoken.say("You may also ask:")
        yield from (f"  {number}. {button.text}" for number, button in enumerate(reply.buttons, start=1))
    if reply.sources:
        yield ""
        yield from (spoken.say("Source: {what}", what=source) for source in reply.sources)


def _program(advice: Advice, reply: Reply) -> dict[str, Any]:
    return {
        "decision": type(advice.decision).__name__.lower(),
        "text": reply.text,
        "buttons": [{"id": button.id, "text": button.text} for button in reply.buttons],
        "sources": list(reply.sources),
        "wrong_of_100": round(wrong_of_100(advice.matches), 1),
        "matches": [_match_json(match) for match in advice.matches.ranked],
        "meanings": list(advice.matches.meanings),
    }


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "entry": match.entry.id,
        "intent": match.entry.intent,
        "score": round(match.score, 1),
        "phrase": match.phrase,
        "parts": {name: round(part, 1) for name, part in match.parts.items() if part},
    }


def _reasons(advice: Advice) -> Iterator[str]:
    """For editors: what was understood, what fits how well, and what follows from it."""
    matches, decision = advice.matches, advice.decision
    yield f"understood   {' '.join(matches.meanings) or '-'}"
    for place, match in enumerate(matches.ranked[:3]):
        yield f"{('first', 'second', 'third')[place]:<12} {match.entry.id}  {match.score:.1f}  “{match.phrase}”"
        yield f"{'':<12} " + "  ".join(f"{name} {part:+.1f}" for name, part in match.parts.items() if part)
    yield f"{type(decision).__name__.lower():<12} {_because(advice)}"


def _because(advice: Advice) -> str:
    decision = advice.decision
    if advice.intent.goes_on:
        return "it has no subject of its own, and goes on from the answer before"
    if isinstance(decision, Answer) and is_phrase(advice.matches.top):
        return "it is one of the entry's phrases, word for word"
    risk = f"{wrong_of_100(advice.matches):.0f} of 100 such matches are wrong"
    if isinstance(decision, Answer):
        return f"{risk}; up to {ANSWER_BELOW:.0f} is answered, a pointer elsewhere up to {POINT_BELOW:.0f}"
    if isinstance(decision, Clarify):
        return f"{risk}; above {ANSWER_BELOW:.0f} a choice is offered, up to {CLARIFY_BELOW:.0f}"
    return f"{decision.why}; {risk}"


# -- serve --


def _add_serve(commands: Any) -> None:
    command = commands.add_parser("serve", help="the whole service: map, API, chat")
    command.add_argument("--host")
    command.add_argument("--port", type=_whole)
    command.add_argument("--workers", type=_whole)
    command.set_defaults(run=_serve)


def _serve(wanted: argparse.Namespace, settings: BotSettings) -> int:
    from bot.app import run  # noqa: PLC0415 - who asks a question does not wait for a web server

    run(read_settings(), settings, host=wanted.host, port=wanted.port, workers=wanted.workers)
    return 0


def _add_telegram(commands: Any) -> None:
    command = commands.add_parser("telegram", help="the bot on Telegram, without a public address")
    command.set_defaults(run=_telegram)


def _telegram(_: argparse.Namespace, settings: BotSettings) -> int:
    from bot.poller import poll  # noqa: PLC0415 - nor for Telegram

    poll(read_settings(), settings)
    return 0


# -- letters --


def _add_letters(commands: Any) -> None:
    command = commands.add_parser("letters", help="those that were refused, or may or may not have arrived")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--again", type=_whole, metavar="NUMBER", help="send this one once more")
    which.add_argument("--drop", type=_whole, metavar="NUMBER", help="delete this one")
    command.add_argument("--json", action="store_true", help="for programs")
    command.set_defaults(run=_letters)


def _letters(wanted: argparse.Namespace, settings: BotSettings) -> int:
    from bot.store import open_store  # noqa: PLC0415 - nor for a database

    with closing(open_store(settings.database_url.get_secret_value())) as store:
        number = wanted.again or wanted.drop
        if number is not None:
            if not (store.again if wanted.again else store.drop)(number):
                raise BadInput("letters", f"there is no letter {number} that was refused or is in doubt")
            return 0
        told = [_letter_json(letter) for letter in store.undelivered()]
    if wanted.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for one in told:
            print(f"{one['number']}  {one['at']}  {one['why']}\n    {one['text']}")
    return 0


def _letter_json(letter: Letter) -> dict[str, Any]:
    """Without whom it is for: who looks for letters that failed need not know."""
    call = json.loads(letter.body)
    said = str(call.get("text", call["method"])).partition("\n")[0]
    why = letter.note or "it may or may not have arrived"
    return {"number": letter.id, "at": letter.at.isoformat(timespec="minutes"), "why": why, "text": said}


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a whole number") from None


# -- check --


def _add_check(commands: Any) -> None:
    command = commands.add_parser("check", help="every fault of the knowledge, and what it covers")
    command.add_argument("folder", nargs="?", type=Path)
    command.add_argument(
        "--at", type=_day, metavar="DATE", help="reviews are due by this day; otherwise today"
    )
    command.set_defaults(run=_check)


def _check(wanted: argparse.Namespace, settings: BotSettings) -> int:
    folder = wanted.folder or settings.faq
    try:
        knowledge = read_knowledge(folder)
    except FaultyFile as error:
        for fault in error.faults:
            print(fault)
        print(f"{error.name}: {len(error.faults)} fault(s)", file=sys.stderr)
        return FAULTY
    for entry in overdue(knowledge, wanted.at or datetime.now(UTC).date()):
        print(f"warning: {entry.id}: review_by: was {entry.review_by}", file=sys.stderr)
    print("\n".join(_coverage(knowledge)))
    return 0


def _coverage(knowledge: Knowledge) -> Iterator[str]:
    entries = knowledge.entries.values()
    on_card = [entry for entry in entries if entry.is_card]
    yield f"entries          {len(entries)}, of them {len(on_card)} on the card"
    yield f"card intents     {len({entry.intent for entry in on_card})} of {len(CARD_INTENTS)}"
    yield f"phrases          {sum(len(entry.asked) for entry in entries)}"
    yield f"sources          {len(knowledge.reference.sources)}"
    yield "phone numbers    " + ", ".join(one.phone for one in knowledge.reference.contacts.values())
    yield f"next review      {min(entry.review_by for entry in entries)}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a day like 2027-05-23") from None


# -- export --


def _add_export(commands: Any) -> None:
    command = commands.add_parser(
        "export", help="write what was published at the desk into the files of the knowledge"
    )
    command.add_argument("folder", nargs="?", type=Path)
    command.set_defaults(run=_export)


def _export(wanted: argparse.Namespace, settings: BotSettings) -> int:
    from bot.database import open_database  # noqa: PLC0415 - nor for a database
    from bot.editions import Editions  # noqa: PLC0415
    from bot.writeback import write_back  # noqa: PLC0415

    with closing(open_database(settings.database_url.get_secret_value())) as database:
        edition = Editions(database).newest()
    today = datetime.now(CHINA_TIME).date()
    folder = wanted.folder or settings.faq
    holding = in_force(edition.changes, today)
    written, unfit = write_back(folder, holding)
    for change in written:
        print(f"{change.entry}: written")
    for one in unfit:
        print(f"warning: {one.change.entry}: {one.why.format(what=one.what)}", file=sys.stderr)
    for change in edition.changes:
        if change not in holding:
            print(f"warning: {change.entry}: holds from {change.since}, left out", file=sys.stderr)
    print(f"edition {edition.number}: {len(written)} change(s) written to {folder}", file=sys.stderr)
    return 0


# -- evaluate --


def _add_evaluate(commands: Any) -> None:
    command = commands.add_parser("evaluate", help="how well labelled questions are understood")
    command.add_argument("file", type=Path, help='lines like {"q": "…", "intent": "loss_report"}')
    command.add_argument("--json", action="store_true", help="for programs")
    command.set_defaults(run=_evaluate)


def _evaluate(wanted: argparse.Namespace, settings: BotSettings) -> int:
    from bot.evaluate import evaluate, read_questions, report_lines  # noqa: PLC0415 - nobody else pays for it

    questions = read_questions(wanted.file)
    report = evaluate(questions, make_adviser(settings.faq))
    print(
        json.dumps(report, ensure_ascii=False, indent=2) if wanted.json else "\n".join(report_lines(report))
    )
    return 0
