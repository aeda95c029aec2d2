"""A bot as one must not write it: python-telegram-bot as it comes, which keeps in memory what it told Telegram it had."""

import os

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackContext, ExtBot, TypeHandler

Context = CallbackContext[ExtBot[None], dict[str, str], dict[str, str], dict[str, str]]


async def answer(update: Update, context: Context) -> None:
    button = InlineKeyboardButton("Helpful", callback_data=f"helped:{update.update_id}")
    if update.effective_chat:
        await context.bot.send_message(
            update.effective_chat.id, "Ask 12333.", reply_markup=InlineKeyboardMarkup([[button]])
        )


def main() -> None:
    base = os.environ["BOT_TELEGRAM_BASE_URL"]
    bot = Application.builder().token(os.environ["BOT_TELEGRAM_TOKEN"]).base_url(f"{base}/bot").build()
    bot.add_handler(TypeHandler(Update, answer))
    bot.run_polling()


if __name__ == "__main__":
    main()
