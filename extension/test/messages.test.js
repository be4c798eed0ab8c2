import assert from "node:assert/strict";
import { test } from "node:test";

import { CODES } from "../codes.js";
import { PURPOSES } from "../limits.js";
import { isChallengeFor, readDocument, readHostMessage, readPageRequest } from "../messages.js";
import { golden } from "./fakes.js";

const NONCE = `${"A".repeat(43)}=`;

/** An application like the golden one. @type {string} */
const APPLICATION = golden("page_requests").find((/** @type {any} */ { type }) => type === "sign").document;

test("an application says what it is, for which site, and its number", () => {
  const head = { title: "利用者登録の申請", origin: "https://ebid.example.jp", number: "20261121-ABCDEFGH", agency: "" };
  assert.deepEqual(readDocument(APPLICATION), head);
  const named = "受付日時\n\u3000今日\n照合番号\n\u30001\n発注機関\n\u3000青森市\n■";
  assert.deepEqual(readDocument(APPLICATION.replace("■", named)), { ...head, agency: "青森市" });
  assert.equal(readDocument(APPLICATION.replace("application:1", "application:2")), null);
});

test("every golden request of a page is read as it is", () => {
  for (const request of golden("page_requests")) {
    assert.deepEqual(readPageRequest(request), { request });
  }
});

test("every golden message of the host is read as it is", () => {
  for (const message of golden("host_messages")) {
    assert.deepEqual(readHostMessage(message), message);
  }
});

test("the extension knows the golden error codes, each of them and no other", () => {
  assert.deepEqual(Object.keys(CODES).sort(), golden("card_error_codes").sort());
});

test("every purpose of the golden requests is known", () => {
  const used = golden("page_requests").flatMap((request) => request.purpose ?? []);
  assert.deepEqual(new Set(used), new Set(PURPOSES));
});

test("a request of another shape is refused with the field that is wrong", () => {
  const cases = [
    [null, "type"],
    ["status", "type"],
    [["status"], "type"],
    [{}, "type"],
    [{ type: "sign", data: "00" }, "document"],
    [{ type: "sign", document: "甲\n", card: "ab".repeat(32) }, "document"],
    [{ type: "sign", document: APPLICATION.replace("\n■", "\u202e\n■"), card: "ab".repeat(32) }, "document"],
    [{ type: "sign", document: APPLICATION + `${"甲".repeat(11_000)}\n`, card: "ab".repeat(32) }, "document"],
    [{ type: "sign", document: APPLICATION, card: "ab" }, "card"],
    [{ type: "authenticate", purpose: "bid" }, "nonce"],
    [{ type: "authenticate", nonce: 1, purpose: "bid" }, "nonce"],
    [{ type: "authenticate", nonce: "A".repeat(40), purpose: "bid" }, "nonce"],
    [{ type: "authenticate", nonce: "A".repeat(132), purpose: "bid" }, "nonce"],
    [{ type: "authenticate", nonce: "あ".repeat(44), purpose: "bid" }, "nonce"],
    [{ type: "authenticate", nonce: NONCE }, "purpose"],
    [{ type: "authenticate", nonce: NONCE, purpose: "toString" }, "purpose"],
    [{ type: "authenticate", nonce: NONCE, purpose: "bid", agency: 1 }, "agency"],
    [{ type: "authenticate", nonce: NONCE, purpose: "bid", agency: "市\u202e" }, "agency"],
    [{ type: "authenticate", nonce: NONCE, purpose: "bid", agency: "市".repeat(201) }, "agency"],
    [{ type: "authenticate", nonce: NONCE, purpose: "bid", my_number: "yes" }, "my_number"],
    [{ type: "authenticate", nonce: NONCE, purpose: "bid", my_number: null }, "my_number"],
  ];
  for (const [value, field] of cases) {
    assert.deepEqual(readPageRequest(value), { error: { code: "bad_request", field } }, JSON.stringify(value));
  }
});

test("a challenge is good for the purpose and the agency that the server made it for", async () => {
  const { nonce, purpose, agency } = golden("page_requests").find((request) => request.agency);
  assert.equal(await isChallengeFor(nonce, purpose, agency), true);
  assert.equal(await isChallengeFor(nonce, "register", agency), false);
  assert.equal(await isChallengeFor(nonce, purpose, "弘前市"), false);
  assert.equal(await isChallengeFor(nonce, purpose, ""), false);
  assert.equal(await isChallengeFor(NONCE, purpose, ""), true, "of an older server");
  assert.equal(await isChallengeFor(NONCE, purpose, agency), false, "an older server names no agency");
});

test("what a page adds to a request does not go on", () => {
  const request = { type: "authenticate", nonce: NONCE, purpose: "bid" };
  assert.deepEqual(readPageRequest({ ...request, origin: "https://other.example" }), { request });
  assert.deepEqual(readPageRequest({ ...request, my_number: false }), { request });
});

test("a request of more than 40 KiB is refused, counted in bytes", () => {
  assert.ok("request" in readPageRequest({ type: "status", more: "x".repeat(40_000) }));
  assert.ok("error" in readPageRequest({ type: "status", more: "x".repeat(41_000) }));
  assert.ok("error" in readPageRequest({ type: "status", more: "あ".repeat(14_000) }));
});

test("a message of the host with any part missing or of another kind is none", () => {
  // Optional parts: what is left is a complete message.
  const optional = new Set(["detail", "field", "tries_left"]);
  for (const message of golden("host_messages")) {
    for (const path of paths(message)) {
      if (optional.has(path.at(-1)) && !path.includes("card")) {
        continue;
      }
      if (!["pin_pad", "tries_low", "pad_seconds", "sites", "help_desk", "asks_pin"].includes(path.at(-1))) {
        assert.equal(readHostMessage(changed(message, path, undefined)), null, `${JSON.stringify(message)} without ${path}`);
      }
      assert.equal(readHostMessage(changed(message, path, { odd: 1 })), null, `${JSON.stringify(message)}, ${path} odd`);
    }
  }
});

test("what a newer host adds is left unread: fields, and codes, which become internal with their names", () => {
  const internal = { code: "internal", detail: "new_code" };
  const error = { type: "error", id: 1, error: { code: "new_code", tries_left: 1, more: {} } };
  assert.deepEqual(readHostMessage(error), { type: "error", id: 1, error: internal });
  const [reader] = golden("host_messages").flatMap((m) => m.readers ?? []).filter((r) => r.state === "card");
  const card = { ...reader, card: { ...reader.card, problem: { code: "new_code" } } };
  const readers = { type: "readers", service: "running", readers: [card, { name: "2", state: "unusable", error: { code: "new_code" } }] };
  const read = readHostMessage(readers).readers;
  assert.deepEqual([read[0].card.problem, read[1].error], [internal, internal]);
  assert.equal(readHostMessage({ type: "done", id: 1, more: [1] }).id, 1);
});

test("a host's message with an unknown type, state or date is none", () => {
  const [reader] = golden("host_messages").flatMap((m) => m.readers ?? []).filter((r) => r.state === "card");
  const readers = (changes) => ({ type: "readers", service: "running", readers: [{ ...reader, ...changes }] });
  assert.notEqual(readHostMessage(readers({})), null);
  assert.equal(readHostMessage(readers({ state: "constructor" })), null);
  assert.equal(readHostMessage(readers({ card: { ...reader.card, not_after: "soon" } })), null);
  assert.equal(readHostMessage(readers({ card: { ...reader.card, tries_left: -1 } })), null);
  assert.equal(readHostMessage({ type: "error", id: 1, error: { code: 5 } }), null);
  for (const value of [null, 1, "hello", [], {}, { type: "greeting" }, { type: "toString" }]) {
    assert.equal(readHostMessage(value), null);
  }
});

/** The paths to all values in a message. */
function paths(value, before = []) {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.keys(value).flatMap((key) =>
    Array.isArray(value) ? paths(value[key], [...before, key]) : [[...before, key], ...paths(value[key], [...before, key])],
  );
}

/** A copy with one value replaced, or removed. */
function changed(value, [key, ...rest], replacement) {
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[key] = rest.length > 0 ? changed(value[key], rest, replacement) : replacement;
  return copy;
}
