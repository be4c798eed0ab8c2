// Everything from outside is parsed here once: a page's requests and the host's messages. What does not match is
// refused as a whole; nothing half-parsed goes on.

import { CODES } from "./codes.js";
import { MAX_DOCUMENT, NONCE_LENGTH, PURPOSES, UNSEEN } from "./limits.js";

/** @import { CardError, HostMessage, PageRequest, Purpose } from "./types" */

/**
 * In bytes of JSON. A page's request is an application, or a nonce and two words; nothing legitimate is larger.
 */
const MAX_REQUEST = MAX_DOCUMENT + 8 * 1024;

/** Random bytes of a challenge, followed by as many that bind it. */
const HALF = 32;

/** A card's id (proto/src/card/mod.rs). */
const CARD = /^[0-9a-f]{64}$/;

/** The first lines of an application: title, format, site, number, and agency (proto/src/document.rs). */
const HEAD = /^(?<title>[^\n \u3000][^\n]*)\n書式\n\u3000touroku-application:1\nサイト\n\u3000(?<origin>https?:\/\/[^\n]+)\n受付番号\n\u3000(?<number>[^\n]+)\n(?:(?:[^\n]+\n\u3000[^\n]*\n){2}発注機関\n\u3000(?<agency>[^\n]+)\n)?/;

/** The longest name of an agency, in UTF-16 units: the card window shows it in full. */
const MAX_AGENCY = 200;

/** Base64 of at least 32 random bytes (proto/src/token.rs). */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Parses a page's request.
 * @param {unknown} value
 * @returns {{ request: PageRequest } | { error: CardError }}
 */
export function readPageRequest(value) {
  if (!isObject(value) || byteLength(value) > MAX_REQUEST) {
    return { error: badRequest("type") };
  }
  switch (value["type"]) {
    case "status":
      return { request: { type: "status" } };
    case "check_up":
      return { request: { type: "check_up" } };
    case "cancel":
      return { request: { type: "cancel" } };
    case "authenticate": {
      const { nonce, purpose, agency = "", my_number = false } = value;
      if (typeof nonce !== "string" || !isNonce(nonce)) {
        return { error: badRequest("nonce") };
      }
      if (typeof agency !== "string" || agency.length > MAX_AGENCY || UNSEEN.test(agency) || agency.includes("\n")) {
        return { error: badRequest("agency") };
      }
      if (typeof my_number !== "boolean") {
        return { error: badRequest("my_number") };
      }
      const known = PURPOSES.find((candidate) => candidate === purpose);
      return known
        ? { request: { type: "authenticate", nonce, purpose: known, ...(agency && { agency }), ...(my_number && { my_number }) } }
        : { error: badRequest("purpose") };
    }
    case "sign": {
      const { document, card } = value;
      if (typeof document !== "string" || readDocument(document) === null) {
        return { error: badRequest("document") };
      }
      return typeof card === "string" && CARD.test(card)
        ? { request: { type: "sign", document, card } }
        : { error: badRequest("card") };
    }
    default:
      return { error: badRequest("type") };
  }
}

/**
 * Whether a challenge is for that purpose at that agency. Its second half says so (proto/src/token.rs): the page
 * could
 * ask the server for one thing and show the person another, but not with a challenge that the server accepts.
 * One without that half comes from an older server, which binds its challenges to nothing.
 * @param {string} nonce
 * @param {Purpose} purpose
 * @param {string} agency
 */
export async function isChallengeFor(nonce, purpose, agency) {
  const bytes = Uint8Array.from(atob(nonce), (character) => character.charCodeAt(0));
  if (bytes.length !== 2 * HALF) {
    return agency === "";
  }
  const named = new TextEncoder().encode(`${purpose}\n${agency}`);
  const bound = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array([...bytes.slice(0, HALF), ...named])));
  return bound.every((byte, index) => byte === bytes[HALF + index]);
}

/**
 * Parses an application's head; `null` when the text is not one.
 * @param {string} text
 * @returns {{ title: string, origin: string, number: string, agency: string } | null}
 */
export function readDocument(text) {
  const sound = new TextEncoder().encode(text).length <= MAX_DOCUMENT && text.endsWith("\n") && !UNSEEN.test(text);
  const { title, origin, number, agency = "" } = (sound && HEAD.exec(text)?.groups) || {};
  return title && origin && number ? { title, origin, number, agency } : null;
}

/**
 * Parses a message of the host; `null` when it is not one of ours. Fields added by a newer host are ignored;
 * a code that it added becomes `internal` with its name (as in proto/src/card/error.rs).
 * @param {unknown} value
 * @returns {HostMessage | null}
 */
export function readHostMessage(value) {
  if (!isObject(value)) {
    return null;
  }
  const message = /** @type {any} */ (value);
  // Only our own words: every object also has a callable `constructor`.
  if (!Object.hasOwn(HOST_MESSAGES, message.type) || !HOST_MESSAGES[message.type]?.(message)) {
    return null;
  }
  return withKnownCodes(message);
}

/**
 * The same message, with its errors in codes that we know. @param {HostMessage} message @returns {HostMessage}
 */
function withKnownCodes(message) {
  if (message.type === "error") {
    return { ...message, error: knownError(message.error) };
  }
  if (message.type !== "readers") {
    return message;
  }
  const readers = message.readers.map((reader) => {
    if (reader.state === "unusable") {
      return { ...reader, error: knownError(reader.error) };
    }
    const problem = reader.state === "card" ? reader.card.problem : null;
    return reader.state === "card" && problem ? { ...reader, card: { ...reader.card, problem: knownError(problem) } } : reader;
  });
  return { ...message, readers };
}

/** @param {CardError} error @returns {CardError} */
function knownError(error) {
  return Object.hasOwn(CODES, error.code) ? error : { code: "internal", detail: error.code };
}

/** @type {Record<string, (message: any) => boolean>} */
const HOST_MESSAGES = {
  hello: (m) => isPart(m) && isList(m.capabilities, isString),
  status: (m) =>
    isCount(m.id) &&
    isService(m.service) &&
    isCount(m.readers) &&
    isCount(m.cards) &&
    (m.sites === undefined || isList(m.sites, isSite)),
  findings: (m) => isCount(m.id) && isList(m.findings, isFinding),
  readers: (m) => isService(m.service) && isList(m.readers, isReader),
  progress: (m) =>
    isCount(m.id) && isCount(m.done) && isCount(m.total) && (m.pad_seconds === undefined || isCount(m.pad_seconds)),
  token: (m) => isCount(m.id) && isToken(m.token),
  signature: (m) => isCount(m.id) && isSignature(m.signature),
  done: (m) => isCount(m.id),
  error: (m) => (m.id === null || isCount(m.id)) && isError(m.error),
};

/** @param {any} part */
function isPart(part) {
  return isString(part.version) && isCount(part.protocol) && isCount(part.oldest_protocol);
}

/** @param {any} site */
function isSite(site) {
  const desk = site?.help_desk;
  return (
    isObject(site) &&
    URL.canParse(site["origin"]) &&
    new URL(site["origin"]).origin === site["origin"] &&
    isList(site["agencies"], isString) &&
    [undefined, true, false].includes(site["asks_pin"]) &&
    (desk === undefined || (isObject(desk) && ["name", "phone", "hours", "note"].every((key) => isString(desk[key]))))
  );
}

/** @param {any} finding */
function isFinding(finding) {
  return (
    isObject(finding) &&
    ["code", "what", "next", "ask"].every((key) => isString(finding[key])) &&
    ["note", "warning", "error"].includes(finding["severity"])
  );
}

/** @param {any} reader */
function isReader(reader) {
  if (!isObject(reader) || !isString(reader["name"])) {
    return false;
  }
  switch (reader["state"]) {
    case "empty":
    case "reading":
      return true;
    case "card":
      return isCard(reader["card"]);
    case "unusable":
      return isError(reader["error"]);
    default:
      return false;
  }
}

/** @param {any} card */
function isCard(card) {
  return (
    isObject(card) &&
    ["id", "family", "holder", "company", "issuer"].every((key) => isString(card[key])) &&
    isTime(card["not_before"]) &&
    isTime(card["not_after"]) &&
    (card["tries_left"] === null || isCount(card["tries_left"])) &&
    isObject(card["pin"]) &&
    isCount(card["pin"]["min"]) &&
    isCount(card["pin"]["max"]) &&
    typeof card["pin"]["letters"] === "boolean" &&
    ["pin_pad", "tries_low"].every((key) => card[key] === undefined || typeof card[key] === "boolean") &&
    (card["problem"] === null || isError(card["problem"]))
  );
}

/** @param {any} token */
function isToken(token) {
  return (
    isObject(token) &&
    ["unverifiedCertificate", "algorithm", "signature", "format", "appVersion"].every((key) => isString(token[key]))
  );
}

/** @param {any} signature */
function isSignature(signature) {
  return (
    isObject(signature) &&
    ["certificate", "algorithm", "signature"].every((key) => isString(signature[key])) &&
    isCount(signature["signed_at"])
  );
}

/** @param {string} nonce */
function isNonce(nonce) {
  return nonce.length >= NONCE_LENGTH.min && nonce.length <= NONCE_LENGTH.max && BASE64.test(nonce);
}

/** @param {any} error */
function isError(error) {
  return (
    isObject(error) &&
    isString(error["code"]) &&
    (error["tries_left"] === undefined || isCount(error["tries_left"])) &&
    (error["pin_sent"] === undefined || typeof error["pin_sent"] === "boolean") &&
    (error["field"] === undefined || isString(error["field"])) &&
    (error["detail"] === undefined || isString(error["detail"]))
  );
}

/** @param {unknown} value */
function byteLength(value) {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** @param {unknown} value @returns {value is Record<string, any>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @returns {value is string} */
function isString(value) {
  return typeof value === "string";
}

/** A moment, RFC 3339. @param {unknown} value */
function isTime(value) {
  return isString(value) && /^\d{4}-\d\d-\d\dT/.test(value) && Number.isFinite(Date.parse(value));
}

/** @param {unknown} value */
function isCount(value) {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @param {unknown} value */
function isService(value) {
  return value === "running" || value === "off";
}

/** @param {unknown} value @param {(item: any) => boolean} test */
function isList(value, test) {
  return Array.isArray(value) && value.every(test);
}

/** @param {string} field @returns {CardError} */
function badRequest(field) {
  return { code: "bad_request", field };
}
