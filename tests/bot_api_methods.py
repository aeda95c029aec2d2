"""The methods of the Bot API, on what the server of the tests remembers. Each returns its result, or is Refused."""

import json
import re
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tests import bot_api_profile as profile
from tests.bot_api_chats import chat_to_write_to, without_reply
from tests.bot_api_state import Chat, Json, Query, Refused, Update, Webhook, World, bad
from tests.bot_api_text import check_caption, check_text, formatted, read_markup, units, wrong_with_url
from tests.bot_api_wire import Parameters

LONGEST_POLL_S: Final = 50  # as the real server, whatever is asked for
MOST_UPDATES: Final = 100
MOST_RESULTS: Final = 50
LONGEST_NOTICE: Final = 200
NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
ACTIONS: Final = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note".split()
)
RESULTS: Final = frozenset(
    "article photo gif mpeg4_gif video audio voice document location venue contact game sticker".split()
)


class Worded(NamedTuple):
    """A result with a description."""

    result: Any
    description: str


# -- getting updates --


def get_me(world: World, _: Parameters) -> Json:
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": world.reads_groups,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_updates(world: World, given: Parameters) -> list[Json]:
    """Bot API, getUpdates. A later call ends this one: 409."""
    if world.webhook.url:
        # Bot API, getUpdates: "This method will not work if an outgoing webhook is set up".
        raise Refused(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    world.poller += 1
    mine = world.poller
    world.changed.notify_all()
    _allow(world, given)
    _confirm(world, given.whole("offset"))
    # Bot API, getUpdates: limit is 1–100, 100 by default.
    limit = min(max(given.whole("limit", MOST_UPDATES), 1), MOST_UPDATES)
    # Bot API, getUpdates: the timeout is in seconds, 0 by default – at once.
    until = time.monotonic() + min(max(given.whole("timeout"), 0), LONGEST_POLL_S)
    while not (found := _waiting(world, limit)) and time.monotonic() < until and not world.stopped:
        world.changed.wait(until - time.monotonic())
        _check_poller(world, mine)
    return [json.loads(update.body) for update in found]


def _waiting(world: World, limit: int) -> list[Update]:
    return [update for update in world.pending.values() if update.kind][:limit]


def _check_poller(world: World, mine: int) -> None:
    if world.webhook.url:
        raise Refused(409, "Conflict: terminated by setWebhook request")
    if world.poller != mine:
        raise Refused(
            409,
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running",
        )


def _confirm(world: World, offset: int) -> None:
    """Bot API, getUpdates: an update is confirmed by a higher offset; a negative one keeps so many of the last."""
    numbers = list(world.pending)
    forgotten = numbers[:offset] if offset < 0 else [number for number in numbers if number < offset]
    for number in forgotten:
        del world.pending[number]


def _allow(world: World, given: Parameters) -> None:
    """Bot API, getUpdates: "If not specified, the previous setting will be used"; an empty list is the default."""
    allowed = given.structure("allowed_updates")
    if isinstance(allowed, list):
        world.allowed = frozenset(allowed) or None


def set_webhook(world: World, given: Parameters) -> Worded:
    """Bot API, setWebhook. As a local server: over HTTP, to any address and port."""
    url = given.text("url")
    if not url:
        return delete_webhook(world, given)
    if not re.match(r"http://[^/:]+", url):
        raise bad("bad webhook: this server delivers over HTTP only")
    secret = given.text("secret_token")
    # Bot API, setWebhook: 1–256 characters A-Z, a-z, 0-9, _ and -.
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad("secret token contains unallowed characters")
    _allow(world, given)
    dropped = _drop(world, given)
    # Bot API, setWebhook: max_connections is 1–100, 40 by default.
    wanted = Webhook(url, min(max(given.whole("max_connections", 40), 1), 100), secret)
    if wanted == world.webhook and not dropped:
        return Worded(True, "Webhook is already set")
    world.webhook, world.last_error = wanted, None
    world.on_webhook()
    return Worded(True, "Webhook was set")


def delete_webhook(world: World, given: Parameters) -> Worded:
    was_set = bool(world.webhook.url)
    _drop(world, given)
    world.webhook, world.last_error = Webhook(""), None
    world.on_webhook()
    return Worded(True, "Webhook was deleted" if was_set else "Webhook is already deleted")


def _drop(world: World, given: Parameters) -> bool:
    if given.flag("drop_pending_updates"):
        world.pending.clear()
    return given.flag("drop_pending_updates")


def get_webhook_info(world: World, _: Parameters) -> Json:
    info: Json = {
        "url": world.webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.pending),
    }
    if world.webhook.url:
        info |= {"max_connections": world.webhook.max_connections, "ip_address": "127.0.0.1"}
    if world.allowed is not None:
        info["allowed_updates"] = sorted(world.allowed)
    if world.last_error:
        info["last_error_date"], info["last_error_message"] = world.last_error
    return info


# -- messages --


def send_message(world: World, given: Parameters) -> Json:
    if not given.text("text"):
        raise bad("message text is empty")
    content = _text(given)
    return _send(world, given, content)


def send_location(world: World, given: Parameters) -> Json:
    return _send(world, given, {"location": _location(given)})


def send_venue(world: World, given: Parameters) -> Json:
    location = _location(given)
    venue: Json = {
        "location": location,
        "title": given.required("title"),
        "address": given.required("address"),
    }
    for name in ("foursquare_id", "foursquare_type", "google_place_id", "google_place_type"):
        if given.text(name):
            venue[name] = given.text(name)
    # Bot API, Message: "for backward compatibility, when [venue] is set, the location field will also be set".
    return _send(world, given, {"venue": venue, "location": location})


def send_photo(world: World, given: Parameters) -> Json:
    caption, entities = formatted(
        given.text("caption"), given.text("parse_mode"), given.structure("caption_entities")
    )
    check_caption(caption)
    size = {"file_id": _file(world, given, "photo"), "width": 640, "height": 480}
    content: Json = {"photo": [size | {"file_unique_id": size["file_id"]}]}
    if caption:
        content |= {"caption": caption} | ({"caption_entities": entities} if entities else {})
    return _send(world, given, content)


def send_chat_action(world: World, given: Parameters) -> bool:
    if given.text("action").lower() not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat_to_write_to(world, given)
    return True


def edit_message_text(world: World, given: Parameters) -> Json:
    if not given.text("text"):
        raise bad("message text is empty")
    content = _text(given)
    chat, message = _own_message(world, given)
    if "text" not in message:
        raise bad("there is no text in the message to edit")
    return _edit(given, chat, message, {"entities": []} | content)


def edit_message_reply_markup(world: World, given: Parameters) -> Json:
    chat, message = _own_message(world, given)
    return _edit(given, chat, message, {})


def delete_message(world: World, given: Parameters) -> bool:
    chat = chat_to_write_to(world, given)
    message = _message(chat, given, "message to delete not found")
    # Bot API, deleteMessage: in private chats incoming messages too; elsewhere the bot's own.
    if chat.kind != "private" and message["from"]["id"] != world.bot["id"]:
        raise bad("message can't be deleted")
    del chat.messages[message["message_id"]]
    return True


def _text(given: Parameters) -> Json:
    text, entities = formatted(given.text("text"), given.text("parse_mode"), given.structure("entities"))
    check_text(text)
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    if preview := given.structure("link_preview_options"):
        content["link_preview_options"] = preview
    return content


def _location(given: Parameters) -> Json:
    """Bot API, sendLocation: horizontal_accuracy is 0–1500 m, live_period 60–86400 s or 0x7FFFFFFF."""
    latitude, longitude = given.real("latitude"), given.real("longitude")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad("wrong location specified")
    location: Json = {"latitude": latitude, "longitude": longitude}
    if given.text("horizontal_accuracy"):
        location["horizontal_accuracy"] = given.real("horizontal_accuracy")
        if not 0 <= location["horizontal_accuracy"] <= 1500:
            raise bad("wrong horizontal accuracy specified")
    if live := given.whole("live_period"):
        if not 60 <= live <= 86400 and live != 0x7FFFFFFF:
            raise bad("wrong live location period specified")
        location["live_period"] = live
    return location


def _file(world: World, given: Parameters, name: str) -> str:
    """Bot API, Sending files: an identifier, an address, or the file itself, at times as attach://<name>."""
    written = given.text(name)
    upload = given.files.get(written.removeprefix("attach://") if written else name)
    if upload is not None:
        return world.keep_file(upload)
    if not written:
        raise bad(f"there is no {name} in the request")
    if written in world.files:
        return written
    if written.startswith(("http://", "https://")) and not wrong_with_url(written):
        return world.keep_file(written.encode())
    raise bad("wrong file identifier/HTTP URL specified")


def _send(world: World, given: Parameters, content: Json) -> Json:
    chat = chat_to_write_to(world, given)
    inline, other = read_markup(given.text("reply_markup"), chat.kind == "private")
    markup = {"reply_markup": inline} if inline else {}
    message = world.put(chat, world.bot, _replied(world, given, chat) | content | markup)
    if other:
        # Bot API, ReplyKeyboardRemove; ForceReply leaves no keyboard either.
        chat.keyboard = other if other.get("keyboard") else None
    return message


def _replied(world: World, given: Parameters, chat: Chat) -> Json:
    """Bot API, ReplyParameters: refused without that message, unless allow_sending_without_reply."""
    reply = given.structure("reply_parameters") or {
        "message_id": given.whole("reply_to_message_id"),
        "allow_sending_without_reply": given.flag("allow_sending_without_reply"),
    }
    if not reply.get("message_id"):
        return {}
    there = world.chats.get(int(reply.get("chat_id", chat.id)))
    message = there.messages.get(reply["message_id"]) if there else None
    if message is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad("message to be replied not found")
    return {"reply_to_message": without_reply(message)}


def _message(chat: Chat, given: Parameters, missing: str) -> Json:
    if not given.text("message_id"):
        raise bad("message identifier is not specified")
    message = chat.messages.get(given.whole("message_id"))
    if message is None:
        raise bad(missing)
    return message


def _own_message(world: World, given: Parameters) -> tuple[Chat, Json]:
    if given.text("inline_message_id"):
        raise bad("MESSAGE_ID_INVALID")  # nobody sends one by inline mode here
    chat = chat_to_write_to(world, given)
    message = _message(chat, given, "message to edit not found")
    if message["from"]["id"] != world.bot["id"]:
        raise bad("message can't be edited")
    return chat, message


def _edit(given: Parameters, chat: Chat, message: Json, content: Json) -> Json:
    """Bot API, Updating messages: what is not given goes, a keyboard too."""
    inline, other = read_markup(given.text("reply_markup"), chat.kind == "private")
    if other:
        raise bad("inline keyboard expected")
    edited = message | content | {"reply_markup": inline}
    edited = {
        name: value for name, value in edited.items() if value or name not in ("entities", "reply_markup")
    }
    if all(edited.get(name) == message.get(name) for name in ("text", "entities", "reply_markup")):
        raise bad(NOT_MODIFIED)
    chat.messages[message["message_id"]] = edited | {"edit_date": int(time.time())}
    return chat.messages[message["message_id"]]


# -- queries --


def answer_callback_query(world: World, given: Parameters) -> bool:
    query = _query(world, given, "callback_query_id", "callback_query")
    text = given.text("text")
    # Bot API, answerCallbackQuery: 0–200 characters.
    if units(text) > LONGEST_NOTICE:
        raise bad("MESSAGE_TOO_LONG")
    query.answers.append({"text": text, "show_alert": given.flag("show_alert"), "url": given.text("url")})
    return True


def answer_inline_query(world: World, given: Parameters) -> bool:
    query = _query(world, given, "inline_query_id", "inline_query")
    results = given.structure("results")
    if not isinstance(results, list):
        raise bad("expected an Array of inline query results")
    # Bot API, answerInlineQuery: "No more than 50 results per query are allowed".
    if len(results) > MOST_RESULTS:
        raise bad("RESULTS_TOO_MUCH")
    for result in results:
        _check_result(result)
    if len({result["id"] for result in results}) < len(results):
        raise bad("RESULT_ID_DUPLICATE")
    # Bot API, answerInlineQuery: "Offset length can't exceed 64 bytes".
    if len(given.text("next_offset").encode()) > 64:
        raise bad("NEXT_OFFSET_INVALID")
    query.answers.append({"results": results, "button": _inline_button(given)})
    return True


def _query(world: World, given: Parameters, name: str, kind: str) -> Query:
    query = world.queries.get(given.text(name))
    if query is None or query.kind != kind or world.now - query.asked_at > world.queries_live_s:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    return query


def _check_result(result: Any) -> None:
    """Bot API, InlineQueryResult: an id of 1–64 bytes, and what the kind of result requires."""
    unread = "can't parse inline query result: "
    if not isinstance(result, dict):
        raise bad(f"{unread}expected an Object")
    if result.get("type") not in RESULTS:
        raise bad(f'{unread}type "{result.get("type", "")}" is unsupported for the inline query result')
    if not 1 <= len(str(result.get("id", "")).encode()) <= 64:
        raise bad("RESULT_ID_INVALID")
    required = {
        "article": ("title", "input_message_content"),
        "venue": ("latitude", "longitude", "title", "address"),
        "location": ("latitude", "longitude", "title"),
    }
    for name in required.get(result["type"], ()):
        if name not in result:
            raise bad(f'{unread}Can\'t find field "{name}"')
    read_markup(json.dumps(result["reply_markup"]) if result.get("reply_markup") else "", private=False)
    content = result.get("input_message_content", {})
    if "message_text" in content:
        shown, _ = formatted(
            content["message_text"], content.get("parse_mode") or "", content.get("entities")
        )
        check_text(shown)


def _inline_button(given: Parameters) -> Json | None:
    """Bot API, InlineQueryResultsButton: start_parameter is 1–64 characters A-Z, a-z, 0-9, _ and -."""
    button: Json | None = given.structure("button")
    start = str(button.get("start_parameter", "start")) if button else "start"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", start):
        raise bad("START_PARAM_INVALID")
    return button


# -- files --


def get_file(world: World, given: Parameters) -> Json:
    name = given.text("file_id")
    if name not in world.files:
        raise bad("invalid file_id")
    size = len(world.files[name])
    return {"file_id": name, "file_unique_id": name, "file_size": size, "file_path": f"files/{name}"}


Method = Callable[[World, Parameters], Any]
METHODS: Final[dict[str, Method]] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendMessage": send_message,
    "sendVenue": send_venue,
    "sendLocation": send_location,
    "sendChatAction": send_chat_action,
    "sendPhoto": send_photo,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
    "getFile": get_file,
}
# Bot API, Making requests: "All methods in the Bot API are case-insensitive".
SPELT: Final = {name.lower(): name for name in METHODS}
# Those that put something into a chat, and are counted by the limits.
SENDING: Final = frozenset({"sendMessage", "sendVenue", "sendLocation", "sendPhoto"})
