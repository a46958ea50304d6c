// The page: reads the state of the local Telegram, shows it, and sends what people do.

import { closePanels, fill, h, icon, opens } from "./element.js";
import { GroupPhone } from "./group.js";
import { Phone } from "./phone.js";
import { hourOf, dayOf, language, momentOf, speak, words, zoneOf } from "./words.js";

const at = (id) => document.getElementById(id);
const SHOWN = 200; // messages of each chat
const ORDER = ["customer", "seller", "admin", "moderator", "group"];
const phones = new Map();
let state = null;
let samples = [];
let chosen = new Map(); // role → the person whose chat its column shows
let tab = null;
let skew = 0;

// ------------------------------------------------------------------ talking to the program

let reading = null;
function read() {
  reading ??= fetchState().finally(() => { reading = null; });
  return reading;
}

async function fetchState() {
  try {
    const answer = await fetch(`/play/state?messages=${SHOWN}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    state = await answer.json();
    state.people = [...state.people.map(withChat), ...state.chats.filter((chat) => chat.topics).map(withMembers)];
    skew = Date.parse(state.now) - Date.now();
    at("lost").hidden = true;
    draw();
  } catch (error) {
    at("lost").textContent = words.lost;
    at("lost").hidden = false;
    if (!(error instanceof TypeError)) console.error(error);
    setTimeout(read, 1500);
  }
}

// A person with the private chat with the bot, which is all that a phone shows.
function withChat(person) {
  const chat = state.chats.find((each) => each.id === person.chat);
  return {
    zone: undefined, links: [], about: null, ...person,
    messages: chat.messages, keyboard: chat.reply_keyboard, typing: chat.action !== null,
  };
}

const ABOUT_GROUP = {
  en: "The staff talk here. Each dispute gets a topic, with all that its parties write; once a day the bot says where the histories end.",
  ru: "Здесь говорит поддержка. У каждого спора своя тема, и в ней всё, что пишут стороны; раз в день бот говорит, чем кончаются истории.",
};

// A group with topics, as a phone of its own on which its members write.
function withMembers(chat) {
  return {
    id: chat.id, name: chat.title, role: "group", zone: undefined, links: [], about: ABOUT_GROUP, commands: [], toasts: [],
    members: chat.members.map((id) => state.people.find((person) => person.id === id)),
    topics: chat.topics, messages: chat.messages, keyboard: null, typing: chat.action !== null,
  };
}

// `on` is the phone that shows what went wrong.
async function send(path, body, on) {
  try {
    const answer = await fetch(`/play/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      phones.get(on)?.showToast(told.error ?? words.failed);
    }
  } catch {
    phones.get(on)?.showToast(words.failed);
  }
  await read();
}

function listen() {
  const events = new EventSource("/play/events");
  let again = false;
  events.onmessage = () => {
    if (reading) again = true;
    read().then(() => {
      if (again) { again = false; read(); }
    });
  };
  events.onerror = () => { at("lost").textContent = words.lost; at("lost").hidden = false; };
  events.onopen = () => { at("lost").hidden = true; read(); };
}

const now = () => new Date(Date.now() + skew);

// The start parameter of a deep link to this bot, or null for any other text.
function payloadOf(text) {
  let url;
  try { url = new URL(text); } catch { return null; }
  const ours = url.hostname === "t.me" && url.pathname.slice(1).toLowerCase() === state.bot.username.toLowerCase();
  return ours ? url.searchParams.get("start") ?? "" : null;
}

// ------------------------------------------------------------------ the columns

const desk = {
  send, payloadOf,
  samples: () => samples,
  zoom(url) {
    at("zoom").firstElementChild.src = url;
    at("zoom").showModal();
  },
  unreadChanged: () => drawPeople(),
  chooseOpener(phone, link, payload) {
    const panel = at("openers");
    const first = [...phones.values()].filter((each) => each.person.role !== "group").sort((a, b) => (b === phone) - (a === phone));
    fill(panel, h("p", { class: "label" }, words.openAs), ...first.map((each) => h("button", {
      type: "button", class: "item", role: "menuitem",
      onclick: () => { panel.hidden = true; show(each.id); each.start(payload); },
    }, face(each.person), each.person.name)));
    panel.hidden = false;
    const place = link.getBoundingClientRect();
    panel.style.left = `${Math.max(8, Math.min(place.left, innerWidth - panel.offsetWidth - 8))}px`;
    panel.style.top = `${Math.max(8, Math.min(place.bottom + 6, innerHeight - panel.offsetHeight - 8))}px`;
    panel.querySelector("button").focus();
    const away = (event) => {
      if (event.type === "keydown" ? event.key !== "Escape" : panel.contains(event.target)) return;
      panel.hidden = true;
      for (const kind of ["pointerdown", "keydown"]) document.removeEventListener(kind, away);
    };
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, away);
  },
};

const face = (person) => h("span", { class: `avatar small ${person.role}`, "aria-hidden": "true" },
  person.name.split(/\s+/).map((part) => part[0]).slice(0, 2).join(""));

const column = (person) => (["admin", "group"].includes(person.role) ? "moderator" : person.role);

function show(id) {
  const person = phones.get(id).person;
  chosen.set(column(person), id);
  tab = id;
  arrange();
  phones.get(id).look();
}

function arrange() {
  for (const phone of phones.values()) {
    phone.node.classList.toggle("aside", chosen.get(column(phone.person)) !== phone.id);
    phone.node.classList.toggle("chosen", phone.id === tab);
    phone.drawn();
  }
  drawPeople();
}

// Who plays: tabs where one phone fits, and the neighbours of a column in its header.
function drawPeople() {
  const people = [...phones.values()];
  const signature = JSON.stringify([language, tab, [...chosen], people.map((phone) => [phone.id, phone.unread])]);
  if (drawPeople.signature === signature) return;
  drawPeople.signature = signature;
  const held = document.activeElement?.dataset?.person;
  const badge = (phone) => phone.unread > 0
    && h("span", { class: "badge", "aria-label": words.unread(phone.unread) }, String(phone.unread));
  at("tabs").setAttribute("aria-label", words.personIn);
  fill(at("tabs"), ...people.map((phone) => h("button", {
    type: "button", class: `tab ${phone.id === tab ? "chosen" : ""}`, "data-person": String(phone.id), title: words[phone.person.role], "aria-label": phone.person.name,
    "aria-pressed": String(phone.id === tab), onclick: () => show(phone.id),
  }, face(phone.person), h("span", { class: "name" }, phone.person.name.split(" ")[0]), badge(phone))));
  for (const phone of people) {
    fill(phone.others, ...people
      .filter((other) => other !== phone && column(other.person) === column(phone.person))
      .map((other) => h("button", {
        type: "button", class: "other", title: other.person.name, "aria-label": words.phoneOf(other.person.name), onclick: () => show(other.id),
      }, face(other.person), badge(other))));
  }
  if (held) at("tabs").querySelector(`[data-person="${held}"]`)?.focus();
  const total = people.reduce((sum, phone) => sum + (phone.unread ?? 0), 0);
  document.title = `${total ? `(${total}) ` : ""}Return Desk — playground`;
}

// ------------------------------------------------------------------ the clock

// A return number does not break at its hyphen.
const dueText = (due) => [words.due[due.kind] ?? due.kind, due.case.replace("-", "\u2011")].filter(Boolean).join(" · ");
let moving = false;

async function move(body) {
  if (moving) return;
  moving = true;
  at("clock").setAttribute("aria-busy", "true");
  await send("clock", body);
  moving = false;
  at("clock").removeAttribute("aria-busy");
}

function drawClockFrame() {
  const dueButton = h("button", { type: "button", class: "face", id: "face", "aria-label": words.dueList, title: words.dueList },
    h("span", { class: "hour", id: "hour" }), h("span", { class: "date" }, h("span", { id: "date" }), h("small", { id: "zone" })), icon("down"));
  const dues = h("div", { class: "panel dues", id: "dues" });
  opens(dueButton, dues);
  at("clock").setAttribute("aria-label", words.clock);
  fill(at("clock"), dueButton, dues,
    h("button", { type: "button", class: "step", title: words.hourTitle, onclick: () => move({ by: "1h" }) }, words.hour),
    h("button", { type: "button", class: "step", title: words.dayTitle, onclick: () => move({ by: "1d" }) }, words.day),
    h("button", { type: "button", class: "step next", id: "next", onclick: () => move({ by: "next" }) },
      icon("forward"), h("span", {}, h("b", {}, words.next), h("small", { id: "next-text" }))));
}

function drawClock() {
  const instant = now();
  at("hour").textContent = hourOf(instant);
  at("date").textContent = dayOf(instant);
  at("zone").textContent = zoneOf(instant);
}

function drawDue() {
  const [next, ...rest] = state.due;
  at("next").disabled = !next;
  at("next-text").textContent = next ? `${momentOf(new Date(next.at))} — ${dueText(next)}` : words.nothingDue;
  at("next").title = at("next-text").textContent;
  fill(at("dues"), h("p", { class: "label" }, words.dueList),
    next ? h("ol", {}, [next, ...rest].slice(0, 12).map((due) => h("li", {},
      h("time", { dateTime: due.at }, momentOf(new Date(due.at))), h("span", {}, dueText(due)))))
      : h("p", { class: "none" }, words.nothingDue),
    rest.length > 11 && h("p", { class: "none" }, words.andMore(rest.length - 11)));
}

// ------------------------------------------------------------------ the tools

const THEMES = ["auto", "light", "dark"];
function paint(theme) {
  localStorage.setItem("theme", theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function drawTools() {
  const languages = h("div", { class: "segments", role: "group", "aria-label": words.language }, ["en", "ru"].map((code) => h("button", {
    type: "button", lang: code, "aria-pressed": String(code === language),
    onclick: () => { speak(code); rebuild(); },
  }, code.toUpperCase())));
  const theme = h("button", {
    type: "button", class: "round theme", "aria-label": words.theme, title: words.theme,
    onclick: () => {
      const chosen = document.documentElement.dataset.theme;
      const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      paint(dark ? "light" : "dark");
    },
  }, h("span", { class: "moon", "aria-hidden": "true" }));
  const help = h("button", { type: "button", class: "round", "aria-label": words.help, title: words.help, onclick: showHelp }, "?");
  fill(at("tools"), languages, theme, help);
}

function showHelp() {
  at("help").setAttribute("aria-label", words.help);
  fill(at("help"), h("h2", {}, words.help), h("p", {}, words.tagline),
    h("ol", {}, words.steps.map(([who, what]) => h("li", {}, h("b", {}, who), " ", what))),
    h("form", { method: "dialog" }, h("button", { class: "start" }, words.close)));
  at("help").showModal();
}

for (const id of ["zoom", "help"]) {
  at(id).addEventListener("click", (event) => { if (event.target === at(id) || id === "zoom") at(id).close(); });
}

// ------------------------------------------------------------------ drawing

function draw() {
  const people = [...state.people].sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
  for (const person of people) {
    let phone = phones.get(person.id);
    if (!phone) {
      phone = new (person.role === "group" ? GroupPhone : Phone)(person.id, desk);
      phones.set(person.id, phone);
      at("phones").append(phone.build(person));
      if (!chosen.has(column(person))) chosen.set(column(person), person.id);
      tab ??= person.id;
    }
    phone.update(person, now());
  }
  arrange();
  drawClock();
  drawDue();
}

// The page speaks another language: the frames are built anew, the chats stay as they are.
function rebuild() {
  closePanels();
  const before = new Map(phones);
  for (const phone of phones.values()) phone.node.remove();
  phones.clear();
  drawPeople.signature = null;
  drawClockFrame();
  drawTools();
  draw();
  for (const [id, old] of before) phones.get(id).follows(old);
}

const theme = localStorage.getItem("theme");
paint(THEMES.includes(theme) ? theme : "auto");
speak(language);
drawClockFrame();
drawTools();
samples = await fetch("/play/samples").then((answer) => answer.json()).catch(() => []);
await read();
listen();
setInterval(drawClock, 1000);
