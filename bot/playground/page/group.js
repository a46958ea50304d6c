// The phone of a group with topics: one of its members writes, in the topic that is open.

import { fill, h, icon } from "./element.js";
import { bubble } from "./message.js";
import { Phone } from "./phone.js";
import { words } from "./words.js";

const SAYS = {
  forum_topic_created: (service) => words.topicMade(service.name),
  forum_topic_edited: (service) => words.topicNamed(service.name),
  forum_topic_closed: () => words.topicClosed,
  forum_topic_reopened: () => words.topicOpened,
};

export class GroupPhone extends Phone {
  topic = null; // its number; null is the general one
  known = new Set();

  // ------------------------------------------------------------------ who writes, and where

  choices(person) {
    this.writer = person.members[0].id;
    this.chosen = person.members.map((member) => h("button", {
      type: "button", "aria-pressed": "false", "data-writer": String(member.id), title: words.writes(member.name),
      onclick: () => { this.writer = member.id; this.update(this.person, this.at); },
    }, member.name.split(" ")[0]));
    return h("div", { class: "segments", role: "group", "aria-label": words.whoWrites }, this.chosen);
  }

  composer() {
    const form = super.composer();
    this.attachButton.hidden = true; // what the staff show is passed on by the card
    return form;
  }

  below() {
    this.topicBar = h("div", { class: "topics", role: "group", "aria-label": words.topics });
    return this.topicBar;
  }

  does(path, body) {
    const place = this.topic === null ? {} : { reply_to: this.topic };
    return this.desk.send(path, { person: this.writer, chat: this.id, ...place, ...body }, this.id);
  }

  // ------------------------------------------------------------------ what is seen

  update(person, now) {
    this.at = now;
    for (const topic of person.topics) {
      // A new topic opens: it is what is new. What was there before the page was opened stays shut.
      if (this.filled && !this.known.has(topic.id) && !this.input.value) this.topic = topic.id;
      this.known.add(topic.id);
    }
    if (!person.topics.some((topic) => topic.id === this.topic)) this.topic = null;
    this.drawTopics(person);
    super.update(person, now);
  }

  drawChoices() {
    for (const button of this.chosen) button.setAttribute("aria-pressed", String(button.dataset.writer === String(this.writer)));
  }

  drawTopics(person) {
    if (!this.changed("topics", [person.topics, this.topic])) return;
    const all = [{ id: null, name: words.general, closed: false }, ...person.topics];
    fill(this.topicBar, all.map(({ id, name, closed }) => h("button", {
      type: "button", class: "topic", "aria-pressed": String(id === this.topic), title: closed ? words.topicClosed : name,
      onclick: () => { this.topic = id; this.update(this.person, this.at); this.scrollDown(); },
    }, closed && icon("check"), h("span", {}, name))));
    this.topicBar.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  shownOf(person) {
    return person.messages.filter((message) => message.topic === this.topic);
  }

  own(message) {
    return message.from.id === this.writer;
  }

  bubble(group, own) {
    const [{ service, from }] = group;
    if (service) return h("li", { class: "day" }, Object.entries(service).map(([name, told]) => h("span", {}, SAYS[name]?.(told) ?? name)));
    const author = own || from.is_bot ? null : from.name;
    return bubble(group, { zone: this.person.zone, actions: this.actions, own, author });
  }

  drawWelcome(person) {
    super.drawWelcome(person);
    this.welcome.querySelector(".start")?.remove();
  }
}
