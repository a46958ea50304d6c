// Elements without markup: every text goes through textContent, so no message can inject HTML.

export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  return fill(node, ...children);
}

// Replaces what is in a node; lists are flattened and what is missing or false is left out.
export function fill(node, ...children) {
  const present = children.flat(Infinity).filter((child) => child || child === 0);
  node.replaceChildren(...present);
  return node;
}

const PATHS = {
  send: "M3 20.2 21.5 12 3 3.8 3 10.2 15 12 3 13.8z",
  attach: "M16.5 6v11a4.5 4.5 0 0 1-9 0V5.5a3 3 0 0 1 6 0V16a1.5 1.5 0 0 1-3 0V6",
  menu: "M4 7h16M4 12h16M4 17h10",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1",
  copy: "M9 9h10v11H9zM5 15V4h10",
  out: "M8 16 17 7M9 7h8v8",
  down: "M6 9l6 6 6-6",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9.500h.01",
  album: "M7 4h13v13H7zM4 7v13h13M7 14l4-4 3 3 2-2 4 4",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  contact: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M7.500 14h9",
  forward: "M5 5v14l9-7zM18 5v14",
  list: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  check: "M2 13l4 4L14 8M10 17 18 8",
  mute: "M4 10v4h4l5 4V6L8 10zM17 9l4 6M21 9l-4 6",
};
const FILLED = new Set(["send"]);

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", FILLED.has(name) ? "icon filled" : "icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// A button that opens a panel: closes on Escape, on a choice and on a press elsewhere.
let closeOpened = null;
export function closePanels() {
  closeOpened?.();
}

export function opens(button, panel) {
  const close = () => {
    if (panel.hidden) return;
    const inside = panel.contains(document.activeElement);
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (closeOpened === close) closeOpened = null;
    if (inside) button.focus({ preventScroll: true });
  };
  panel.hidden = true;
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-haspopup", "true");
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    const wasHidden = panel.hidden;
    closePanels();
    if (!wasHidden) return;
    panel.hidden = false;
    closeOpened = close;
    button.setAttribute("aria-expanded", "true");
    panel.querySelector("button, [href]")?.focus({ preventScroll: true, focusVisible: false });
  });
  panel.addEventListener("click", (event) => event.stopPropagation());
  return close;
}

document.addEventListener("click", closePanels);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanels();
  const panel = event.target.closest?.("[role=menu]");
  if (!panel || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...panel.querySelectorAll("button:not(:disabled)")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
  event.preventDefault();
});
