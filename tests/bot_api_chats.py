"""Which chat a call of the Bot API means, and whether the bot may write there."""

from tests.bot_api_state import Chat, Json, Refused, World, bad
from tests.bot_api_wire import Parameters


def chat_to_write_to(world: World, given: Parameters) -> Chat:
    """The chat that is named, if the bot may write there."""
    written = given.text("chat_id")
    if not written:
        raise bad("chat_id is empty")
    chat = world.chats.get(given.whole("chat_id"))
    if written.startswith("@"):
        chat = next((one for one in world.chats.values() if f"@{one.username}" == written), None)
    if chat is None or not chat.met:
        raise bad("chat not found")
    if chat.moved_to:
        # Bot API, ResponseParameters: migrate_to_chat_id.
        raise Refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.moved_to,
        )
    if chat.barrier:
        raise Refused(403, f"Forbidden: {chat.barrier}")
    return chat


def without_reply(message: Json) -> Json:
    """Bot API, Message: reply_to_message "will not contain further reply_to_message fields"."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}
