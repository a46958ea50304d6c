// One bubble: text with its entities, photos, files and the inline keyboard below.

import { h, icon } from "./element.js";
import { hourOf, words } from "./words.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", date_time: "time",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

// Telegram counts entities in UTF-16 units, exactly as JavaScript counts strings.
export function richText(text, entities, actions) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let next = 0;
  const between = (from, to) => {
    const nodes = [];
    let at = from;
    while (next < sorted.length && sorted[next].offset < to) {
      const entity = sorted[next++];
      const end = Math.min(entity.offset + entity.length, to);
      if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
      nodes.push(element(entity, text.slice(entity.offset, end), between(entity.offset, end), actions));
      // A block ends its line by itself: the line break after it would show as an empty line.
      at = BLOCKS.has(entity.type) && text[end] === "\n" ? end + 1 : end;
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  return between(0, text.length);
}

function element(entity, shown, children, actions) {
  switch (entity.type) {
    case "code":
      return h("button", { type: "button", class: "code", title: words.copy, onclick: (event) => actions.copy(shown, event.currentTarget) }, children);
    case "text_link":
    case "url":
      return h("a", {
        href: entity.url ?? shown, target: "_blank", rel: "noopener noreferrer",
        onclick: (event) => actions.link(event, entity.url ?? shown),
      }, children);
    case "bot_command":
      return h("button", { type: "button", class: "inline-link", onclick: () => actions.say(shown) }, children);
    case "spoiler":
      return h("span", { class: "spoiler", tabIndex: 0, onclick: (event) => event.currentTarget.classList.add("shown") }, children);
    default:
      return h(TAGS[entity.type] ?? "span", { class: entity.type }, children);
  }
}

function photos(messages, actions) {
  const shots = messages.filter((message) => message.photo);
  if (!shots.length) return null;
  return h("div", { class: `photos n${Math.min(shots.length, 4)}` }, shots.map(({ photo }) => h("button", {
    type: "button", class: "photo", "aria-label": words.photoOpen, onclick: () => actions.zoom(photo.url),
  }, h("img", { src: photo.url, alt: words.photo, decoding: "async" }))));
}

function attachment({ document, video, contact }) {
  const shown = (name, title, below) => h("div", { class: "file" }, icon(name), h("span", {}, title, h("small", {}, below)));
  const size = (file) => `${Math.max(1, Math.round(file.size / 1024))}\u00a0${words.kilobytes}`;
  if (document) return h("a", { class: "load", href: document.url, download: document.name }, shown("file", document.name, size(document)));
  if (video) return shown("image", video.name, size(video));
  if (contact) return shown("contact", contact.first_name, contact.phone_number);
  return null;
}

const SIGNS = { copy_text: "copy", url: "out" };

function inlineKeyboard(message, actions) {
  if (!message.buttons.length) return null;
  return h("div", { class: "inline" }, message.buttons.map((row) => h("div", { class: "row" }, row.map((key) => {
    const button = h("button", {
      type: "button", class: `key ${key.style}`, disabled: !["callback", "url", "copy_text"].includes(key.kind),
      onclick: (event) => {
        if (key.kind === "copy_text") actions.copy(key.copy_text, button);
        else if (key.kind === "url") actions.link(event, key.url, true);
        else actions.press(message, key, button);
      },
    }, h("span", {}, key.text), SIGNS[key.kind] && icon(SIGNS[key.kind]));
    return button;
  }))));
}

// `messages` is one message, or the parts of an album in their order.
export function bubble(messages, { zone, actions, own, author }) {
  const [message] = messages;
  const worded = messages.find((part) => part.text);
  const date = new Date(message.date);
  const pictures = photos(messages, actions);
  return h("li", { class: `message ${own ? "own" : "bot"} ${pictures && !worded ? "bare" : ""}` },
    h("div", { class: "bubble" },
      author && h("b", { class: "author" }, author),
      pictures,
      messages.map(attachment),
      worded && h("div", { class: "text", dir: "auto" }, richText(worded.text, worded.entities, actions)),
      h("span", { class: "meta" },
        messages.some((part) => part.edited) && h("span", {}, words.edited),
        !own && message.silent && h("span", { title: words.silent }, icon("mute")),
        h("time", { dateTime: message.date }, hourOf(date, zone)),
        own && icon("check"))),
    inlineKeyboard(message, actions));
}

// Neighbouring messages of one album are one bubble.
export function grouped(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.media_group && last?.[0].media_group === message.media_group) last.push(message);
    else groups.push([message]);
  }
  return groups;
}
