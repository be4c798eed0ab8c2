// The card window: draws card-state.js, speaks to the host and to the worker.
//
// The PIN is in the input element and in one message to the host, and nowhere else; the element is emptied
// in the same turn in which the message goes out.

import { chosenCard, INITIAL, isPossiblePin, phase, reduce, shownError } from "./card-state.js";
import { HostPort } from "./host-port.js";
import {
  daysLeft,
  errorText,
  GUIDANCE,
  idleWarning,
  PIN_CLEARED,
  pinHint,
  PURPOSE,
  TRIES_WARNING,
  triesText,
} from "./texts.js";

/** @import { CardOutcome, CardRequest, CardSummary, HostMessage, Reader } from "./types" */
/** @import { Event, State } from "./card-state.js" */

/** Keeps the worker up while this window is open; browsers stop one after 30 seconds without an event. */
const ALIVE_EVERY = 20_000;

/** How long nobody may do anything, and how long before that a warning comes, in seconds. */
const IDLE_LIMIT = 300;
const IDLE_WARNING = 60;

/** As long as the reference systems' field. */
const LONGEST_PERSON = 20;

/** @type {State} */
let state = INITIAL;

/** Ids of commands count up; an answer to an older command is no news. */
let lastId = 1;
let running = 0;

const worker = chrome.runtime.connect({ name: location.hash.slice(1) });
/** @type {HostPort | null} */
let host = null;

worker.onMessage.addListener((/** @type {CardRequest} */ request) => {
  if (request.type === "request") {
    dispatch({ type: "requested", request });
    host = new HostPort({
      onReady: () => host?.send({ command: "watch", id: nextId(), origin: request.origin }),
      onMessage: fromHost,
      onEnd: (error) => dispatch({ type: "ended", error }),
    });
  }
});
// Without the worker nobody would hear the answer.
worker.onDisconnect.addListener(() => window.close());
setInterval(() => tell({ type: "alive" }), ALIVE_EVERY);

/** @param {HostMessage} message */
function fromHost(message) {
  switch (message.type) {
    case "readers":
      dispatch({ type: "readers", service: message.service, readers: message.readers });
      break;
    case "progress":
      if (message.id === running) {
        dispatch({ type: "progressed", done: message.done, total: message.total });
      }
      break;
    case "token":
      if (message.id === running) {
        tell({ type: "token", token: message.token, person_in_charge: input("person").value.trim() });
      }
      break;
    case "error":
      // Without an id, or to `watch`: the host does not serve us at all.
      if (message.id === running || message.id === null || running === 0) {
        dispatch({ type: "failed", error: message.error });
        afterFailure();
      }
      break;
    case "done":
    case "status":
    case "hello":
      break;
  }
}

/** @param {Event} event */
function dispatch(event) {
  const before = chosenCard(state)?.id ?? null;
  state = reduce(state, event);
  const after = chosenCard(state)?.id ?? null;
  if (before !== null && before !== after) {
    // What was typed was for a card that is not there any more.
    const typed = takePin() !== "";
    element("notice").textContent = typed ? PIN_CLEARED : "";
    input("last-try").checked = false;
  }
  draw();
}

function submit() {
  const card = chosenCard(state);
  if (!card || !state.request || !host || phase(state) !== "pin") {
    return;
  }
  if (card.tries_left === 1 && !input("last-try").checked) {
    dispatch({ type: "failed", error: { code: "pin_last_try", tries_left: 1 } });
    input("last-try").focus();
    return;
  }
  const pin = takePin();
  if (!isPossiblePin(pin, card.pin)) {
    dispatch({ type: "failed", error: { code: "pin_format" } });
    afterFailure();
    return;
  }
  element("notice").textContent = "";
  running = nextId();
  const { origin, nonce } = state.request;
  const accept_last_try = card.tries_left === 1 && input("last-try").checked;
  host.send({ command: "authenticate", id: running, origin, nonce, card: card.id, pin, accept_last_try });
  input("last-try").checked = false;
  dispatch({ type: "started" });
  element("cancel").focus();
}

function cancel() {
  const error = state.fatal && state.error ? state.error : { code: "cancelled" };
  tell({ type: "error", error });
  // The host ends with its input: nothing is signed for a window that is gone.
  host?.close();
  window.close();
}

/** Empties the PIN field and returns what was in it. */
function takePin() {
  const field = input("pin");
  const pin = field.value;
  field.value = "";
  return pin;
}

function afterFailure() {
  if (phase(state) === "pin") {
    input("pin").focus();
  }
}

/** @param {CardOutcome} outcome */
function tell(outcome) {
  worker.postMessage(outcome);
}

function nextId() {
  lastId += 1;
  return lastId;
}

// Drawing.

function draw() {
  const now = phase(state);
  const card = chosenCard(state);
  const entered = document.body.dataset["state"] !== now;
  document.body.dataset["state"] = now;
  drawAsker();
  setText("guidance", GUIDANCE[now] ?? "");
  drawError();
  drawReaders(card);
  show("entry", now === "pin");
  show("working", now === "working");
  show("ok", now === "pin");
  show("close", now === "error");
  show("cancel", now !== "error");
  if (card) {
    drawPin(card);
  }
  drawProgress();
  if (entered && now === "pin" && !element("form").contains(document.activeElement)) {
    input("pin").focus();
  }
  if (entered && now === "error") {
    element("close").focus();
  }
}

function drawAsker() {
  const { request } = state;
  if (request) {
    setText("agency", request.agencies.length > 0 ? request.agencies.join("、") : "（登録のないサイト）");
    setText("origin", request.origin);
    setText("purpose", PURPOSE[request.purpose]);
  }
}

function drawError() {
  const error = shownError(state);
  const box = element("error");
  if (error === null) {
    box.hidden = true;
    delete box.dataset["code"];
    return;
  }
  const text = errorText(error, state.request?.help_desk ?? { name: "ヘルプデスク", phone: "" });
  for (const part of /** @type {const} */ (["happened", "next", "call", "detail"])) {
    const paragraph = /** @type {HTMLElement} */ (box.querySelector(`.${part}`));
    // Unchanged text is left alone, or a screen reader would read it again.
    if (paragraph.textContent !== text[part]) {
      paragraph.textContent = text[part];
    }
  }
  box.dataset["code"] = error.code;
  box.hidden = false;
  const aboutPin = error.code.startsWith("pin_");
  input("pin").setAttribute("aria-invalid", String(aboutPin));
}

/** @param {CardSummary | null} chosen */
function drawReaders(chosen) {
  const drawn = state.readers.filter((reader) => reader.state === "card" || reader.state === "unusable");
  const list = element("readers");
  const key = JSON.stringify([drawn, chosen?.id ?? null]);
  if (list.dataset["key"] !== key) {
    list.dataset["key"] = key;
    list.replaceChildren(...drawn.map((reader) => readerItem(reader, chosen)));
  }
  show("cards", drawn.length > 0 && !state.fatal && state.progress === null);
}

/** @param {Reader} reader @param {CardSummary | null} chosen */
function readerItem(reader, chosen) {
  const item = document.createElement("li");
  item.dataset["reader"] = reader.name;
  if (reader.state === "unusable") {
    item.append(line("strong", errorText(reader.error, { name: "", phone: "" }).happened), readerLine(reader));
    return item;
  }
  if (reader.state !== "card") {
    return item;
  }
  const { card } = reader;
  item.dataset["card"] = card.id;
  const facts = document.createElement("span");
  facts.append(line("strong", card.holder || "（氏名の記載なし）"));
  if (card.company) {
    facts.append(line("span", card.company));
  }
  facts.append(line("span", `発行：${card.issuer}`), line("span", expiry(card)), readerLine(reader));
  if (card.problem) {
    facts.append(line("span", errorText(card.problem, { name: "", phone: "" }).happened));
    item.append(facts);
    return item;
  }
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.name = "card";
  radio.checked = card.id === chosen?.id;
  radio.addEventListener("change", () => dispatch({ type: "chosen", card: card.id }));
  item.toggleAttribute("data-chosen", radio.checked);
  const label = document.createElement("label");
  label.append(radio, facts);
  item.append(label);
  return item;
}

/** @param {Reader} reader */
function readerLine(reader) {
  const text = line("span", `カードリーダー：${reader.name}`);
  text.className = "reader";
  return text;
}

/** @param {"span" | "strong"} tag @param {string} text */
function line(tag, text) {
  const created = document.createElement(tag);
  created.textContent = text;
  return created;
}

/** @param {CardSummary} card */
function expiry(card) {
  const end = new Date(card.not_after);
  const date = end.toLocaleDateString("ja-JP", { timeZone: "Asia/Tokyo", year: "numeric", month: "long", day: "numeric" });
  return `有効期限：${date}（${daysLeft(Math.floor((end.getTime() - Date.now()) / 86_400_000))}）`;
}

/** @param {CardSummary} card */
function drawPin(card) {
  setText("pin-hint", pinHint(card.pin));
  setText("tries", triesText(card.tries_left));
  input("pin").inputMode = card.pin.letters ? "text" : "numeric";
  // Cards do not tell how many tries they began with; three is the fewest in use.
  const few = card.tries_left !== null && card.tries_left < 3;
  setText("tries-warning", few ? TRIES_WARNING : "");
  show("tries-warning", few);
  show("last-try-field", card.tries_left === 1);
}

function drawProgress() {
  if (!state.progress) {
    return;
  }
  const { done, total } = state.progress;
  const bar = element("progress");
  bar.setAttribute("aria-valuemax", String(total));
  bar.setAttribute("aria-valuenow", String(Math.min(done, total)));
  // Six dots, as contractors know them from the systems in use.
  const filled = total > 0 ? Math.min(6, Math.ceil((6 * done) / total)) : 0;
  setText("dots", "●".repeat(filled) + "○".repeat(6 - filled));
}

/** @param {string} id @param {string} text */
function setText(id, text) {
  const target = element(id);
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/** @param {string} id @param {boolean} visible */
function show(id, visible) {
  element(id).hidden = !visible;
}

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id */
function input(id) {
  return /** @type {HTMLInputElement} */ (document.getElementById(id));
}

// The person.

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
element("form").addEventListener("keydown", (event) => {
  // Enter ends a composition in 担当者; it does not mean OK then.
  if (event.key === "Enter" && event.isComposing) {
    event.preventDefault();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) {
    cancel();
  }
});
input("pin").addEventListener("input", () => {
  element("notice").textContent = "";
  dispatch({ type: "typed" });
});
input("person").addEventListener("input", (event) => {
  const field = input("person");
  if (!(/** @type {InputEvent} */ (event).isComposing) && [...field.value].length > LONGEST_PERSON) {
    field.value = [...field.value].slice(0, LONGEST_PERSON).join("");
  }
});
element("cancel").addEventListener("click", cancel);
element("close").addEventListener("click", cancel);

// Nobody at the desk: the window does not stay open with a card in the reader.

let idleSeconds = 0;
for (const type of ["keydown", "pointerdown", "input"]) {
  document.addEventListener(type, stayAwake, { capture: true });
}
element("extend").addEventListener("click", stayAwake);
setInterval(() => {
  idleSeconds += 1;
  const left = IDLE_LIMIT - idleSeconds;
  show("idle", left <= IDLE_WARNING && left > 0);
  setText("idle-text", left <= IDLE_WARNING ? idleWarning(IDLE_WARNING) : "");
  if (left <= 0) {
    tell({ type: "error", error: { code: "timed_out" } });
    host?.close();
    window.close();
  }
}, 1000);

function stayAwake() {
  idleSeconds = 0;
  show("idle", false);
}

draw();
