// Elements, made without a string of HTML: what anybody wrote stays text.

const HOTLINE = /((?:023-)?12333)/;
const SPAN = /(\d\d?:\d\d–\d\d?:\d\d、?)/;

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat());
  return made;
}

export function press(className, text, act) {
  const button = make("button", { type: "button", class: className }, text);
  button.addEventListener("click", act);
  return button;
}

// The hotline's numbers as links.
export function dialable(text) {
  return marked(text, HOTLINE, (number) => make("a", { class: "whole", href: `tel:${number}` }, number));
}

// From when until when, never broken over two lines.
export function whole(text) {
  return marked(text, SPAN, (span) => make("span", { class: "whole" }, span));
}

export function link(url, text) {
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

function marked(text, pattern, mark) {
  return text.split(pattern).map((piece, index) => (index % 2 ? mark(piece) : piece));
}
