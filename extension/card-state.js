// What the card window knows and shows: a pure function of what has happened so far.

/** @import { CardError, CardRequest, CardSummary, Reader } from "./types" */

/**
 * @typedef {object} State
 * @property {CardRequest | null} request what the worker asked for
 * @property {"running" | "off" | null} service null before the host's first report
 * @property {Reader[]} readers
 * @property {string | null} chosen the card that the person chose, by its id
 * @property {CardError | null} error the last thing that went wrong; stays until the next step is taken
 * @property {boolean} fatal nothing in this window can mend the error
 * @property {{ done: number, total: number } | null} progress the card is at work
 */

/**
 * @typedef {{ type: "requested", request: CardRequest }
 *   | { type: "readers", service: "running" | "off", readers: Reader[] }
 *   | { type: "chosen", card: string }
 *   | { type: "started" }
 *   | { type: "progressed", done: number, total: number }
 *   | { type: "failed", error: CardError }
 *   | { type: "ended", error: CardError }
 *   | { type: "typed" }} Event
 */

/** @type {State} */
export const INITIAL = {
  request: null,
  service: null,
  readers: [],
  chosen: null,
  error: null,
  fatal: false,
  progress: null,
};

/** Errors that the person can mend here: another try, another card, another moment. */
const RETRIABLE = new Set([
  "busy",
  "cancelled",
  "service_off",
  "no_reader",
  "no_card",
  "unsupported_card",
  "card_removed",
  "card_changed",
  "card_busy",
  "card_error",
  "pin_wrong",
  "pin_last_try",
  "pin_locked",
  "pin_not_set",
  "pin_format",
  "certificate_missing",
  "certificate_unreadable",
  "certificate_expired",
  "certificate_not_yet_valid",
  "key_unsupported",
]);

/**
 * @param {State} state
 * @param {Event} event
 * @returns {State}
 */
export function reduce(state, event) {
  switch (event.type) {
    case "requested":
      return { ...state, request: event.request };
    case "readers": {
      const next = { ...state, service: event.service, readers: event.readers };
      const stillThere = usableCards(next).some((card) => card.id === state.chosen);
      return { ...next, chosen: stillThere ? state.chosen : null };
    }
    case "chosen":
      return { ...state, chosen: event.card, error: null };
    case "started":
      return { ...state, error: null, progress: { done: 0, total: 1 } };
    case "progressed":
      return state.progress ? { ...state, progress: { done: event.done, total: event.total } } : state;
    case "failed":
      return {
        ...withTries(state, event.error),
        progress: null,
        error: event.error,
        fatal: !RETRIABLE.has(event.error.code),
      };
    case "ended":
      return { ...state, progress: null, error: event.error, fatal: true };
    case "typed":
      return state.error && !state.fatal ? { ...state, error: null } : state;
  }
}

/**
 * A card's own word on its PIN counts at once, before the reader is read again.
 * @param {State} state
 * @param {CardError} error
 * @returns {State}
 */
function withTries(state, error) {
  const card = chosenCard(state);
  const locked = error.code === "pin_locked";
  if (!card || (!locked && error.tries_left === undefined)) {
    return state;
  }
  const tries_left = locked ? 0 : (error.tries_left ?? null);
  const problem = locked ? error : card.problem;
  const readers = state.readers.map((reader) =>
    reader.state === "card" && reader.card.id === card.id
      ? { ...reader, card: { ...reader.card, tries_left, problem } }
      : reader,
  );
  return { ...state, readers };
}

/** Cards that a PIN may be typed for. @param {State} state @returns {CardSummary[]} */
export function usableCards(state) {
  return state.readers.flatMap((reader) => (reader.state === "card" && !reader.card.problem ? [reader.card] : []));
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
  return usable.length === 1 ? (usable[0] ?? null) : null;
}

/** Why no card can be used, where one is there at all. @param {State} state @returns {CardError | null} */
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

/** The window's one state, for its layout. @param {State} state */
export function phase(state) {
  if (state.fatal) {
    return "error";
  }
  if (state.progress) {
    return "working";
  }
  if (state.request === null || state.service === null) {
    return "connecting";
  }
  if (state.service === "off") {
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

/** The error to show: what went wrong last, or why the card there can't be used. @param {State} state */
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
 * Whether a PIN's shape could be right; one of another shape would only cost a try.
 * @param {string} pin
 * @param {CardSummary["pin"]} rules
 */
export function isPossiblePin(pin, rules) {
  const characters = rules.letters ? /^[!-~]+$/ : /^[0-9]+$/;
  return pin.length >= rules.min && pin.length <= rules.max && characters.test(pin);
}
