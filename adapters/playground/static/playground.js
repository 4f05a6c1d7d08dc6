// The playground's page: streams each conversation, posts what a person does. No framework, no state of its own.
"use strict";

const texts = document.body.dataset;
const TOLD = 6000; // milliseconds that a fault is said
const UNREAD = 450; // milliseconds for which a card that was drawn anew takes no press
const PAUSE = 250; // milliseconds without a key, after which what was written is looked at

function tell(words) {
  const line = document.querySelector(".lost");
  line.textContent = words;
  line.hidden = false;
  setTimeout(() => (line.hidden = true), TOLD);
}

function post(pane, body) {
  return fetch("/playground/act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user: pane.dataset.user, ...body }),
  }).catch(() => ({ ok: false }));
}

async function act(pane, body) {
  const response = await post(pane, body);
  if (!response.ok) {
    tell(texts.failed);
    return;
  }
  const { form } = await response.json();
  form ? openForm(pane, form, body.message) : closeForm(pane);
}

// A form that is filled in: what depends on it is drawn anew, and the field too where a tap wrote into it and nobody
// has typed since.
async function change(pane, form, changed, chosen) {
  const asked = (form.asked = (form.asked || 0) + 1);
  const sent = filled(pane, form);
  const response = await post(pane, { kind: "change", changed, chosen, ...sent });
  if (asked !== form.asked || !form.isConnected) return;
  if (!response.ok) return tell(texts.failed);
  const html = (await response.json()).form;
  if (!html) return closeForm(pane);
  const fresh = document.createRange().createContextualFragment(html).firstElementChild;
  if (!fresh.querySelector("[data-live]")) return openForm(pane, html);
  for (const error of form.querySelectorAll(".error")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  takeFields(form, fresh);
  for (const part of form.querySelectorAll("[data-part]"))
    part.replaceWith(fresh.querySelector(`[data-part="${part.dataset.part}"]`) || "");
  for (const field of form.querySelectorAll("textarea[data-live]")) {
    const value = fresh.querySelector(`[name="${field.name}"]`).value;
    if (chosen && field.value === sent.values[field.name]) field.value = value;
  }
}

// Fields that came or went with what was chosen; those that stay keep what is in them.
function takeFields(form, fresh) {
  const wanted = [...fresh.querySelectorAll("[data-field]")];
  for (const field of form.querySelectorAll("[data-field]"))
    if (!wanted.some((one) => one.dataset.field === field.dataset.field)) field.remove();
  let last = null;
  for (const field of wanted) {
    const known = form.querySelector(`[data-field="${field.dataset.field}"]`);
    if (!known) last.after(field);
    last = known || field;
  }
}

function filled(pane, form) {
  return {
    form: form.dataset.form,
    ref: Number(form.dataset.ref),
    message: pane.querySelector("[data-region]").dataset.message || null,
    values: valuesOf(form),
  };
}

// What is checked several times under one name goes together.
function valuesOf(form) {
  const values = {};
  for (const [name, value] of new FormData(form)) values[name] = name in values ? `${values[name]},${value}` : value;
  return values;
}

function openForm(pane, html, message) {
  const region = pane.querySelector("[data-region]");
  region.innerHTML = html;
  region.dataset.message = message || region.dataset.message || "";
  region.hidden = false;
  (region.querySelector("[aria-invalid]") || region.querySelector("h3")).focus();
}

function closeForm(pane) {
  const region = pane.querySelector("[data-region]");
  region.hidden = true;
  region.innerHTML = "";
  region.dataset.message = "";
}

// The second press of a double one would meet a card that nobody has read yet.
function keepStill(message) {
  message.wasPressed = false;
  message.inert = true;
  setTimeout(() => (message.inert = false), UNREAD);
}

function show(pane, { id, html, mine }) {
  const log = pane.querySelector(".log");
  let message = log.querySelector(`[data-message="${id}"]`);
  const isNew = !message;
  if (isNew) {
    message = document.createElement("article");
    message.dataset.message = id;
    message.className = mine ? "mine" : "card";
    log.append(message);
  }
  message.innerHTML = html;
  if (message.wasPressed) keepStill(message);
  for (const button of message.querySelectorAll("[data-copy]")) button.textContent = texts.copy;
  if (!isNew) return;
  const look = () => bringIntoSight(log, message);
  look();
  for (const image of message.querySelectorAll("img")) image.addEventListener("load", look, { once: true });
}

// The newest message: its end, or its beginning where it is longer than the pane.
function bringIntoSight(log, message) {
  if (message !== log.lastElementChild) return;
  log.scrollTop = message.offsetHeight > log.clientHeight ? message.offsetTop - log.offsetTop : log.scrollHeight;
}

function listen(pane) {
  pane.querySelector(".log").replaceChildren();
  closeForm(pane);
  connect(pane);
}

function connect(pane) {
  pane.source?.close();
  const source = new EventSource(`/playground/stream?user=${encodeURIComponent(pane.dataset.user)}`);
  const lost = document.querySelector("[data-lost].lost");
  source.onopen = () => {
    lost.hidden = true;
    pane.querySelector(".log").replaceChildren();
  };
  source.onerror = () => {
    lost.textContent = texts.lost;
    lost.hidden = false;
  };
  source.onmessage = (event) => show(pane, JSON.parse(event.data));
  pane.source = source;
}

// A browser keeps six connections to a server: two pages of three conversations each, and nothing else gets through.
document.addEventListener("visibilitychange", () => {
  for (const pane of document.querySelectorAll(".pane")) {
    if (document.hidden) pane.source?.close();
    else connect(pane);
  }
});

function reference(pane, element) {
  const id = element.closest("[data-message]")?.dataset.message;
  return id ? `playground:demo:${pane.dataset.user}:${id}` : null;
}

document.addEventListener("click", async (event) => {
  const pane = event.target.closest(".pane");
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.tab) return switchTo(button);
  if (button.hasAttribute("data-copy")) {
    await navigator.clipboard?.writeText(button.parentElement.querySelector("pre").textContent);
    button.textContent = texts.copied;
  } else if (button.hasAttribute("data-cancel")) {
    closeForm(pane);
  } else if (button.dataset.changed) {
    change(pane, button.form, button.dataset.changed, button.dataset.chosen);
  } else if (button.dataset.action) {
    const message = button.closest("[data-message]");
    if (message) message.wasPressed = true;
    act(pane, {
      kind: "press",
      action: button.dataset.action,
      ref: Number(button.dataset.ref),
      message: reference(pane, button),
    });
  }
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const pane = form.closest(".pane");
  if (form.hasAttribute("data-say")) {
    const text = form.elements.text.value.trim();
    form.reset();
    if (text) act(pane, { kind: "say", text });
    return;
  }
  act(pane, { kind: "submit", ...filled(pane, form) });
});

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.hasAttribute("data-who")) {
    const pane = target.closest(".pane");
    pane.dataset.user = target.value;
    const [name, title] = target.selectedOptions[0].textContent.split(" – ");
    const role = Object.assign(document.createElement("span"), { textContent: title });
    document.querySelector(`[data-tab="${pane.dataset.pane}"]`).replaceChildren(`${name.split(" ")[0]} `, role);
    listen(pane);
  } else if (target.hasAttribute("data-live") && target.tagName !== "TEXTAREA") {
    change(target.closest(".pane"), target.form, target.name, target.value);
  }
});

document.addEventListener("input", ({ target }) => {
  if (target.tagName !== "TEXTAREA" || !target.hasAttribute("data-live")) return;
  clearTimeout(target.pause);
  target.pause = setTimeout(() => change(target.closest(".pane"), target.form, target.name, ""), PAUSE);
});

function switchTo(button) {
  for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-pressed", tab === button);
  for (const pane of document.querySelectorAll(".pane"))
    pane.classList.toggle("shown", pane.dataset.pane === button.dataset.tab);
  const log = document.querySelector(".pane.shown .log");
  if (log.lastElementChild) bringIntoSight(log, log.lastElementChild);
}

document.querySelectorAll(".pane").forEach(listen);
