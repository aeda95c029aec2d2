// The chat on a page of its own.

import { startChat } from "./chat.js";

startChat(document.querySelector("[data-chat]"));
