import assert from "node:assert/strict";
import { test } from "node:test";

import { PURPOSES } from "../limits.js";
import {
  cardFacts,
  deskText,
  errorText,
  lastTryRefused,
  pinHint,
  PURPOSE,
  triesText,
  triesWarning,
} from "../texts.js";
import { ERRORS, MY_NUMBER_ERRORS } from "../errors.js";
import { golden } from "./fakes.js";

const REQUEST = { agencies: ["青森市"], help_desk: { name: "入札ヘルプ", phone: "017-000-0000" } };
const CARD = {
  family: "piv",
  holder: "山田　太郎",
  company: "",
  issuer: "試験認証局",
  not_after: "2028-03-31T14:59:59Z",
};

test("every error code has its own words: what happened and what to do next", () => {
  const codes = golden("card_error_codes");
  assert.deepEqual(Object.keys(ERRORS).sort(), [...codes].sort());
  const happened = codes.map((code) => errorText({ code }, { request: REQUEST, issuer: "", family: "" }).happened);
  assert.equal(new Set(happened).size, codes.length);
  for (const code of codes) {
    const text = errorText({ code }, { request: REQUEST, issuer: "", family: "" });
    assert.match(text.happened, /[ぁ-ん].*。$/u, code);
    assert.match(text.next, /[ぁ-ん].*。$/u, code);
    assert.ok(text.detail.includes(code));
  }
});

test("an error says whom to call: the help desk by its number, the authority and the agency by name", () => {
  const call = (code) => errorText({ code }, { request: REQUEST, issuer: "試験認証局", family: "piv" }).call;
  assert.match(call("host_missing"), /入札ヘルプ.*017-000-0000/);
  assert.match(call("pin_locked"), /認証局（試験認証局）/);
  assert.match(call("bad_request"), /青森市/);
});

test("a wrong PIN says how many tries are left, and a technical word stays at the end", () => {
  const text = errorText({ code: "pin_wrong", tries_left: 2, detail: "63C2" }, { request: null, issuer: "", family: "" });
  assert.match(text.happened, /あと2回/);
  assert.match(text.detail, /pin_wrong.*63C2/);
});

test("a PIN that went to the card is told: counted or not, or that nobody knows", () => {
  const happened = (code, pin_sent) => errorText({ code, pin_sent }, { request: null, issuer: "", family: "" }).happened;
  assert.match(happened("pin_format", false), /送っていません/);
  assert.match(happened("pin_format", true), /送りましたが.*減っていません/);
  assert.match(happened("card_removed", true), /抜かれました.*届いているかもしれません.*1回減って/);
});

test("every purpose has a name", () => {
  assert.deepEqual(Object.keys(PURPOSE).sort(), [...PURPOSES].sort());
});

test("a card's expiry is told as the day in Japan, with the days that are left", () => {
  const at = (time) => cardFacts(CARD, Date.parse(time)).at(-1);
  assert.equal(at("2028-03-21T14:59:59Z"), "有効期限：2028年3月31日（あと10日）");
  assert.equal(at("2028-03-30T15:00:00Z"), "有効期限：2028年3月31日（本日まで使えます）");
  assert.equal(at("2028-03-30T14:59:59Z"), "有効期限：2028年3月31日（あと1日）");
  assert.equal(at("2028-03-31T14:59:58Z"), "有効期限：2028年3月31日（本日まで使えます）");
  assert.equal(at("2028-03-31T15:00:00Z"), "有効期限：2028年3月31日（期限切れ）");
  assert.equal(cardFacts({ ...CARD, not_after: "9999-12-31T23:59:59Z" }, 0).at(-1), "有効期限：期限の定めなし");
  // One second later it is April in Japan.
  const april = cardFacts({ ...CARD, not_after: "2028-03-31T15:00:00Z" }, 0).at(-1);
  assert.match(april, /2028年4月1日/);
});

test("a My Number Card shows no number for a name, and sends people to their municipality", () => {
  const card = { ...CARD, family: "jpki", holder: "", issuer: "JPKI" };
  assert.match(cardFacts(card, 0).join(), /マイナンバーカード.*氏名の記載なし/);
  for (const code of Object.keys(MY_NUMBER_ERRORS)) {
    const text = errorText({ code }, { request: null, issuer: "JPKI", family: "jpki" });
    assert.doesNotMatch(JSON.stringify(text), /認証局/, code);
  }
  const locked = errorText({ code: "pin_locked" }, { request: null, issuer: "JPKI", family: "jpki" });
  assert.match(locked.next, /市区町村の窓口/);
  assert.match(locked.call, /市区町村/);
  for (const text of [triesWarning(card), lastTryRefused(card)]) {
    assert.match(text, /市区町村/);
  }
  assert.match(triesWarning(CARD) + lastTryRefused(CARD), /認証局/);
});

test("what a certificate does not say is left out", () => {
  const facts = cardFacts({ ...CARD, holder: "", issuer: "" }, 0);
  assert.equal(facts.length, 2);
  assert.doesNotMatch(facts.join(), /null|undefined/);
});

test("the tries and the PIN's rules are told as they are", () => {
  assert.equal(triesText(3), "残り3回");
  assert.match(triesText(null), /分かりません/);
  assert.equal(pinHint({ min: 6, max: 8, letters: false }), "半角数字6〜8桁");
  assert.equal(pinHint({ min: 4, max: 4, letters: true }), "半角英数字4文字");
});

test("where an administrator looks after the computer, the administrator is named", () => {
  const next = (code, managed) => errorText({ code }, { request: { ...REQUEST, managed }, issuer: "", family: "" }).next;
  for (const code of ["host_missing", "host_too_old", "host_too_new"]) {
    assert.match(next(code, true), /管理者/);
    assert.doesNotMatch(next(code, false), /管理者/);
  }
  assert.equal(next("no_card", true), next("no_card", false));
});

test("the help desk stands at the window's foot, with its hours and note where it has them", () => {
  const desk = { name: "入札ヘルプ", phone: "", hours: "", note: "" };
  assert.deepEqual(deskText(desk), ["お困りのときは：入札ヘルプ", ""]);
  const full = deskText({ ...desk, phone: "017-000-0000", hours: "平日9時から17時", note: "内線でもどうぞ。" });
  assert.deepEqual(full, ["お困りのときは：入札ヘルプ（電話 017-000-0000）　受付：平日9時から17時", "内線でもどうぞ。"]);
});
