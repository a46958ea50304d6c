// The words of the page itself, in English and Russian. What the bot says comes from the bot.

const ENGLISH = {
  tagline: "You are everyone here: the customer, the seller, support and the clock.",
  customer: "customer", seller: "seller", moderator: "moderator", admin: "support",
  clock: "Clock", hour: "+1 hour", day: "+1 day", hourTitle: "Move the clock by one hour",
  dayTitle: "Move the clock by one day", next: "Next deadline", nothingDue: "No deadline is running",
  dueList: "What is due", andMore: (n) => `and ${n} more`,
  moving: "The clock moves…", language: "Language of the page", theme: "Light or dark",
  help: "How to play", close: "Close", start: "Start", message: "Message", send: "Send the message",
  attach: "Attach", samples: "Send a sample photo", album: "Send an album of 3 photos",
  file: "Send a file (PDF)", kilobytes: "KB", commands: "Menu of commands", noCommands: "The bot has set no menu yet",
  links: "Links for this person", linksTitle: "Links this person has received",
  noLinks: "Nobody has sent a link yet", copied: "Copied", copy: "Copy", edited: "edited", today: "Today",
  photo: "Photo", photoOpen: "Open the photo", unread: (n) => `${n} unread`, newBelow: "New messages",
  phoneOf: (name) => `Chat of ${name}`, messagesOf: (name) => `Messages of ${name}`,
  languageOf: (name) => `Telegram language of ${name}`, personIn: "Who plays here",
  empty: "What can this bot do?", emptyText: "It carries a return from the first tap to the money.",
  openAs: "Open this link as", ok: "OK", shareContact: "Shares the own phone number",
  lost: "The program does not answer. Trying again…", failed: "That did not work",
  outside: "This link leads outside the demo", contact: "Contact", document: "File",
  keyboard: "Keyboard of answers", typing: "typing…", silent: "without sound",
  group: "group of the staff", general: "General", topics: "Topics", whoWrites: "Who writes in the group",
  writes: (name) => `${name} writes`, topicMade: (name) => `Topic “${name}”`, topicNamed: (name) => `The topic is now “${name}”`,
  topicClosed: "The topic is closed", topicOpened: "The topic is open again",
  steps: [
    ["Be the customer.", "Open an order from its link, choose Return, answer the questions, send the photos."],
    ["Be the seller.", "The case arrives with its album. Approve, reject, offer a part, ask, or stay silent."],
    ["Be the clock.", "Move the time and watch the deadlines act by themselves, citing their rule."],
    ["Be support.", "Decide disputes and mark the money as paid. In the group each dispute has a topic."],
  ],
  due: {
    decision: "decision", premod: "moderation", clarify: "clarification", offer: "answer to the offer",
    counter: "new offer", ship: "shipping", late_proof: "late proof", proof: "check of the proof",
    transit_unlock: "dispute becomes possible", transit_auto: "automatic dispute",
    transit_cap: "end of waiting", delivered: "confirmation of receipt", appeal: "objection",
    dispute_reply: "reply in the dispute", dispute_decide: "ruling", inspect: "inspection",
    refund_eta: "payment", draft: "unfinished form", reminder: "reminder",
  },
};

const RUSSIAN = {
  tagline: "Вы здесь все сразу: покупатель, продавец, поддержка и сами часы.",
  customer: "покупатель", seller: "продавец", moderator: "модератор", admin: "поддержка",
  clock: "Часы", hour: "+1 час", day: "+1 день", hourTitle: "Перевести часы на час вперёд",
  dayTitle: "Перевести часы на день вперёд", next: "Ближайший срок", nothingDue: "Сроков сейчас нет",
  dueList: "Что и когда наступит", andMore: (n) => `и ещё ${n}`,
  moving: "Часы идут…", language: "Язык страницы", theme: "Светлая или тёмная тема",
  help: "Как играть", close: "Закрыть", start: "Начать", message: "Сообщение", send: "Отправить сообщение",
  attach: "Прикрепить", samples: "Отправить фото из примеров", album: "Отправить альбом из 3 фото",
  file: "Отправить файл (PDF)", kilobytes: "КБ", commands: "Меню команд", noCommands: "Бот ещё не задал меню",
  links: "Ссылки этого человека", linksTitle: "Ссылки, которые получил этот человек",
  noLinks: "Ссылок пока никто не прислал", copied: "Скопировано", copy: "Скопировать", edited: "изменено", today: "Сегодня",
  photo: "Фото", photoOpen: "Открыть фото", unread: (n) => `Непрочитанных: ${n}`, newBelow: "Новые сообщения",
  phoneOf: (name) => `Чат: ${name}`, messagesOf: (name) => `Сообщения: ${name}`,
  languageOf: (name) => `Язык Telegram: ${name}`, personIn: "Кто играет здесь",
  empty: "Что умеет этот бот?", emptyText: "Он ведёт возврат от первого нажатия до денег.",
  openAs: "Кто откроет ссылку", ok: "ОК", shareContact: "Отправит собственный номер телефона",
  lost: "Программа не отвечает. Пробуем снова…", failed: "Не получилось",
  outside: "Эта ссылка ведёт за пределы демо", contact: "Контакт", document: "Файл",
  keyboard: "Клавиатура ответов", typing: "печатает…", silent: "без звука",
  group: "группа поддержки", general: "Общая", topics: "Темы", whoWrites: "Кто пишет в группу",
  writes: (name) => `Пишет ${name}`, topicMade: (name) => `Тема «${name}»`, topicNamed: (name) => `Теперь тема называется «${name}»`,
  topicClosed: "Тема закрыта", topicOpened: "Тема снова открыта",
  steps: [
    ["Будьте покупателем.", "Откройте заказ по ссылке, выберите «Вернуть», ответьте на вопросы, отправьте фото."],
    ["Будьте продавцом.", "Дело придёт вместе с альбомом. Одобрите, откажите, предложите часть, спросите или промолчите."],
    ["Будьте часами.", "Двигайте время и смотрите, как сроки срабатывают сами и называют своё правило."],
    ["Будьте поддержкой.", "Решайте споры и отмечайте выплаты. В группе у каждого спора своя тема."],
  ],
  due: {
    decision: "решение", premod: "модерация", clarify: "уточнение", offer: "ответ на предложение",
    counter: "новое предложение", ship: "отправка", late_proof: "запоздалый чек",
    proof: "проверка чека", transit_unlock: "можно открыть спор",
    transit_auto: "спор откроется сам", transit_cap: "конец ожидания",
    delivered: "подтверждение получения", appeal: "возражение", dispute_reply: "ответ в споре",
    dispute_decide: "решение спора", inspect: "проверка товара", refund_eta: "выплата",
    draft: "незаконченная форма", reminder: "напоминание",
  },
};

const LANGUAGES = { en: ENGLISH, ru: RUSSIAN };
const remembered = localStorage.getItem("language");

export let language = remembered ?? (navigator.language?.startsWith("ru") ? "ru" : "en");
export let words = LANGUAGES[language] ?? ENGLISH;

export function speak(code) {
  language = code;
  words = LANGUAGES[code];
  localStorage.setItem("language", code);
  document.documentElement.lang = code;
}

// The locale of dates: English as it is written outside the United States.
const locale = () => (language === "ru" ? "ru" : "en-GB");
const formats = new Map();

function formatted(date, options) {
  const key = locale() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), options));
  return formats.get(key).format(date);
}

export const hourOf = (date, timeZone) =>
  formatted(date, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
export const dayOf = (date, timeZone) =>
  formatted(date, { weekday: "short", day: "numeric", month: "short", timeZone });
export const zoneOf = (date, timeZone) =>
  new Intl.DateTimeFormat(locale(), { timeZoneName: "short", timeZone })
    .formatToParts(date).find((part) => part.type === "timeZoneName").value;
export const momentOf = (date, timeZone) => `${dayOf(date, timeZone)}, ${hourOf(date, timeZone)}`;
