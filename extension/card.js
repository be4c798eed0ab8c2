// The card window: between the worker, the host and the person. card-state.js says what follows from what;
// card-view.js draws it.
//
// The PIN exists in the input element and in one message to the host, and nowhere else; the element is cleared
// in the same turn in which the message is sent.

import { chosenCard, entersInHost, idleWarning, INITIAL, isLastTryRefused, isPossiblePin, phase, reduce } from "./card-state.js";
import { draw, drawIdle, drawPad, drawPersonError, element, input, LONGEST_PERSON, setText } from "./card-view.js";
import { HostPort } from "./host-port.js";
import { PIN_ENTRY_SINCE, SIGN_SINCE } from "./limits.js";
import { EMPTY, PIN_CLEARED } from "./texts.js";

/** @import { CardError, CardOutcome, CardRequest, HostMessage } from "./types" */
/** @import { Event, State } from "./card-state.js" */

/** Keeps the worker alive while this window is open; browsers stop one after 30 seconds without an event. */
const ALIVE_EVERY = 20_000;

/** @type {State} */
let state = INITIAL;

/** The id of the last `authenticate` or `sign`; answers to older ones are ignored. */
let running = 0;

let awakeSince = Date.now();

// The worker: whose request this is, and who learns how it ended.

const worker = chrome.runtime.connect({ name: `card:${location.hash.slice(1)}` });
/** @type {HostPort | null} */
let host = null;

worker.onMessage.addListener((/** @type {CardRequest} */ request) => {
  dispatch({ type: "requested", request });
  host = new HostPort({
    onReady(part) {
      const needed = "document" in request.what ? SIGN_SINCE : request.pin.entry === "host" ? PIN_ENTRY_SINCE : 0;
      if (part.protocol < needed) {
        host?.end({ code: "host_too_old", detail: part.version });
      } else {
        host?.watch(request.origin, request.my_number);
      }
    },
    onMessage: fromHost,
    onEnd: (error) => dispatch({ type: "ended", error }),
  }, request.log_level);
});
// Without the worker nobody would hear the answer.
worker.onDisconnect.addListener(() => window.close());
setInterval(() => tell({ type: "alive" }), ALIVE_EVERY);

/** @param {CardOutcome} outcome */
function tell(outcome) {
  try {
    worker.postMessage(outcome);
  } catch {
    // The worker is gone, and this window is about to close.
  }
}

/** @param {CardError} error what the page is told */
function leave(error) {
  takePin();
  tell({ type: "error", error });
  // The host ends with its input: nothing is signed for a closed window.
  if (state.progress) {
    host?.cancel();
  }
  host?.close();
  window.close();
}

// The host.

/** @param {HostMessage} message */
function fromHost(message) {
  switch (message.type) {
    case "readers":
      // Somebody moved a card.
      stayAwake();
      dispatch({ type: "readers", service: message.service, readers: message.readers });
      break;
    case "progress":
      if (message.id === running) {
        const { done, total, pad_seconds } = message;
        const pad_until = pad_seconds === undefined ? null : Date.now() + pad_seconds * 1000;
        dispatch({ type: "progressed", done, total, pad_until });
        drawPad(state, Date.now());
      }
      break;
    case "token":
      if (message.id === running) {
        tell({ type: "token", token: message.token, person_in_charge: person() });
      }
      break;
    case "signature":
      if (message.id === running) {
        tell({ type: "signature", signature: message.signature });
      }
      break;
    case "error":
      // Without an id, or to `watch`: the host refuses to serve us.
      if (message.id === running && state.progress?.asking && ["cancelled", "timed_out"].includes(message.error.code)) {
        // In the host's dialog: what the person did there applies to the whole request.
        leave(message.error);
      } else if (message.id === null || message.id === running || running === 0) {
        fail(message.error);
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
    // What was typed was for a card that is no longer there.
    const typed = takePin() !== "";
    setText("notice", typed ? PIN_CLEARED : "");
    input("last-try").checked = false;
  }
  draw(state, (card) => dispatch({ type: "chosen", card }));
  if (state.fatal && state.error) {
    // So that the page learns it even if the window is closed without clicking 閉じる.
    tell({ type: "failing", error: state.error });
  }
}

/** @param {CardError} error */
function fail(error) {
  dispatch({ type: "failed", error });
  if (phase(state) === "pin") {
    const field = entersInHost(state) ? element("ok") : input("pin");
    (error.code === "pin_last_try" && !element("last-try-field").hidden ? input("last-try") : field).focus();
  }
}

// The person.

function submit() {
  const card = chosenCard(state);
  if (!card || !state.request || !host || phase(state) !== "pin") {
    return;
  }
  const tooLong = [...person()].length > LONGEST_PERSON;
  drawPersonError(tooLong);
  if (tooLong) {
    input("person").focus();
    element("person-error").scrollIntoView({ block: "nearest" });
    return;
  }
  const inHost = entersInHost(state);
  if (isLastTryRefused(state)) {
    return;
  }
  if (!inHost && !card.pin_pad && input("pin").value === "") {
    fail({ code: "pin_format", field: EMPTY });
    return;
  }
  if (!inHost && !card.pin_pad && !isPossiblePin(input("pin").value, card.pin)) {
    fail({ code: "pin_format" });
    input("pin").select();
    return;
  }
  const accept_last_try = input("last-try").checked;
  if (card.tries_left === 1 && !accept_last_try) {
    fail({ code: "pin_last_try", tries_left: 1 });
    return;
  }
  setText("notice", "");
  const { origin, what, my_number } = state.request;
  const use = { origin, card: card.id, accept_last_try, ...(inHost ? {} : { pin: takePin() }) };
  running =
    "document" in what
      ? host.sign({ ...use, document: what.document })
      : host.authenticate({ ...use, nonce: what.nonce, my_number });
  input("last-try").checked = false;
  dispatch({ type: "started" });
  element("cancel").focus();
}

function cancel() {
  leave(state.fatal && state.error ? state.error : { code: "cancelled" });
}

/** Clears the PIN field and returns its value. */
function takePin() {
  const field = input("pin");
  const pin = field.value;
  field.value = "";
  return pin;
}

function person() {
  return input("person").value.trim();
}

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
document.addEventListener("keydown", (event) => {
  // While text is being composed in 担当者, Enter and Escape belong to the input method.
  if (event.isComposing) {
    return;
  }
  if (event.key === "Escape") {
    cancel();
  } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
    event.preventDefault();
    submit();
  }
});
input("pin").addEventListener("input", () => {
  setText("notice", "");
  dispatch({ type: "typed" });
});
input("person").addEventListener("input", () => drawPersonError(false));
element("cancel").addEventListener("click", cancel);
element("close").addEventListener("click", cancel);

// Nobody at the desk: the window does not stay open with a card in the reader.

for (const type of ["keydown", "pointerdown", "input"]) {
  document.addEventListener(type, stayAwake, { capture: true });
}
element("extend").addEventListener("click", stayAwake);
setInterval(() => {
  drawPad(state, Date.now());
  if (state.progress) {
    // A working card needs no activity by the person.
    awakeSince = Date.now();
  }
  const idleMinutes = state.request?.pin.idle_minutes ?? 5;
  const left = awakeSince + idleMinutes * 60_000 - Date.now();
  drawIdle(left <= idleWarning(idleMinutes) ? Math.max(0, Math.ceil(left / 1000)) : null);
  if (left <= 0) {
    leave(state.fatal && state.error ? state.error : { code: "timed_out" });
  }
}, 1000);

function stayAwake() {
  awakeSince = Date.now();
  drawIdle(null);
}

draw(state, () => {});
