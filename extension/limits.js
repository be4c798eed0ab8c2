// Written by `cargo xtask generate` from proto. Changes made here are lost.

export const PROTOCOL = 4;
export const OLDEST_PROTOCOL = 1;
/** The protocol that brought `check_up`: older hosts are not asked for one. */
export const CHECK_UP_SINCE = 2;
/** The protocol in which a host may be asked to ask for the PIN itself. */
export const PIN_ENTRY_SINCE = 2;
/** The protocol that brought `sign`: older hosts are not asked for one. */
export const SIGN_SINCE = 3;
export const HOST_NAME = "jp.touroku.host";

/** The longest application, in bytes of UTF-8. */
export const MAX_DOCUMENT = 32768;

/** A nonce's length, in characters. */
export const NONCE_LENGTH = { min: 44, max: 128 };

/** Characters that are not seen, or that make others look like something else; a line's end is none of them. */
export const UNSEEN = /[\u{0}-\u{9}\u{b}-\u{1f}\u{7f}-\u{9f}\u{ad}\u{61c}\u{180e}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{3164}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]/u;

export const PURPOSES = /** @type {const} */ (["register", "change", "renew_old", "renew_new", "bid", "check", "officer"]);
