// Draws the card window's state into card.html.

import { chosenCard, entersInHost, isAtReader, isChoice, isLastTryRefused, phase, shownError } from "./card-state.js";
import { readDocument } from "./messages.js";
import {
  CARDS_TITLE,
  cardFacts,
  deskText,
  EMPTY,
  errorText,
  GUIDANCE,
  IDLE_WARNING,
  lastTryRefused,
  personTooLong,
  PAD_GUIDANCE,
  PAD_HINT,
  PAD_TIMED_OUT,
  PIN_EMPTY,
  pinHint,
  PURPOSE,
  READER_TEXT,
  READERS_TITLE,
  secondsLeft,
  SIGNING,
  triesText,
  triesWarning,
  UNKNOWN_AGENCY,
} from "./texts.js";

/** @import { CardError, CardSummary, Reader } from "./types" */
/** @import { State } from "./card-state.js" */

/** The length of the reference systems' field for 担当者, in characters. */
export const LONGEST_PERSON = 20;

/**
 * With fewer tries left than this a wrong PIN was typed: cards do not reveal their full number; three is the
 * lowest in use.
 */
const FULL_TRIES = 3;

/** Dots of the progress display, as contractors know it from existing systems. */
const DOTS = 6;

/**
 * @param {State} state
 * @param {(card: string) => void} choose called when the person picks a card
 */
export function draw(state, choose) {
  const now = phase(state);
  const card = chosenCard(state);
  const entered = document.body.dataset["state"] !== now;
  document.body.dataset["state"] = now;
  drawAsker(state);
  const inHost = entersInHost(state);
  const atReader = now === "working" && isAtReader(state);
  const step = now === "pin" && inHost && card?.pin_pad !== true ? "pin_host" : now;
  setText("guidance", atReader ? PAD_GUIDANCE : (GUIDANCE[step] ?? ""));
  drawDesk(state);
  drawError(state, card);
  drawReaders(state, card, choose);
  show("entry", now === "pin");
  show("working", now === "working");
  show("pin-field", !inHost);
  show("ok", now === "pin" && !isLastTryRefused(state));
  show("close", now === "error");
  show("cancel", now !== "error");
  if (card) {
    drawPin(card, isLastTryRefused(state));
  }
  drawProgress(state);
  if (entered) {
    focusFirst(now);
  }
}

/** @param {string} now */
function focusFirst(now) {
  const free = !element("form").contains(document.activeElement);
  if (now === "error") {
    element("close").focus();
  } else if (now === "pin" && free) {
    (element("pin-field").hidden || input("pin").disabled ? element("ok") : input("pin")).focus();
  } else if (now === "choose" && free) {
    /** @type {HTMLElement | null} */ (document.querySelector("#readers input"))?.focus();
  }
}

/** @param {State} state */
function drawAsker({ request }) {
  if (request) {
    setText("agency", request.agencies.length > 0 ? request.agencies.join("、") : UNKNOWN_AGENCY);
    setText("origin", request.origin);
    const { what } = request;
    const document = "document" in what ? what.document : "";
    const head = readDocument(document);
    setText("purpose", "purpose" in what ? PURPOSE[what.purpose] : `${SIGNING}（${head?.title}、受付番号 ${head?.number}）`);
    show("document", head !== null);
    show("person-field", head === null);
    setText("document-text", document);
  }
}

/** @param {State} state */
function drawDesk({ request }) {
  show("desk", request !== null);
  if (request) {
    const [name, note] = deskText(request.help_desk);
    setText("desk-name", name);
    setText("desk-note", note);
  }
}

/** @param {State} state @param {CardSummary | null} card */
function drawError(state, card) {
  const error = shownError(state);
  const box = element("error");
  const aboutPin = error?.code === "pin_wrong" || error?.code === "pin_format";
  input("pin").setAttribute("aria-invalid", String(aboutPin));
  input("pin").setAttribute("aria-describedby", aboutPin ? "error-happened pin-hint tries" : "pin-hint tries");
  box.hidden = error === null;
  if (error === null) {
    delete box.dataset["code"];
    return;
  }
  const about = card ?? cardOf(state, error);
  const late = error.code === "timed_out" && !state.fatal;
  const whose = { issuer: about?.issuer ?? "", family: about?.family ?? "" };
  const text = error.field === EMPTY ? PIN_EMPTY : late ? PAD_TIMED_OUT : errorText(error, { request: state.request, ...whose });
  for (const part of /** @type {const} */ (["happened", "next", "call", "detail"])) {
    setText(`error-${part}`, text[part]);
  }
  box.dataset["code"] = error.code;
}

/** The card that the error is about. @param {State} state @param {CardError} error @returns {CardSummary | null} */
function cardOf(state, error) {
  for (const reader of state.readers) {
    if (reader.state === "card" && (reader.card.id === state.about || reader.card.problem?.code === error.code)) {
      return reader.card;
    }
  }
  return null;
}

/** @param {State} state @param {CardSummary | null} chosen @param {(card: string) => void} choose */
function drawReaders(state, chosen, choose) {
  const choice = isChoice(state);
  const list = element("readers");
  const key = JSON.stringify([state.readers, chosen?.id ?? null, choice]);
  if (list.dataset["key"] !== key) {
    const inside = list.contains(document.activeElement);
    list.dataset["key"] = key;
    list.replaceChildren(...state.readers.map((reader) => readerItem(reader, chosen, choice ? choose : null)));
    if (inside) {
      // The list is redrawn while somebody is choosing in it.
      /** @type {HTMLElement | null} */ (list.querySelector("input:checked") ?? list.querySelector("input"))?.focus();
    }
  }
  setText("cards-title", choice || chosen ? CARDS_TITLE : READERS_TITLE);
  show("cards", state.readers.length > 0 && !state.fatal && state.progress === null);
}

/** @param {Reader} reader @param {CardSummary | null} chosen @param {((card: string) => void) | null} choose */
function readerItem(reader, chosen, choose) {
  const item = document.createElement("li");
  item.dataset["reader"] = reader.name;
  item.dataset["state"] = reader.state;
  switch (reader.state) {
    case "empty":
    case "reading":
      item.append(line("span", READER_TEXT[reader.state]));
      break;
    case "unusable":
      item.append(line("strong", happened(reader.error, "")));
      break;
    case "card":
      item.dataset["card"] = reader.card.id;
      item.append(cardItem(reader.card, chosen, choose));
  }
  const name = line("span", reader.name);
  name.className = "reader";
  item.append(name);
  return item;
}

/** @param {CardSummary} card @param {CardSummary | null} chosen @param {((card: string) => void) | null} choose */
function cardItem(card, chosen, choose) {
  const [holder, ...others] = cardFacts(card, Date.now());
  const facts = document.createElement("span");
  facts.append(line("strong", holder), ...others.map((fact) => line("span", fact)));
  if (card.problem) {
    facts.append(line("strong", happened(card.problem, card.family)));
    return facts;
  }
  if (!choose) {
    return facts;
  }
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.name = "card";
  radio.checked = card.id === chosen?.id;
  radio.addEventListener("change", () => choose(card.id));
  const label = document.createElement("label");
  label.append(radio, facts);
  return label;
}

/** @param {CardError} error @param {string} family */
function happened(error, family) {
  return errorText(error, { request: null, issuer: "", family }).happened;
}

/** @param {"span" | "strong"} tag @param {string} text */
function line(tag, text) {
  const created = document.createElement(tag);
  created.textContent = text;
  return created;
}

/** @param {CardSummary} card @param {boolean} refused the last try may not be used */
function drawPin(card, refused) {
  const atReader = card.pin_pad === true;
  setText("pin-hint", atReader ? PAD_HINT : pinHint(card.pin));
  input("pin").disabled = atReader;
  setText("tries", triesText(card.tries_left));
  input("pin").inputMode = card.pin.letters ? "text" : "numeric";
  const few = card.tries_low === true || (card.tries_left !== null && card.tries_left < FULL_TRIES);
  setText("tries-warning", refused ? lastTryRefused(card) : few ? triesWarning(card) : "");
  show("tries-warning", few);
  show("last-try-field", card.tries_left === 1 && !refused);
}

/** @param {State} state */
function drawProgress({ progress }) {
  if (!progress) {
    return;
  }
  const total = Math.max(1, progress.total);
  const done = Math.min(progress.done, total);
  const bar = element("progress");
  bar.setAttribute("aria-valuemax", String(total));
  bar.setAttribute("aria-valuenow", String(done));
  const filled = Math.ceil((DOTS * done) / total);
  setText("dots", "●".repeat(filled) + "○".repeat(DOTS - filled));
}

/** Warns that the idle window will close; `null` removes the warning. @param {number | null} seconds */
export function drawIdle(seconds) {
  show("idle", seconds !== null);
  setText("idle-text", seconds === null ? "" : IDLE_WARNING);
  setText("idle-left", seconds === null ? "" : secondsLeft(seconds));
}

/**
 * How long the person still has at the reader's keypad. @param {State} state @param {number} now milliseconds
 * since 1970
 */
export function drawPad({ progress }, now) {
  const until = progress?.pad_until ?? null;
  show("pad", until !== null);
  setText("pad-left", until === null ? "" : secondsLeft(Math.max(0, Math.ceil((until - now) / 1000))));
}

/** @param {boolean} tooLong */
export function drawPersonError(tooLong) {
  const field = input("person");
  field.setAttribute("aria-invalid", String(tooLong));
  field.setAttribute("aria-describedby", tooLong ? "person-hint person-error" : "person-hint");
  setText("person-error", tooLong ? personTooLong([...field.value.trim()].length, LONGEST_PERSON) : "");
}

/** @param {string} id @param {string} text */
export function setText(id, text) {
  const target = element(id);
  // Unchanged text is left alone, or a screen reader would read it again.
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/** @param {string} id @param {boolean} visible */
function show(id, visible) {
  element(id).hidden = !visible;
}

/** @param {string} id */
export function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id */
export function input(id) {
  return /** @type {HTMLInputElement} */ (document.getElementById(id));
}
