// The chat in a panel over the first page; it is fetched when it is first wanted. "Back" closes it, as a person on a phone
// expects.

const dialog = document.querySelector("[data-chat-dialog]");
const link = document.querySelector("[data-chat-open]");
const touched = matchMedia("(pointer: coarse)").matches;
let chat = null;
let opener = link;

document.body.append(dialog); // the part of the page around it is not printed

// Without the chat's own script there is still its page.
async function open(from, then) {
  opener = from;
  try {
    const { BETWEEN, startChat } = await import("./chat.js");
    dialog.showModal();
    history.pushState({ chat: true }, "");
    chat ??= startChat(dialog.querySelector("[data-chat]"));
    then(BETWEEN);
  } catch (why) {
    console.warn("the chat cannot be opened here", why);
    location.assign(link.href);
  }
}

link.addEventListener("click", (event) => {
  event.preventDefault();
  open(link, () => { if (!touched) chat.focus(); });
});
// A question in the search box: from its card, and from what it offers while somebody types.
document.querySelector("[data-chat-ask]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter;
  open(button, (between) => {
    const [choice, words] = button.value.split(between);
    if (button.name === "choice") chat.ask({ choice }, words);
    else chat.ask({ text: button.value }, button.value);
  });
});
document.addEventListener("ask", ({ target, detail: { choice, words } }) => {
  open(target, () => chat.ask({ choice }, words));
});
dialog.querySelector("[data-chat-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  if (history.state?.chat) history.back();
  opener.focus();
});
window.addEventListener("popstate", () => dialog.close());
