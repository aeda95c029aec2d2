// The chat in a panel over the first page. "Back" closes it, as a person on a phone expects.

import { startChat } from "./chat.js";

const dialog = document.querySelector("[data-chat-dialog]");
const link = document.querySelector("[data-chat-open]");
const touched = matchMedia("(pointer: coarse)").matches;
let chat = null;

document.body.append(dialog); // the part of the page around it is not printed

link.addEventListener("click", (event) => {
  event.preventDefault();
  dialog.showModal();
  history.pushState({ chat: true }, "");
  chat ??= startChat(dialog.querySelector("[data-chat]"));
  if (!touched) chat.focus();
});
dialog.querySelector("[data-chat-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  if (history.state?.chat) history.back();
  link.focus();
});
window.addEventListener("popstate", () => dialog.close());
