// What the card window knows and shows: a pure function of what has happened so far.

import { CODES } from "./codes.js";

/** @import { CardError, CardRequest, CardSummary, Reader } from "./types" */

/**
 * How long before an idle window closes a warning appears, in milliseconds: two minutes, or half of a short time.
 * @param {number} idleMinutes
 */
export const idleWarning = (idleMinutes) => Math.min(120_000, (idleMinutes * 60_000) / 2);

/**
 * @typedef {object} State
 * @property {CardRequest | null} request what the worker asked for
 * @property {"running" | "off" | null} service null before the host's first report
 * @property {Reader[]} readers
 * @property {string | null} chosen the id of the card that the person chose
 * @property {boolean} mustChoose the chosen card is gone: no other takes its place unasked
 * @property {CardError | null} error the last error; stays until the next step is taken
 * @property {string | null} about the card that the error is about
 * @property {boolean} fatal nothing in this window can fix the error
 * @property {Progress | null} progress the card is working
 */

/**
 * @typedef {{ card: string | null, done: number, total: number, asking: boolean, pad_until: number | null }}
 * Progress
 * `asking`: the host's own dialog is asking for the PIN; the card has not begun. `pad_until`: the card reader asks
 * for
 * it on its own keypad, at most until then, milliseconds since 1970
 */

/**
 * @typedef {{ type: "requested", request: CardRequest }
 *   | { type: "readers", service: "running" | "off", readers: Reader[] }
 *   | { type: "chosen", card: string }
 *   | { type: "typed" }
 *   | { type: "started" }
 *   | { type: "progressed", done: number, total: number, pad_until: number | null }
 *   | { type: "failed", error: CardError }
 *   | { type: "ended", error: CardError }} Event
 */

/** @type {State} */
export const INITIAL = {
  request: null,
  service: null,
  readers: [],
  chosen: null,
  mustChoose: false,
  error: null,
  about: null,
  fatal: false,
  progress: null,
};

/**
 * @param {State} state
 * @param {Event} event
 * @returns {State}
 */
export function reduce(state, event) {
  switch (event.type) {
    case "requested":
      return { ...state, request: event.request };
    case "readers":
      return withoutStaleError(withReaders(state, event.service, onlySigner(state, event.readers)));
    case "chosen":
      return { ...state, chosen: event.card, mustChoose: false, error: null };
    case "typed":
      // A PIN is being entered for the card shown: another one inserted now does not take its place.
      return { ...state, chosen: chosenCard(state)?.id ?? null, error: state.fatal ? state.error : null };
    case "started": {
      const chosen = chosenCard(state);
      const card = chosen?.id ?? null;
      // A reader with its own keypad needs no dialog.
      const asking = entersInHost(state) && chosen?.pin_pad !== true;
      return { ...state, chosen: card, error: null, progress: { card, done: 0, total: 1, asking, pad_until: null } };
    }
    case "progressed":
      return state.progress ? { ...state, progress: { ...state.progress, ...progress(event), asking: false } } : state;
    case "failed":
      return withFailure(state, event.error);
    case "ended":
      return { ...state, progress: null, error: event.error, about: null, fatal: true };
  }
}

/** @param {{ done: number, total: number, pad_until: number | null }} event */
function progress({ done, total, pad_until }) {
  return { done, total, pad_until };
}

/**
 * @param {State} state
 * @param {"running" | "off"} service
 * @param {Reader[]} readers
 * @returns {State}
 */
function withReaders(state, service, readers) {
  const next = { ...state, service, readers };
  const usable = usableCards(next);
  if (state.chosen === null || usable.some((card) => card.id === state.chosen)) {
    return { ...next, mustChoose: state.mustChoose && usable.length > 0 };
  }
  return { ...next, chosen: null, mustChoose: usable.length > 0 };
}

/**
 * Where one particular card has to sign, any other is shown with the reason why it can't.
 * @param {State} state
 * @param {Reader[]} readers
 * @returns {Reader[]}
 */
function onlySigner({ request }, readers) {
  if (request === null || !("card" in request.what)) {
    return readers;
  }
  const signer = request.what.card;
  return readers.map((reader) =>
    reader.state === "card" && reader.card.id !== signer && reader.card.problem === null
      ? { ...reader, card: { ...reader.card, problem: { code: "other_card" } } }
      : reader,
  );
}

/**
 * An error about a card goes away with it; that it is gone, or is another one, stays on the screen.
 * @param {State} state
 * @returns {State}
 */
function withoutStaleError(state) {
  if (state.error === null || state.fatal || state.error.code === "card_changed") {
    return state;
  }
  // A lost try stays lost even if the card was pulled a moment later.
  const isOfCard = cards(state).some((card) => card.id === state.about);
  const outlives = state.error.code === "card_removed" || (!isOfCard && ["pin_wrong", "pin_locked"].includes(state.error.code));
  const stays =
    outlives
      ? usableCards(state).length === 0
      : cards(state).some((card) => card.id === state.about && (card.problem ?? state.error)?.code === state.error?.code);
  return stays ? state : { ...state, error: null };
}

/**
 * @param {State} state
 * @param {CardError} error
 * @returns {State}
 */
function withFailure(state, error) {
  const about = state.progress?.card ?? chosenCard(state)?.id ?? null;
  // Being too slow on the reader's keypad, or pressing the wrong key, has cost no try. Modules do not tell the two
  // apart.
  const isAgain = isAtReader(state) && ["timed_out", "cancelled"].includes(error.code);
  // The card's own answer about its PIN counts at once, before the reader is read again.
  const tries_left = error.code === "pin_locked" ? 0 : error.tries_left;
  const readers =
    tries_left === undefined
      ? state.readers
      : state.readers.map((reader) =>
          reader.state === "card" && reader.card.id === about ? { ...reader, card: withTries(reader.card, tries_left) } : reader,
        );
  return { ...state, readers, progress: null, error, about, fatal: !CODES[error.code]?.retriable && !isAgain };
}

/** @param {CardSummary} card @param {number} tries_left @returns {CardSummary} */
function withTries(card, tries_left) {
  return { ...card, tries_left, problem: tries_left === 0 ? { code: "pin_locked" } : card.problem };
}

/** @param {State} state @returns {CardSummary[]} */
function cards(state) {
  return state.readers.flatMap((reader) => (reader.state === "card" ? [reader.card] : []));
}

/** Cards for which a PIN may be typed. @param {State} state */
export function usableCards(state) {
  return cards(state).filter((card) => card.problem === null);
}

/** Whether the person has to say which card is meant. @param {State} state */
export function isChoice(state) {
  return state.mustChoose || usableCards(state).length > 1;
}

/**
 * The card that a typed PIN is for: the chosen one, or the only one.
 * @param {State} state
 * @returns {CardSummary | null}
 */
export function chosenCard(state) {
  const usable = usableCards(state);
  if (state.chosen !== null) {
    return usable.find((card) => card.id === state.chosen) ?? null;
  }
  return usable.length === 1 && !state.mustChoose ? (usable[0] ?? null) : null;
}

/** Why none of the cards present can be used. @param {State} state @returns {CardError | null} */
export function problem(state) {
  for (const reader of state.readers) {
    if (reader.state === "card" && reader.card.problem) {
      return reader.card.problem;
    }
    if (reader.state === "unusable") {
      return reader.error;
    }
  }
  return null;
}

/** Whether the card reader is asking for the PIN on its own keypad. @param {State} state */
export function isAtReader(state) {
  return (state.progress?.pad_until ?? null) !== null;
}

/** Whether the PIN is typed into the host's own dialog. @param {State} state */
export function entersInHost(state) {
  return state.request?.pin.entry === "host";
}

/** Whether the administrator forbids using this card's last try. @param {State} state */
export function isLastTryRefused(state) {
  return state.request?.pin.last_try === "refuse" && chosenCard(state)?.tries_left === 1;
}

/** The window's one state, for its layout. @param {State} state */
export function phase(state) {
  if (state.fatal) {
    return "error";
  }
  if (state.progress) {
    return state.progress.asking ? "asking" : "working";
  }
  if (state.request === null || state.service === null) {
    return "connecting";
  }
  // Modules with their own readers need no such service.
  if (state.service === "off" && cards(state).length === 0) {
    return "service_off";
  }
  if (state.readers.length === 0) {
    return "no_reader";
  }
  if (usableCards(state).length > 0) {
    return chosenCard(state) ? "pin" : "choose";
  }
  if (state.readers.some((reader) => reader.state === "reading")) {
    return "reading";
  }
  const why = problem(state);
  if (why) {
    return why.code === "pin_locked" ? "locked" : "unusable";
  }
  return "no_card";
}

/** The error to show: the last one, or why the card present can't be used. @param {State} state */
export function shownError(state) {
  if (state.error) {
    return state.error;
  }
  const now = phase(state);
  if (now === "service_off") {
    return { code: "service_off" };
  }
  return now === "unusable" || now === "locked" ? problem(state) : null;
}

/**
 * Whether a PIN's format could be right; one of another format would only cost a try.
 * @param {string} pin
 * @param {CardSummary["pin"]} rules
 */
export function isPossiblePin(pin, rules) {
  const characters = rules.letters ? /^[!-~]+$/ : /^[0-9]+$/;
  return pin.length >= rules.min && pin.length <= rules.max && characters.test(pin);
}
