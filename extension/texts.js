// Every Japanese sentence of the extension. An error says what happened, what to do next, and whom to call.

/** @import { CardError, CardRequest, CardSummary, Desk, Purpose } from "./types" */

/** @type {Record<Purpose, string>} */
export const PURPOSE = {
  register: "利用者登録",
  change: "利用者変更",
  renew_old: "ICカード更新（いまのカード）",
  renew_new: "ICカード更新（新しいカード）",
  bid: "電子入札",
  check: "環境確認",
  officer: "発注機関のサインイン",
};

/** In place of a purpose, where an application is signed. */
export const SIGNING = "申請内容に署名します";

/** Whom to call. */
const HELP_DESK = "help_desk";
const AUTHORITY = "authority";
const AGENCY = "agency";
const MUNICIPALITY = "municipality";
const NOBODY = "nobody";

/**
 * Code: what happened, what to do next, whom to call.
 * @type {Record<string, [string, string, string]>}
 */
export const ERRORS = {
  extension_missing: ["拡張機能が応答しません。", "ブラウザの拡張機能の画面で「登録（Touroku）」が有効か確かめてください。", HELP_DESK],
  extension_too_old: ["拡張機能が古いため、このページを使えません。", "ブラウザを再起動して、拡張機能を更新してください。", HELP_DESK],
  extension_too_new: ["拡張機能のほうが、このページより新しくなっています。", "ページを再読み込みしてください。", HELP_DESK],
  host_missing: ["このパソコンに、カードを読むプログラム（touroku-host）が見つかりません。", "インストールしてから、もう一度お試しください。", HELP_DESK],
  host_forbidden: ["カードを読むプログラムが、この拡張機能からの利用を許していません。", "プログラムを入れ直してください。", HELP_DESK],
  host_blocked: ["組織の設定で、カードを読むプログラムの利用が止められています。", "社内のシステム管理者に、jp.touroku.host の許可を依頼してください。", HELP_DESK],
  host_unreachable: ["ブラウザが、カードを読むプログラムにつながりません。", "ブラウザを再起動してください。続くときは、下のエラー番号にあるブラウザの言葉を添えて、お問い合わせください。", HELP_DESK],
  host_exited: ["カードを読むプログラムが終了しました。", "もう一度お試しください。続くときは、プログラムを入れ直してください。", HELP_DESK],
  host_protocol: ["カードを読むプログラムの応答を読み取れません。", "もう一度お試しください。続くときは、プログラムを入れ直してください。", HELP_DESK],
  host_too_old: ["カードを読むプログラムが古くなっています。", "新しい版をインストールしてください。", HELP_DESK],
  host_too_new: ["カードを読むプログラムのほうが、拡張機能より新しくなっています。", "ブラウザを再起動して、拡張機能を更新してください。", HELP_DESK],
  origin_not_allowed: ["このサイトからICカードを使うことは、許可されていません。", "サイトのアドレスが正しいか確かめてください。正しいときは、許可リストへの追加を依頼してください。", HELP_DESK],
  frame_not_allowed: ["ほかのページの中に埋め込まれた画面からは、ICカードを使えません。", "電子入札のページを直接開いてください。", AGENCY],
  caller_not_allowed: ["この拡張機能は、カードを読むプログラムの許可リストにありません。", "プログラムの設定に、この拡張機能の番号を加えるよう依頼してください。", HELP_DESK],
  busy: ["ICカードの画面が、もう開いています。", "開いている画面を先に終えてください。", NOBODY],
  bad_request: ["要求の内容を読み取れません。", "ページを再読み込みして、もう一度お試しください。", AGENCY],
  cancelled: ["取り消しました。", "続けるときは、もう一度操作してください。", NOBODY],
  timed_out: ["しばらく操作がなかったため、終了しました。", "続けるときは、もう一度操作してください。", NOBODY],
  service_off: ["スマートカードのサービスが動いていません。", "パソコンを再起動してください。サービスが動き出すと、この画面は自動で進みます。", HELP_DESK],
  no_reader: ["カードリーダーが見つかりません。", "カードリーダーをパソコンにつないでください。つながると、この画面は自動で進みます。", HELP_DESK],
  no_card: ["ICカードが入っていません。", "ICカードをカードリーダーに差し込んでください。", NOBODY],
  unsupported_card: ["このカードは、ここでは使えない種類です。", "電子入札用のICカードが、正しい向きで入っているか確かめてください。", AUTHORITY],
  my_number_not_accepted: ["マイナンバーカードは、この発注機関では使えません。", "電子入札用のICカードに入れ替えてください。", AGENCY],
  card_removed: ["ICカードが抜かれました。", "カードを差し込み直して、もう一度PIN番号を入力してください。", NOBODY],
  card_changed: ["表示していたカードと、いま入っているカードが違います。", "カードを確かめて、もう一度PIN番号を入力してください。前のPIN番号は、このカードには使っていません。", NOBODY],
  other_card: ["この申請に署名するICカードではありません。", "申請の確認に使ったICカードに入れ替えてください。入れ替えると、この画面は自動で進みます。", NOBODY],
  card_busy: ["ほかのプログラムが、このICカードを使っています。", "ICカードを使うほかのソフトを終了してください。空くと、この画面は自動で進みます。", HELP_DESK],
  module_failed: ["ICカード用のソフト（PKCS#11モジュール）が正しく動いていません。", "下に名前のあるソフトを最新の版に入れ直してから、カードを差し込み直してください。", HELP_DESK],
  card_error: ["ICカードとの通信に失敗しました。", "カードを抜いて金属面を拭き、差し込み直してください。続くときは、カードの故障も考えられます。", AUTHORITY],
  pin_wrong: ["PIN番号が違います。", "認証局から届いたPIN番号を確かめて、入力し直してください。", AUTHORITY],
  pin_last_try: ["PIN番号を試せるのは、あと1回です。まだ試していません。", "番号に間違いがなければ、下の確認欄に印を付けて、もう一度OKを押してください。", AUTHORITY],
  pin_locked: ["PIN番号を続けて間違えたため、このICカードは使えなくなっています（ロック）。", "解除できるのは認証局だけで、数日かかることがあります。カードを発行した認証局に連絡してください。", AUTHORITY],
  pin_not_set: ["このICカードには、PIN番号が設定されていません。", "カードを発行した認証局に連絡してください。", AUTHORITY],
  pin_expired: ["PIN番号の変更が必要です。変更するまで、このICカードは使えません。", "カードに付属のソフトでPIN番号を変更してください。方法は認証局に確かめてください。", AUTHORITY],
  pin_format: ["PIN番号の形が正しくありません。カードには送っていません。", "文字数と文字の種類を確かめて、入力し直してください。", AUTHORITY],
  pin_entry_unavailable: ["このパソコンでは、決められた場所でPIN番号を入力できません。", "社内のシステム管理者に、拡張機能とプログラム（host.toml）の pin_entry の設定を確かめるよう依頼してください。", HELP_DESK],
  certificate_missing: ["このICカードには、電子証明書が入っていません。", "カードを発行した認証局に連絡してください。", AUTHORITY],
  certificate_unreadable: ["電子証明書を読み取れません。", "カードを差し込み直してください。続くときは、認証局に連絡してください。", AUTHORITY],
  certificate_expired: ["電子証明書の有効期限が切れています。", "新しいICカードを認証局から受け取り、そのカードで登録してください。", AUTHORITY],
  certificate_not_yet_valid: ["電子証明書の有効期間が、まだ始まっていません。", "パソコンの日付が正しいか確かめてください。正しいときは、開始日を待ってください。", AUTHORITY],
  key_unsupported: ["このICカードの鍵の種類には、対応していません。", "カードを発行した認証局に、電子入札で使えるカードか確かめてください。", AUTHORITY],
  internal: ["思いがけない不具合が起きました。", "もう一度お試しください。", HELP_DESK],
};

/**
 * What to do next on a computer whose extension an administrator looks after: there the person can install and
 * update nothing.
 * @type {Record<string, string>}
 */
const MANAGED_NEXT = {
  host_missing: "社内のシステム管理者に、プログラム（touroku-host）のインストールを依頼してください。",
  host_forbidden: "社内のシステム管理者に、プログラムの設定でこの拡張機能を許すよう依頼してください。",
  host_too_old: "社内のシステム管理者に、プログラム（touroku-host）の更新を依頼してください。",
  host_too_new: "拡張機能は社内のシステム管理者が配っています。ブラウザを再起動し、変わらないときは、管理者に拡張機能の更新を依頼してください。",
  caller_not_allowed: "社内のシステム管理者に、プログラムの設定にこの拡張機能の番号を加えるよう依頼してください。",
};

/** The host's word for My Number Cards (host/src/card/jpki). */
const MY_NUMBER = "jpki";

/**
 * What is said otherwise of a My Number Card: its holder chose the PIN, and the municipality is who helps.
 * @type {Record<string, [string, string, string]>}
 */
export const MY_NUMBER_ERRORS = {
  pin_wrong: ["暗証番号が違います。", "利用者証明用電子証明書の暗証番号（カードを受け取ったときなどに決めた数字4桁）を確かめて、入力し直してください。", MUNICIPALITY],
  pin_last_try: ["暗証番号を試せるのは、あと1回です。まだ試していません。", "番号に間違いがなければ、下の確認欄に印を付けて、もう一度OKを押してください。", MUNICIPALITY],
  pin_locked: ["暗証番号を続けて間違えたため、このマイナンバーカードの利用者証明用電子証明書は使えなくなっています（ロック）。", "お住まいの市区町村の窓口で、暗証番号の初期化（再設定）を申請してください。", MUNICIPALITY],
  pin_not_set: ["このマイナンバーカードには、利用者証明用電子証明書の暗証番号がありません。", "電子証明書が発行されているか、お住まいの市区町村の窓口に確かめてください。", MUNICIPALITY],
  pin_format: ["暗証番号の形が正しくありません。カードには送っていません。", "利用者証明用電子証明書の暗証番号（数字4桁）を入力し直してください。", MUNICIPALITY],
  certificate_expired: ["マイナンバーカードの利用者証明用電子証明書の有効期限が切れています。", "お住まいの市区町村の窓口で、電子証明書を更新してください。", MUNICIPALITY],
  certificate_not_yet_valid: ["利用者証明用電子証明書の有効期間が、まだ始まっていません。", "パソコンの日付が正しいか確かめてください。", MUNICIPALITY],
  key_unsupported: ["このマイナンバーカードの鍵の種類には、まだ対応していません。", "電子入札用のICカードを使ってください。", HELP_DESK],
};

/**
 * An error in words.
 * @param {CardError} error
 * @param {{ request: CardRequest | null, issuer: string, family: string }} about who asked, and the card's
 *   certification authority and family
 */
export function errorText(error, about) {
  const special = about.family === MY_NUMBER ? MY_NUMBER_ERRORS[error.code] : undefined;
  const [happened, usual, whom] = special ?? ERRORS[error.code] ?? /** @type {[string, string, string]} */ (ERRORS["internal"]);
  const next = (about.request?.managed && MANAGED_NEXT[error.code]) || usual;
  const left = error.code === "pin_wrong" && error.tries_left !== undefined ? `あと${error.tries_left}回試せます。` : "";
  const detail = [error.code, error.field, error.detail].filter((part) => part !== undefined).join(" / ");
  return { happened: happened + left, next, call: whomToCall(whom, about), detail: `エラー番号：${detail}` };
}

/** @param {string} whom @param {{ request: CardRequest | null, issuer: string, family: string }} about */
function whomToCall(whom, { request, issuer }) {
  switch (whom) {
    case HELP_DESK:
      return `お問い合わせ：${request ? deskName(request.help_desk) : "ヘルプデスク"}`;
    case AUTHORITY:
      return `お問い合わせ：このICカードの認証局${issuer ? `（${issuer}）` : ""}`;
    case MUNICIPALITY:
      return "お問い合わせ：お住まいの市区町村の、マイナンバーカードの窓口";
    case AGENCY: {
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
  detail: "エラー番号：timed_out",
};
export const PAD_GUIDANCE = "カードリーダーのキーで、PIN番号を入力してください。カードは抜かないでください。";

/** @param {{ min: number, max: number, letters: boolean }} rules */
export function pinHint(rules) {
  const length = rules.min === rules.max ? `${rules.min}` : `${rules.min}〜${rules.max}`;
  return rules.letters ? `半角英数字${length}文字` : `半角数字${length}桁`;
}

/**
 * What is said of a card, the holder first.
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

/** @param {string} not_after @param {number} now */
function expiry(not_after, now) {
  const end = new Date(not_after);
  const date = end.toLocaleDateString("ja-JP", { timeZone: "Asia/Tokyo", year: "numeric", month: "long", day: "numeric" });
  const days = Math.floor((end.getTime() - now) / 86_400_000);
  return `有効期限：${date}（${days < 0 ? "期限切れ" : `あと${days}日`}）`;
}

/** @param {number} length @param {number} longest */
export function personTooLong(length, longest) {
  return `＊${longest}文字以内で入力してください（いま${length}文字）。`;
}

export const IDLE_WARNING =
  "しばらく操作がないため、まもなくこの画面を閉じます。続けるときは「延長」を押してください。";

/** @param {number} seconds */
export function secondsLeft(seconds) {
  return `あと${seconds}秒`;
}
