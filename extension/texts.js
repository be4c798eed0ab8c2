// Every Japanese sentence of the extension except those of errors, which are in errors.js. An error says what
// happened, what to do next, and whom to call.

import { CODES } from "./codes.js";
import { ERRORS, MY_NUMBER_ERRORS, PIN_UNANSWERED } from "./errors.js";

/** @import { CardError, CardRequest, CardSummary, Desk, Purpose } from "./types" */

/** @type {Record<Purpose, string>} */
export const PURPOSE = {
  register: "利用者登録",
  change: "利用者変更",
  renew_old: "ICカード更新（現在のICカード）",
  renew_new: "ICカード更新（新しいICカード）",
  bid: "電子入札",
  check: "環境確認",
  officer: "発注機関のログイン",
};

/** Used instead of a purpose where an application is signed. */
export const SIGNING = "申請内容に署名します";

/** The host's word for My Number Cards (host/src/card/jpki). */
const MY_NUMBER = "jpki";

/**
 * An error in words.
 * @param {CardError} error
 * @param {{ request: CardRequest | null, issuer: string, family: string }} about who asked, and the card's
 *   certification authority and family
 */
export function errorText(error, about) {
  const code = Object.hasOwn(CODES, error.code) ? error.code : "internal";
  const special = about.family === MY_NUMBER ? MY_NUMBER_ERRORS[code] : undefined;
  const usual = /** @type {NonNullable<typeof ERRORS[string]>} */ (ERRORS[code]);
  const { what, next, sent } = special ?? { ...usual, next: usual.window ?? usual.next };
  const managed = about.request?.managed ? usual.managed : undefined;
  const left = error.code === "pin_wrong" && error.tries_left !== undefined ? `あと${error.tries_left}回試せます。` : "";
  const happened = !error.pin_sent ? what : (sent ?? what + PIN_UNANSWERED);
  const detail = [error.code, error.field, error.detail].filter((part) => part !== undefined).join(" / ");
  const call = whomToCall(special?.desk ?? CODES[code]?.desk, about);
  return { happened: happened + left, next: managed ?? next, call, detail: `エラーコード：${detail}` };
}

/** @param {string | undefined} whom @param {{ request: CardRequest | null, issuer: string, family: string }} about */
function whomToCall(whom, { request, issuer }) {
  switch (whom) {
    case "help_desk":
      return `お問い合わせ：${request ? deskName(request.help_desk) : "ヘルプデスク"}`;
    case "authority":
      return `お問い合わせ：このICカードの認証局${issuer ? `（${issuer}）` : ""}`;
    case "municipality":
      return "お問い合わせ：お住まいの市区町村の、マイナンバーカードの窓口";
    case "agency": {
      const agencies = request?.agencies.join("、");
      return `お問い合わせ：発注機関${agencies ? `（${agencies}）` : ""}`;
    }
    default:
      return "";
  }
}

/** @param {Desk} desk */
function deskName({ name, phone }) {
  return `${name}${phone ? `（電話 ${phone}）` : ""}`;
}

/** Whom to call about this computer, at the window's foot. @param {Desk} desk @returns {[string, string]} */
export function deskText(desk) {
  const hours = desk.hours ? `　受付：${desk.hours}` : "";
  return [`お困りのときは：${deskName(desk)}${hours}`, desk.note];
}

/** What the window asks for in each of its states. @type {Record<string, string>} */
export const GUIDANCE = {
  connecting: "カードリーダーを調べています。",
  service_off: "スマートカードのサービスを待っています。",
  no_reader: "カードリーダーをパソコンにつないでください。つながると、この画面は自動で進みます。",
  no_card: "ICカードをカードリーダーに差し込んでください。読み取ると、この画面は自動で進みます。",
  reading: "ICカードを読んでいます。抜かないでください。",
  unusable: "入っているカードは使えません。使えるカードに入れ替えると、この画面は自動で進みます。",
  locked: "このICカードはロックされています。",
  choose: "使うカードを選んでください。",
  pin: "カードを確かめて、PIN番号を入力してください。",
  pin_host: "カードを確かめて、OKを押してください。PIN番号は、次に開く画面（touroku-host）で入力します。",
  asking: "PIN番号を、別に開いた画面（touroku-host）で入力してください。",
  working: "ただいまICカードを使用しています。カードを抜かずに、しばらくお待ちください。",
  error: "ICカードを使えません。",
};

export const READERS_TITLE = "カードリーダー";
export const CARDS_TITLE = "使うカード";
export const READER_TEXT = { empty: "カードが入っていません", reading: "カードを読んでいます" };
export const UNKNOWN_AGENCY = "（発注機関名の登録がないサイト）";
const UNKNOWN_HOLDER = "（氏名の記載なし）";

/** For the page on which sites are allowed. */
export const SITES = {
  none: "発注機関のサイトが、このパソコンにまだ設定されていません。発注機関が配布するパッケージを入れてから、この画面を開き直してください。",
  allowed: "すべてのサイトで使えます。この画面は閉じてかまいません。",
  isAllowed: "許可しています",
  isNotAllowed: "許可していません",
  withdraw: "取り消す",
};

/** @param {number} count */
export function missingSites(count) {
  return `まだ許可していないサイトが${count}件あります。使うときは、許可してください。`;
}

/** @param {{ name: string, phone: string, hours: string }} desk */
export function siteDesk({ name, phone, hours }) {
  return `問い合わせ先：${name} ${phone} ${hours}`.trim();
}

/**
 * Says which site 取り消す belongs to, for those who do not see where the button is. @param {string[]} agencies
 */
export function withdrawFrom(agencies) {
  return `${agencies.join("、")}の許可を取り消す`;
}

/** @param {number | null} tries */
export function triesText(tries) {
  return tries === null ? "残りの回数は、このカードからは分かりません。" : `残り${tries}回`;
}

/** @param {CardSummary} card */
export function triesWarning(card) {
  const unlocking =
    card.family === MY_NUMBER
      ? "お住まいの市区町村の窓口での手続きが必要になります。"
      : "認証局での解除に数日かかることがあります。";
  return `間違ったPIN番号が、すでに入力されています。残りがなくなるとカードはロックされ、${unlocking}`;
}

/** @param {CardSummary} card */
export function lastTryRefused(card) {
  const whom = card.family === MY_NUMBER ? "お住まいの市区町村の窓口" : "カードを発行した認証局";
  return `PIN番号を試せるのは、あと1回です。この会社の決まりで、最後の1回は使えません。${whom}に連絡してください。`;
}

export const PIN_CLEARED = "カードが変わったため、入力中のPIN番号を消しました。";

export const PAD_HINT = "PIN番号は、OKを押してから、カードリーダーのキーで入力します。ここには入力しません。";
export const PAD_TIMED_OUT = {
  happened: "時間内に、カードリーダーのキーでPIN番号が入力されませんでした。カードには送っていません。",
  next: "OKを押してから、もう一度入力してください。",
  call: "",
  detail: "エラーコード：timed_out",
};
/** The subject of a PIN error when nothing was entered. */
export const EMPTY = "empty";
export const PIN_EMPTY = {
  happened: "PIN番号が入力されていません。",
  next: "PIN番号を入力してから、OKを押してください。入力できる回数は減っていません。",
  call: "",
  detail: "エラーコード：pin_format",
};
export const PAD_GUIDANCE = "カードリーダーのキーで、PIN番号を入力してください。カードは抜かないでください。";

/** @param {{ min: number, max: number, letters: boolean }} rules */
export function pinHint(rules) {
  const length = rules.min === rules.max ? `${rules.min}` : `${rules.min}〜${rules.max}`;
  return rules.letters ? `半角英数字${length}文字` : `半角数字${length}桁`;
}

/**
 * What is shown of a card, the holder first.
 * @param {CardSummary} card
 * @param {number} now milliseconds since 1970
 * @returns {[string, ...string[]]}
 */
export function cardFacts(card, now) {
  if (card.family === MY_NUMBER) {
    // Its certificate names nobody.
    return ["マイナンバーカード", "利用者証明用電子証明書（氏名の記載なし）", expiry(card.not_after, now)];
  }
  const company = card.company ? [card.company] : [];
  const issuer = card.issuer ? [`認証局：${card.issuer}`] : [];
  return [card.holder || UNKNOWN_HOLDER, ...company, ...issuer, expiry(card.not_after, now)];
}

/** Of a certificate without one (RFC 5280, 4.1.2.5). */
const NO_END = "9999-12-31T23:59:59Z";

/** @param {string} not_after @param {number} now */
function expiry(not_after, now) {
  if (not_after === NO_END) {
    return "有効期限：期限の定めなし";
  }
  const end = new Date(not_after);
  const date = end.toLocaleDateString("ja-JP", { timeZone: "Asia/Tokyo", year: "numeric", month: "long", day: "numeric" });
  // By the calendar, as the page and the mails count.
  const days = dayInJapan(end.getTime()) - dayInJapan(now);
  const left = days === 0 ? "本日まで使えます" : `あと${days}日`;
  return `有効期限：${date}（${end.getTime() < now ? "期限切れ" : left}）`;
}

/** @param {number} time */
function dayInJapan(time) {
  return Math.floor((time + 9 * 3_600_000) / 86_400_000);
}

/** @param {number} length @param {number} longest */
export function personTooLong(length, longest) {
  return `＊${longest}文字以内で入力してください（いま${length}文字）。`;
}

export const IDLE_WARNING =
  "しばらく操作がないため、まもなくこの画面を閉じます。続けるときは「延長する」を押してください。";

/** @param {number} seconds */
export function secondsLeft(seconds) {
  return `あと${seconds}秒`;
}
