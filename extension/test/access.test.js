import assert from "node:assert/strict";
import { test } from "node:test";

import {
  agenciesOf,
  browserOf,
  helpDesk,
  isAllowed,
  isAllowedByRelay,
  logLevel,
  pinRules,
  refusal,
} from "../access.js";

const SITE = "https://ebid.example.jp";
const DEPLOYMENT = { origins: [{ origin: SITE, agencies: ["青森市"] }], help_desk: { name: "A", phone: "1" } };

test("a page at the top of its tab may ask; frames, other extensions and hidden documents may not", () => {
  const page = { origin: SITE, frameId: 0, documentLifecycle: "active" };
  assert.equal(refusal(page), null);
  assert.equal(refusal({ ...page, frameId: 3 }), "frame_not_allowed");
  assert.equal(refusal({ ...page, documentLifecycle: "prerender" }), "frame_not_allowed");
  assert.equal(refusal({ ...page, documentLifecycle: undefined }), "frame_not_allowed");
  assert.equal(refusal({ ...page, id: "a".repeat(32) }), "origin_not_allowed");
  assert.equal(refusal({ ...page, origin: undefined }), "origin_not_allowed");
  assert.equal(refusal(undefined), "origin_not_allowed");
});

test("through our relay comes a page of a site, and neither another extension nor a page of our own", () => {
  const id = "a".repeat(32);
  const relayed = { origin: SITE, id, frameId: 0, documentLifecycle: "active" };
  assert.equal(refusal(relayed, id), null);
  assert.equal(refusal(relayed, "b".repeat(32)), "origin_not_allowed");
  assert.equal(refusal({ ...relayed, id: undefined }, id), "origin_not_allowed");
  assert.equal(refusal({ ...relayed, origin: `chrome-extension://${id}` }, id), "origin_not_allowed");
  assert.equal(refusal({ ...relayed, frameId: 1 }, id), "frame_not_allowed");
});

test("a relayed site is one that the person has allowed and that the card program knows, and that no list forbids", () => {
  const sites = [{ origin: SITE, agencies: ["青森市"] }];
  const patterns = ["https://ebid.example.jp/*"];
  assert.equal(isAllowedByRelay(SITE, patterns, sites, {}), true);
  assert.equal(isAllowedByRelay(SITE, [], sites, {}), false);
  assert.equal(isAllowedByRelay(SITE, patterns, [], {}), false);
  // The pattern covers every port, the card program knows one.
  assert.equal(isAllowedByRelay(`${SITE}:8443`, patterns, sites, {}), false);
  assert.equal(isAllowedByRelay(SITE, patterns, sites, { allowed_origins: [] }), false);
  assert.equal(isAllowedByRelay(SITE, patterns, sites, null), false);
});

test("the site's own names and desk stand where the package has none", () => {
  const site = { origin: SITE, agencies: ["下関市"], help_desk: { name: "窓口", phone: "2", hours: "", note: "" } };
  const published = { origins: [], help_desk: { name: "発注機関の窓口", phone: "" } };
  assert.deepEqual(agenciesOf(SITE, {}, published, [site]), ["下関市"]);
  assert.deepEqual(helpDesk({}, published, site), site.help_desk);
  assert.equal(helpDesk({}, published, { origin: SITE, agencies: [] }).name, "発注機関の窓口");
  assert.equal(helpDesk({ help_desk: { name: "社内" } }, published, site).name, "社内");
});

test("the manifest's patterns decide by scheme, host and, where they name one, port", () => {
  const cases = [
    [SITE, "https://ebid.example.jp/*", true],
    ["http://ebid.example.jp", "https://ebid.example.jp/*", false],
    ["https://other.example.jp", "https://ebid.example.jp/*", false],
    ["https://ebid.example.jp.evil.example", "https://ebid.example.jp/*", false],
    ["https://ebid.example.jp:8443", "https://ebid.example.jp/*", true],
    ["https://ebid.example.jp:8443", "https://ebid.example.jp:443/*", false],
    ["http://localhost:8080", "http://localhost/*", true],
    ["https://a.example.jp", "https://*.example.jp/*", true],
    ["https://example.jp", "https://*.example.jp/*", true],
    ["https://notexample.jp", "https://*.example.jp/*", false],
    ["https://a.example.jp", "*://a.example.jp/*", true],
    ["null", "https://ebid.example.jp/*", false],
    ["", "https://ebid.example.jp/*", false],
    ["https://ebid.example.jp/", "https://ebid.example.jp/*", false],
    [SITE, "nonsense", false],
  ];
  for (const [origin, pattern, expected] of cases) {
    assert.equal(isAllowed(origin, [pattern], {}), expected, `${origin} by ${pattern}`);
  }
  assert.equal(isAllowed(SITE, [], {}), false);
});

test("an administrator's list narrows the manifest's and cannot widen it", () => {
  const patterns = ["https://ebid.example.jp/*", "https://second.example.jp/*"];
  const managed = { allowed_origins: ["https://second.example.jp/", "https://third.example.jp", "not an address"] };
  assert.equal(isAllowed("https://second.example.jp", patterns, managed), true);
  assert.equal(isAllowed(SITE, patterns, managed), false);
  assert.equal(isAllowed("https://third.example.jp", patterns, managed), false);
  assert.equal(isAllowed(SITE, patterns, { allowed_origins: [] }), false);
});

test("nobody may ask while an administrator's settings are missing", () => {
  assert.equal(isAllowed(SITE, ["https://ebid.example.jp/*"], null), false);
});

test("the administrator's names of agencies come before the package's", () => {
  const agencies = [
    { origin: `${SITE}/`, name: "八戸市" },
    { origin: SITE, name: "弘前市" },
    { origin: "https://second.example.jp", name: "別の市" },
    { origin: SITE },
  ];
  assert.deepEqual(agenciesOf(SITE, { agencies }, DEPLOYMENT), ["八戸市", "弘前市"]);
  assert.deepEqual(agenciesOf(SITE, {}, DEPLOYMENT), ["青森市"]);
  assert.deepEqual(agenciesOf("https://second.example.jp", {}, DEPLOYMENT), []);
});

test("another help desk does not come with our number", () => {
  const rest = { hours: "", note: "" };
  assert.deepEqual(helpDesk({}, DEPLOYMENT), { name: "A", phone: "1", ...rest });
  assert.deepEqual(helpDesk({ help_desk: { name: "B" } }, DEPLOYMENT), { name: "B", phone: "", ...rest });
  const own = { name: "B", phone: "2", hours: "平日", note: "内線" };
  assert.deepEqual(helpDesk({ help_desk: own }, DEPLOYMENT), own);
});

test("rules for the PIN that make no sense are the usual ones", () => {
  const usual = { entry: "window", last_try: "ask", idle_minutes: 5 };
  assert.deepEqual(pinRules({}), usual);
  assert.deepEqual(pinRules({ pin_entry: "elsewhere", pin_last_try: "", pin_idle_minutes: 1.5 }), usual);
  assert.equal(pinRules({ pin_idle_minutes: 0 }).idle_minutes, 1);
  assert.equal(pinRules({ pin_idle_minutes: 1e9 }).idle_minutes, 30);
});

test("without an administrator's setting a site's package says where its PIN is entered", () => {
  const site = { origin: SITE, agencies: [], asks_pin: true };
  assert.equal(pinRules({}, site).entry, "host");
  assert.equal(pinRules({ pin_entry: "window" }, site).entry, "window");
  assert.equal(pinRules({}, { origin: SITE, agencies: [] }).entry, "window");
});

test("a word on the log that we do not know is none", () => {
  assert.equal(logLevel({}), null);
  assert.equal(logLevel({ host_log_level: "loud" }), null);
  assert.equal(logLevel({ host_log_level: "debug" }), "debug");
});

test("the browser is known by its brands; others of the family are nobody", () => {
  const of = (...names) => browserOf(names.map((brand) => ({ brand })));
  assert.equal(of("Not)A;Brand", "Chromium", "Microsoft Edge"), "edge");
  assert.equal(of("Google Chrome", "Chromium", "Not?A_Brand"), "chrome");
  assert.equal(of("Chromium", "Not=A?Brand"), "chromium");
  assert.equal(of("Chromium", "Brave", "Not_A Brand"), null);
  assert.equal(of(), null);
});
