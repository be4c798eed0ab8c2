import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenCard, idleWarning, INITIAL, isAtReader, isChoice, isLastTryRefused, isPossiblePin, phase, reduce, shownError, usableCards } from "../card-state.js";
import { golden } from "./fakes.js";

const PIN = { entry: "window", last_try: "ask", idle_minutes: 5 };
const REQUEST = { origin: "https://ebid.example.jp", what: { nonce: "", purpose: "bid" }, agencies: [], help_desk: {}, pin: PIN };
const [READER] = golden("host_messages").flatMap((m) => m.readers ?? []).filter((r) => r.state === "card");
const EMPTY = { name: "0", state: "empty" };

const card = (id, changes = {}) => ({ name: `reader of ${id}`, state: "card", card: { ...READER.card, id, ...changes } });
const readers = (...list) => ({ type: "readers", service: "running", readers: list });
const failed = (code, more = {}) => ({ type: "failed", error: { code, ...more } });

test("an idle window warns two minutes before it closes, or after half of a short time", () => {
  assert.deepEqual([1, 3, 5, 30].map(idleWarning), [30_000, 90_000, 120_000, 120_000]);
});

/** The state after a request and these events. */
function after(...events) {
  return events.reduce(reduce, reduce(INITIAL, { type: "requested", request: REQUEST }));
}

test("the window follows readers and cards as they come and go", () => {
  const steps = [
    [{ type: "readers", service: "off", readers: [] }, "service_off"],
    [readers(), "no_reader"],
    [{ ...readers(card("a")), service: "off" }, "pin"],
    [{ ...readers({ name: "module.so", state: "unusable", error: { code: "module_failed" } }), service: "off" }, "service_off"],
    [{ ...readers(card("a", { problem: { code: "pin_locked" } })), service: "off" }, "locked"],
    [readers(EMPTY), "no_card"],
    [readers({ name: "0", state: "reading" }), "reading"],
    [readers({ name: "0", state: "unusable", error: { code: "unsupported_card" } }), "unusable"],
    [readers(card("a", { problem: { code: "certificate_expired" } })), "unusable"],
    [readers(card("a", { problem: { code: "pin_locked" } })), "locked"],
    [readers(card("a")), "pin"],
    [readers(card("a"), card("b")), "choose"],
    [readers(EMPTY), "no_card"],
  ];
  let state = after();
  assert.equal(phase(state), "connecting");
  for (const [event, expected] of steps) {
    state = reduce(state, event);
    assert.equal(phase(state), expected);
  }
});

test("a card that cannot be used does not hide one that can", () => {
  const state = after(readers(card("a", { problem: { code: "pin_locked" } }), EMPTY, card("b")));
  assert.equal(chosenCard(state).id, "b");
  assert.equal(phase(state), "pin");
  assert.equal(shownError(state), null);
});

test("the only card that can be used is chosen by itself; of two, none", () => {
  assert.equal(chosenCard(after(readers(card("a")))).id, "a");
  assert.equal(chosenCard(after(readers(card("a"), card("b")))), null);
});

test("a second card does not take a PIN away from the card it was begun for", () => {
  const state = after(readers(card("a")), { type: "typed" }, readers(card("a"), card("b")));
  assert.equal(chosenCard(state).id, "a");
  assert.ok(isChoice(state));
});

test("when the chosen card goes, another that is there is not taken in its place", () => {
  const state = after(readers(card("a"), card("b")), { type: "chosen", card: "a" }, readers(EMPTY, card("b")));
  assert.equal(chosenCard(state), null);
  assert.equal(phase(state), "choose");
  assert.equal(chosenCard(reduce(state, { type: "chosen", card: "b" })).id, "b");
});

test("when one card takes another's place at once, the person is asked", () => {
  const state = after(readers(card("a")), { type: "typed" }, readers(card("b")));
  assert.equal(phase(state), "choose");
});

test("a card put in after the chosen one was taken out is a new beginning", () => {
  const state = after(readers(card("a")), { type: "typed" }, readers(EMPTY), readers(card("b")));
  assert.equal(phase(state), "pin");
  assert.equal(chosenCard(state).id, "b");
});

test("while the host's own dialog asks for the PIN the window says so, until the card is at work", () => {
  const request = { ...REQUEST, pin: { ...PIN, entry: "host" } };
  const steps = [{ type: "requested", request }, readers(card("a")), { type: "started" }];
  const asking = steps.reduce(reduce, INITIAL);
  assert.equal(phase(asking), "asking");
  assert.equal(phase(reduce(asking, { type: "progressed", done: 1, total: 9, pad_until: null })), "working");
  const wrong = reduce(asking, failed("pin_wrong", { tries_left: 2 }));
  assert.equal(phase(wrong), "pin");
  assert.equal(chosenCard(wrong).tries_left, 2);
});

test("an administrator can keep the last try from being used", () => {
  const request = { ...REQUEST, pin: { ...PIN, last_try: "refuse" } };
  const with_tries = (tries_left) =>
    [{ type: "requested", request }, readers(card("a", { tries_left }))].reduce(reduce, INITIAL);
  assert.ok(isLastTryRefused(with_tries(1)));
  assert.ok(!isLastTryRefused(with_tries(2)));
  assert.ok(!isLastTryRefused(after(readers(card("a", { tries_left: 1 })))));
});

test("progress is shown while the card is at work, and ends with a failure", () => {
  const working = after(readers(card("a")), { type: "started" }, { type: "progressed", done: 3, total: 9, pad_until: null });
  assert.equal(phase(working), "working");
  assert.deepEqual(working.progress, { card: "a", done: 3, total: 9, asking: false, pad_until: null });
  assert.equal(phase(reduce(working, failed("card_error"))), "pin");
  assert.equal(reduce(after(), { type: "progressed", done: 1, total: 2, pad_until: null }).progress, null);
});

test("who is too slow at the reader's keys, or gives up there, may try again; elsewhere a time-out is the end", () => {
  const pad = readers(card("a", { pin_pad: true }));
  const working = after(pad, { type: "started" });
  const at = (pad_until) => reduce(working, { type: "progressed", done: 8, total: 14, pad_until });
  assert.ok(isAtReader(at(60_000)) && !isAtReader(working) && !isAtReader(at(null)));
  for (const code of ["timed_out", "cancelled"]) {
    const late = reduce(at(60_000), failed(code));
    assert.equal(phase(late), "pin");
    assert.equal(shownError(late).code, code);
    assert.equal(shownError(reduce(late, pad)).code, code, "it stays to be read");
    assert.equal(shownError(reduce(late, { type: "started" })), null);
  }
  assert.equal(phase(reduce(at(null), failed("timed_out"))), "error");
});

test("a wrong PIN leaves the card's own count at once, before the reader is read again", () => {
  const state = after(readers(card("a")), { type: "started" }, failed("pin_wrong", { tries_left: 2 }));
  assert.equal(chosenCard(state).tries_left, 2);
  assert.equal(shownError(state).code, "pin_wrong");
  assert.equal(phase(state), "pin");
});

test("a card that locks asks for no PIN any more", () => {
  for (const error of [failed("pin_locked"), failed("pin_wrong", { tries_left: 0 })]) {
    const state = after(readers(card("a")), { type: "started" }, error);
    assert.equal(phase(state), "locked");
    assert.deepEqual(usableCards(state), []);
  }
});

test("a card that does not tell its tries asks before the last one all the same", () => {
  const state = after(readers(card("a", { tries_left: null })), { type: "started" }, failed("pin_last_try", { tries_left: 1 }));
  assert.equal(chosenCard(state).tries_left, 1);
});

test("what was said of a card goes when the card goes, and when it is known better", () => {
  const broken = after(readers(card("a")), { type: "started" }, failed("card_error"));
  assert.equal(shownError(reduce(broken, readers(card("a")))).code, "card_error");
  assert.equal(shownError(reduce(broken, readers(EMPTY))), null);
  const wrong = after(readers(card("a")), { type: "started" }, failed("pin_wrong", { tries_left: 2 }));
  assert.equal(shownError(reduce(wrong, readers(card("a", { tries_left: 2 })))).code, "pin_wrong");
  const locked = reduce(wrong, readers(card("a", { tries_left: 0, problem: { code: "pin_locked" } })));
  assert.equal(shownError(locked).code, "pin_locked");
});

test("a try that was lost just before the card was pulled is told beside the missing card", () => {
  for (const order of [[readers(EMPTY), failed("pin_wrong", { tries_left: 2 })], [failed("pin_wrong", { tries_left: 2 }), readers(EMPTY)]]) {
    const state = after(readers(card("a")), { type: "started" }, ...order);
    assert.equal(phase(state), "no_card");
    assert.deepEqual(shownError(state), { code: "pin_wrong", tries_left: 2 });
    assert.equal(shownError(reduce(state, readers(card("b")))), null);
  }
});

test("that a card was pulled is said until a card that can be used is there", () => {
  for (const order of [[readers(EMPTY), failed("card_removed")], [failed("card_removed"), readers(EMPTY)]]) {
    const state = after(readers(card("a")), { type: "started" }, ...order);
    assert.equal(phase(state), "no_card");
    assert.equal(shownError(state).code, "card_removed");
    assert.equal(shownError(reduce(state, { ...readers({ name: "0", state: "reading" }) })).code, "card_removed");
    assert.equal(shownError(reduce(state, readers(card("a")))), null);
  }
});

test("that the card was another one is said until the next PIN is begun", () => {
  const state = after(readers(card("a")), { type: "started" }, readers(card("b")), failed("card_changed"));
  assert.equal(shownError(reduce(state, readers(card("b")))).code, "card_changed");
  assert.equal(shownError(reduce(reduce(state, { type: "chosen", card: "b" }), { type: "typed" })), null);
});

test("what nothing in the window can mend stays", () => {
  for (const event of [failed("origin_not_allowed"), failed("internal"), { type: "ended", error: { code: "host_exited" } }]) {
    const state = [readers(EMPTY), readers(card("a")), { type: "typed" }].reduce(reduce, after(event));
    assert.equal(phase(state), "error");
    assert.equal(shownError(state).code, event.error.code);
  }
});

test("a PIN that could not be right is known before it costs a try", () => {
  const digits = { min: 6, max: 8, letters: false };
  const letters = { min: 6, max: 8, letters: true };
  // As in proto/src/card.rs.
  const cases = [
    ["123456", true, true],
    ["12345678", true, true],
    ["12345", false, false],
    ["123456789", false, false],
    ["12345a", false, true],
    ["１２３４５６", false, false],
    ["12 456", false, false],
    ["", false, false],
  ];
  for (const [pin, withDigits, withLetters] of cases) {
    assert.equal(isPossiblePin(pin, digits), withDigits, pin);
    assert.equal(isPossiblePin(pin, letters), withLetters, pin);
  }
});

test("an application is offered to the card that has to sign it and to no other", () => {
  const request = { ...REQUEST, what: { document: "", card: "b" } };
  const other = after({ type: "requested", request }, readers(card("a")));
  assert.equal(phase(other), "unusable");
  assert.equal(shownError(other).code, "other_card");
  const both = reduce(other, readers(card("a"), card("b")));
  assert.equal(phase(both), "pin");
  assert.equal(chosenCard(both).id, "b");
  const gone = reduce(reduce(both, { type: "typed" }), readers(card("a")));
  assert.equal(chosenCard(gone), null);
});
