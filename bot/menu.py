"""What Telegram shows of the bot before anybody writes: its commands, in both languages."""

from typing import Final

from bot.postman import Bot
from bot.spoken import SIMPLIFIED
from bot.telegram import COMMANDS
from locator.language import ENGLISH, Language, mark

_ABOUT: Final = mark("Questions on the social security card in Luzhou and Chongqing, and the nearest hall.")
_GREETING: Final = mark(
    "Ask me about the social security card: lost, replaced, activated, its PIN, and where to go. Where I am not sure, I say so and"
    " give you 12333. Never write card or ID numbers, and send no photos of them."
)


async def offer_menu(bot: Bot) -> None:
    """Chinese for everybody, English for those whose Telegram is."""
    await _offer(bot, SIMPLIFIED, "")
    await _offer(bot, ENGLISH, ENGLISH.code)


async def _offer(bot: Bot, language: Language, code: str) -> None:
    commands = [(name, language.say(what)) for name, what in COMMANDS.items()]
    await bot.set_my_commands(commands, language_code=code or None)
    await bot.set_my_description(language.say(_GREETING), language_code=code or None)
    await bot.set_my_short_description(language.say(_ABOUT), language_code=code or None)
