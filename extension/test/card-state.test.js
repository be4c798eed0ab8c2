import assert from "node:assert/strict";
import test from "node:test";

import { chosenCard, INITIAL, isPossiblePin, phase, reduce, shownError } from "../card-state.js";

/** @import { CardSummary, Reader } from "../types" */
/** @import { Event, State } from "../card-state.js" */

const REQUEST = {
  type: /** @type {const} */ ("request"),
  origin: "https://ebid.example.jp",
  nonce: "A".repeat(44),
  purpose: /** @type {const} */ ("register"),
  agencies: ["青森市"],
  help_desk: { name: "ヘルプデスク", phone: "0570-000-000" },
};

test("the window follows readers and cards as they come and go", () => {
  assert.equal(phase(INITIAL), "connecting");
  assert.equal(phase(after(off())), "service_off");
  assert.equal(shownError(after(off()))?.code, "service_off");
  assert.equal(phase(after(readers())), "no_reader");
  assert.equal(phase(after(readers(empty()))), "no_card");
  assert.equal(phase(after(readers({ name: "A", state: "reading" }))), "reading");
  assert.equal(phase(after(readers(holding("A", card("a"))))), "pin");
  assert.equal(phase(after(readers(holding("A", card("a"))), readers(empty()))), "no_card");
});

test("one usable card is chosen by itself, two have to be chosen from", () => {
  const two = readers(holding("A", card("a")), holding("B", card("b")));
  assert.equal(chosenCard(after(readers(holding("A", card("a")), empty())))?.id, "a");
  assert.equal(phase(after(two)), "choose");
  assert.equal(chosenCard(after(two)), null);
  assert.equal(chosenCard(after(two, { type: "chosen", card: "b" }))?.id, "b");
  const expired = card("b", { problem: { code: "certificate_expired" } });
  assert.equal(chosenCard(after(readers(holding("A", card("a")), holding("B", expired))))?.id, "a");
});

test("a card that comes while a PIN is typed does not take the other's place", () => {
  const typed = after(readers(holding("A", card("a"))), { type: "typed" });
  const both = reduce(typed, readers(holding("A", card("a")), holding("B", card("b"))));
  assert.equal(chosenCard(both)?.id, "a");
});

test("why the only card can't be used is said, and a locked card has a state of its own", () => {
  for (const code of ["certificate_expired", "certificate_not_yet_valid", "card_busy"]) {
    const state = after(readers(holding("A", card("a", { problem: { code } }))));
    assert.deepEqual([phase(state), shownError(state)?.code], ["unusable", code]);
  }
  const foreign = after(readers({ name: "A", state: "unusable", error: { code: "unsupported_card" } }));
  assert.deepEqual([phase(foreign), shownError(foreign)?.code], ["unusable", "unsupported_card"]);
  const locked = after(readers(holding("A", card("a", { tries_left: 0, problem: { code: "pin_locked" } }))));
  assert.deepEqual([phase(locked), shownError(locked)?.code], ["locked", "pin_locked"]);
});

test("a wrong PIN leads back to the PIN with one try less, before the card is read again", () => {
  const state = after(...atWork(), failed("pin_wrong", 2));
  assert.equal(phase(state), "pin");
  assert.equal(shownError(state)?.code, "pin_wrong");
  assert.equal(chosenCard(state)?.tries_left, 2);
  const refreshed = reduce(state, readers(holding("A", card("a", { tries_left: 2 }))));
  assert.equal(shownError(refreshed)?.code, "pin_wrong");
});

test("a PIN locked by the last try takes the input away at once", () => {
  assert.equal(phase(after(...atWork(), failed("pin_locked"))), "locked");
});

test("a card taken out while it works is said until a card is there again", () => {
  const out = after(...atWork(), readers(empty()), failed("card_removed"));
  assert.deepEqual([phase(out), shownError(out)?.code], ["no_card", "card_removed"]);
  const back = reduce(out, readers(holding("A", card("a"))));
  assert.deepEqual([phase(back), shownError(back)], ["pin", null]);
});

test("what was said of one card is not said of the next", () => {
  const wrong = after(...atWork(), failed("pin_wrong", 2), readers(empty()));
  assert.equal(shownError(wrong), null);
});

test("what nothing in the window can mend stays, whatever the readers do", () => {
  for (const code of ["host_exited", "origin_not_allowed", "caller_not_allowed", "internal"]) {
    const state = after(failed(code), readers(holding("A", card("a"))), { type: "typed" });
    assert.deepEqual([phase(state), shownError(state)?.code], ["error", code]);
  }
  assert.equal(phase(after(...atWork(), { type: "ended", error: { code: "host_exited" } })), "error");
});

test("progress counts only while the card works", () => {
  const progress = { type: /** @type {const} */ ("progressed"), done: 3, total: 9 };
  assert.equal(phase(after(...atWork(), progress)), "working");
  assert.equal(after(...atWork(), progress).progress?.done, 3);
  assert.equal(after(readers(holding("A", card("a"))), progress).progress, null);
});

test("a PIN of a shape that the card would refuse is not sent", () => {
  const digits = { min: 6, max: 8, letters: false };
  const letters = { ...digits, letters: true };
  /** @type {[string, boolean, boolean][]} as in proto/src/card.rs */
  const cases = [
    ["123456", true, true],
    ["12345678", true, true],
    ["12345", false, false],
    ["123456789", false, false],
    ["12345a", false, true],
    ["12 456", false, false],
    ["１２３４５６", false, false],
    ["", false, false],
  ];
  for (const [pin, withDigits, withLetters] of cases) {
    assert.equal(isPossiblePin(pin, digits), withDigits, pin);
    assert.equal(isPossiblePin(pin, letters), withLetters, pin);
  }
});

/** @param {Event[]} events @returns {State} */
function after(...events) {
  return events.reduce(reduce, reduce(INITIAL, { type: "requested", request: REQUEST }));
}

/** @returns {Event[]} */
function atWork() {
  return [readers(holding("A", card("a"))), { type: "typed" }, { type: "started" }];
}

/** @param {Reader[]} list @returns {Event} */
function readers(...list) {
  return { type: "readers", service: "running", readers: list };
}

/** @returns {Event} */
function off() {
  return { type: "readers", service: "off", readers: [] };
}

/** @returns {Reader} */
function empty() {
  return { name: "A", state: "empty" };
}

/** @param {string} name @param {CardSummary} inside @returns {Reader} */
function holding(name, inside) {
  return { name, state: "card", card: inside };
}

/** @param {string} code @param {number} [tries_left] @returns {Event} */
function failed(code, tries_left) {
  return { type: "failed", error: tries_left === undefined ? { code } : { code, tries_left } };
}

/** @param {string} id @param {Partial<CardSummary>} [more] @returns {CardSummary} */
function card(id, more) {
  return {
    id,
    family: "piv",
    holder: "見本　太郎",
    company: "株式会社架空商会",
    issuer: "Touroku Test CA",
    not_before: "2026-01-01T00:00:00Z",
    not_after: "2028-01-01T00:00:00Z",
    tries_left: 3,
    pin: { min: 6, max: 8, letters: false },
    problem: null,
    ...more,
  };
}
