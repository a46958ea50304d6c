// One phone: the chat of one person with the bot.

import { closePanels, fill, h, icon, opens } from "./element.js";
import { bubble, grouped } from "./message.js";
import { dayOf, hourOf, language, words } from "./words.js";

const initials = (name) => name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("");
const dayKey = (date, timeZone) => date.toLocaleDateString("sv", { timeZone });
const ALBUM = ["mug-cracked", "mug-closeup", "parcel"];
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Phone {
  constructor(id, desk) {
    this.id = id;
    this.desk = desk;
    this.shown = new Map();
    this.seen = 0;
    this.lastToast = -1;
    this.filled = false;
    this.actions = {
      zoom: desk.zoom,
      copy: (text, button) => this.copy(text, button),
      say: (text) => this.say(text),
      press: (message, key, button) => this.press(message, key, button),
      link: (event, url, own) => this.follow(event, url, own),
    };
  }

  // ------------------------------------------------------------------ the fixed parts

  build(person) {
    this.person = person;
    this.badge = h("span", { class: "badge", hidden: true });
    this.about = h("small");
    const avatar = h("span", { class: "avatar", "aria-hidden": "true" }, initials(person.name));
    this.linkPanel = h("div", { class: "panel links", role: "menu" });
    this.linkButton = h("button", { type: "button", class: "round", "aria-label": words.links, title: words.links }, icon("link"));
    this.closeLinks = opens(this.linkButton, this.linkPanel);
    const header = h("header", {}, avatar,
      h("div", { class: "who" }, h("h2", {}, h("span", {}, person.name), this.badge), this.about),
      this.others = h("div", { class: "others" }),
      this.choices(person), this.linkButton, this.linkPanel, this.below());

    this.list = h("ol", { class: "messages" });
    this.welcome = h("div", { class: "welcome" });
    this.toBottom = h("button", { type: "button", class: "round to-bottom", hidden: true, "aria-label": words.newBelow, onclick: () => this.scrollDown(calm() ? "instant" : "smooth") }, icon("down"));
    this.feed = h("div", { class: "feed", role: "log", "aria-live": "polite", "aria-label": words.messagesOf(person.name), tabIndex: 0 },
      this.welcome, this.list);
    // Whatever changes its height (a photo, a keyboard, the window), a chat at its end stays there;
    // only a person's scrolling leaves it, and that changes no height.
    this.pinned = true;
    const height = () => `${this.feed.scrollHeight} ${this.feed.clientHeight}`;
    let known = "";
    this.feed.addEventListener("scroll", () => {
      if (known !== height()) return;
      this.pinned = this.atBottom();
      this.toBottom.hidden = this.pinned;
    }, { passive: true });
    const sizes = new ResizeObserver(() => {
      known = height();
      if (this.pinned) this.scrollDown();
    });
    sizes.observe(this.feed);
    sizes.observe(this.list);
    this.toast = h("div", { class: "toast", role: "status" });
    this.alert = h("div", { class: "alert", hidden: true });
    this.keyboard = h("div", { class: "reply-keyboard", role: "group", "aria-label": words.keyboard, hidden: true });
    const node = h("section", { class: `phone ${person.role}`, id: `phone-${this.id}`, "aria-label": words.phoneOf(person.name) },
      header, h("div", { class: "screen" }, this.feed, this.toBottom, this.toast), this.composer(), this.keyboard, this.alert);
    for (const kind of ["pointerdown", "focusin"]) node.addEventListener(kind, () => this.look());
    node.addEventListener("pointerenter", () => this.look());
    this.node = node;
    return node;
  }

  // What is chosen beside the name: the language of the person's Telegram.
  choices(person) {
    this.chosen = ["en", "ru"].map((code) => h("button", {
      type: "button", "aria-pressed": "false", lang: code,
      onclick: () => this.desk.send("language", { person: this.id, language: code }),
    }, code.toUpperCase()));
    return h("div", { class: "segments", role: "group", "aria-label": words.languageOf(person.name) }, this.chosen);
  }

  // What stands below the name: nothing in a private chat.
  below() {
    return [];
  }

  composer() {
    this.input = h("textarea", {
      rows: 1, placeholder: words.message, "aria-label": words.message, enterKeyHint: "send",
      maxLength: 4096, autocomplete: "off",
      oninput: () => this.typed(),
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.sendTyped();
      },
    });
    this.commandPanel = h("div", { class: "panel commands", role: "menu" });
    this.commandButton = h("button", { type: "button", class: "round", "aria-label": words.commands, title: words.commands }, icon("menu"));
    this.closeCommands = opens(this.commandButton, this.commandPanel);
    const attachPanel = h("div", { class: "panel attach", role: "menu" });
    this.attachButton = h("button", { type: "button", class: "round", "aria-label": words.attach, title: words.attach }, icon("attach"));
    const closeAttach = opens(this.attachButton, attachPanel);
    const choice = (name, label, path, body) => h("button", {
      type: "button", class: "item", role: "menuitem",
      onclick: () => { closeAttach(); this.does(path, body); },
    }, icon(name), label);
    attachPanel.append(
      h("p", { class: "label" }, words.samples),
      h("div", { class: "gallery" }, this.desk.samples().map((sample) => h("button", {
        type: "button", role: "menuitem", title: sample.name, "aria-label": `${words.samples}: ${sample.name}`,
        onclick: () => { closeAttach(); this.does("photo", { sample: sample.name }); },
      }, h("img", { src: sample.url, alt: "", loading: "lazy" })))),
      choice("album", words.album, "album", { samples: ALBUM }),
      choice("file", words.file, "document", { name: "warranty-card.pdf" }),
    );
    return h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.sendTyped(); } },
      this.commandButton, this.input, this.attachButton,
      h("button", { class: "round send", "aria-label": words.send, title: words.send }, icon("send")),
      this.commandPanel, attachPanel);
  }

  // ------------------------------------------------------------------ what changes

  update(person, now) {
    this.person = person;
    const role = words[person.role] ?? person.role;
    this.about.textContent = person.typing ? words.typing
      : [role, person.place?.[language], hourOf(now, person.zone)].filter(Boolean).join(" · ");
    this.drawChoices(person);
    this.drawWelcome(person);
    this.drawCommands(person);
    this.drawLinks(person);
    this.drawKeyboard(person);
    this.drawMessages(person, now);
    this.drawToasts(person);
    this.filled = true;
  }

  drawChoices(person) {
    for (const button of this.chosen) button.setAttribute("aria-pressed", String(button.lang === person.language));
  }

  // Redraws a part only when what it shows has changed.
  changed(part, value) {
    const signature = JSON.stringify([language, value]);
    if (this.shown.get(part) === signature) return false;
    this.shown.set(part, signature);
    return true;
  }

  drawWelcome(person) {
    const fresh = person.messages.length === 0;
    if (!this.changed("welcome", [fresh, person.links, person.about])) return;
    this.welcome.hidden = !fresh;
    fill(this.welcome,
      h("span", { class: "mark", "aria-hidden": "true" }),
      h("h3", {}, words.empty),
      h("p", {}, person.about?.[language] ?? words.emptyText),
      person.links.map((link) => this.linkItem(link, "chip")),
      h("button", { type: "button", class: "start", onclick: () => this.start("") }, words.start));
  }

  linkItem(link, kind) {
    return h("button", {
      type: "button", class: kind, role: kind === "item" ? "menuitem" : null,
      onclick: () => { this.closeLinks(); this.start(link.payload); },
    }, icon("link"), h("span", {}, link.label[language] ?? link.label));
  }

  drawLinks(person) {
    this.linkButton.hidden = person.links.length === 0;
    if (!this.changed("links", person.links)) return;
    fill(this.linkPanel, h("p", { class: "label" }, words.linksTitle), ...person.links.map((link) => this.linkItem(link, "item")));
  }

  drawCommands(person) {
    this.commandButton.hidden = person.commands.length === 0;
    if (!this.changed("commands", person.commands)) return;
    fill(this.commandPanel, ...person.commands.map((command) => h("button", {
      type: "button", class: "item command", role: "menuitem",
      onclick: () => { this.closeCommands(); this.say(`/${command.command}`); },
    }, h("b", {}, `/${command.command}`), h("span", {}, command.description))));
  }

  drawKeyboard(person) {
    if (!this.changed("keyboard", person.keyboard)) return;
    const rows = person.keyboard?.rows ?? [];
    this.keyboard.hidden = rows.length === 0;
    fill(this.keyboard, ...rows.map((row) => h("div", { class: "row" }, row.map((key) => h("button", {
      type: "button", class: "key", title: key.kind === "contact" ? words.shareContact : null,
      onclick: () => (key.kind === "contact" ? this.does("contact", {}) : this.say(key.text)),
    }, key.kind === "contact" && icon("contact"), h("span", {}, key.text))))));
    this.input.placeholder = person.keyboard?.placeholder || words.message;
  }

  drawMessages(person, now) {
    const items = [];
    let day = null;
    for (const group of grouped(this.shownOf(person))) {
      const date = new Date(group[0].date);
      const key = dayKey(date, person.zone);
      if (key !== day) {
        day = key;
        const today = key === dayKey(now, person.zone);
        items.push({ key: `day ${key}`, value: today, node: () => h("li", { class: "day" }, h("span", {}, today ? words.today : dayOf(date, person.zone))) });
      }
      const own = this.own(group[0]);
      items.push({
        key: `message ${group[0].id}`, value: [group, own], own,
        node: () => this.bubble(group, own),
      });
    }
    this.reconcile(items);
    const last = person.messages.at(-1);
    const said = items.some((item) => item.fresh && item.own);
    if (this.pinned || said) this.scrollDown();
    this.countUnread(person, last);
  }

  // Who writes what is seen here.
  own(message) {
    return !message.from.is_bot;
  }

  shownOf(person) {
    return person.messages;
  }

  bubble(group, own) {
    return bubble(group, { zone: this.person.zone, actions: this.actions, own });
  }

  reconcile(items) {
    const kept = new Map([...this.list.children].map((node) => [node.dataset.key, node]));
    let place = this.list.firstElementChild;
    for (const item of items) {
      const signature = JSON.stringify(item.value);
      let node = kept.get(item.key);
      kept.delete(item.key);
      if (!node || node.signature !== signature) {
        const drawn = item.node();
        drawn.dataset.key = item.key;
        drawn.signature = signature;
        if (node) {
          if (place === node) place = drawn;
          node.replaceWith(drawn);
          if (item.own !== undefined) drawn.classList.add("flash");
        } else {
          item.fresh = true;
          if (this.filled) drawn.classList.add("arrives");
          this.list.insertBefore(drawn, place);
        }
        node = drawn;
      }
      if (node === place) place = place.nextElementSibling;
      else this.list.insertBefore(node, place);
    }
    for (const node of kept.values()) node.remove();
  }

  drawToasts(person) {
    for (const toast of person.toasts) {
      if (toast.number <= this.lastToast) continue;
      this.lastToast = toast.number;
      if (!this.filled || !toast.text) continue;
      if (toast.alert) this.showAlert(toast.text);
      else this.showToast(toast.text);
    }
  }

  // ------------------------------------------------------------------ seen and unseen

  countUnread(person, last) {
    const newest = last?.id ?? 0;
    if (!this.filled || this.watched()) this.seen = newest;
    this.newest = newest;
    const unread = person.messages.filter((message) => !message.service && message.from.is_bot && message.id > this.seen).length;
    this.setUnread(unread);
  }

  // Somebody looks here: the pointer or the keyboard is in this phone, or it is the only one.
  watched() {
    const only = matchMedia("(max-width: 999px)").matches;
    return this.node.matches(only ? ".chosen" : ":hover, :focus-within");
  }

  setUnread(count) {
    this.unread = count;
    this.badge.hidden = count === 0;
    this.badge.textContent = String(count);
    this.badge.setAttribute("aria-label", words.unread(count));
    this.node.classList.toggle("calls", count > 0);
    this.desk.unreadChanged();
  }

  look() {
    if (!this.unread) return;
    this.seen = this.newest;
    this.setUnread(0);
  }

  // Takes over what its person had seen and typed from the phone that it replaces.
  follows(old) {
    this.seen = old.seen;
    this.countUnread(this.person, this.person.messages.at(-1));
    this.input.value = old.input.value;
    this.typed();
  }

  // The phone comes into view, or leaves it: a chat opens at its newest message.
  drawn() {
    const visible = this.node.offsetParent !== null;
    if (visible && !this.visible) this.scrollDown();
    this.visible = visible;
  }

  atBottom() {
    return this.feed.scrollHeight - this.feed.scrollTop - this.feed.clientHeight < 90;
  }

  scrollDown(behavior = "instant") {
    this.feed.scrollTo({ top: this.feed.scrollHeight, behavior });
    this.pinned = true;
    this.toBottom.hidden = true;
  }

  showToast(text) {
    this.toast.textContent = text;
    this.toast.classList.remove("shown");
    void this.toast.offsetWidth;
    this.toast.classList.add("shown");
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => this.toast.classList.remove("shown"), 3600);
  }

  showAlert(text) {
    const back = document.activeElement;
    const close = () => { this.alert.hidden = true; back?.focus?.({ preventScroll: true }); };
    const ok = h("button", { type: "button", onclick: close }, words.ok);
    fill(this.alert, h("div", { role: "alertdialog", "aria-modal": "true", "aria-label": text,
      onkeydown: (event) => { if (event.key === "Escape") close(); else if (event.key === "Tab") event.preventDefault(); } },
      h("p", {}, text), ok));
    this.alert.hidden = false;
    if (this.node.contains(back)) ok.focus();
  }

  // ------------------------------------------------------------------ what the person does

  typed() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 120)}px`;
  }

  sendTyped() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.typed();
    const payload = this.desk.payloadOf(text);
    if (payload === null) this.say(text);
    else this.start(payload);
  }

  // What the person does, who is the phone's own.
  does(path, body) {
    return this.desk.send(path, { person: this.id, ...body }, this.id);
  }

  say(text) {
    closePanels();
    this.does("send", { text });
  }

  start(payload) {
    closePanels();
    this.does("start", { parameter: payload });
  }

  async press(message, key, button) {
    button.setAttribute("aria-busy", "true");
    await this.does("press", { message: message.id, label: key.text });
    button.removeAttribute("aria-busy");
  }

  // A copied link to the bot is meant for somebody: the page offers who opens it.
  async copy(text, button) {
    await navigator.clipboard?.writeText(text).catch(() => {});
    this.showToast(words.copied);
    const payload = this.desk.payloadOf(text);
    if (payload !== null) this.desk.chooseOpener(this, button, payload);
  }

  follow(event, url, own) {
    const payload = this.desk.payloadOf(url);
    if (payload === null) {
      if (own) this.showToast(words.outside);
      return;
    }
    event.preventDefault();
    if (own) this.start(payload);
    else this.desk.chooseOpener(this, event.currentTarget, payload);
  }
}
