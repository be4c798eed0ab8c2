// The codes of proto/src/card.rs (CardErrorCode), and which of them a person can mend in the
// card window. proto/fixtures/card_error_codes.json holds both sides to the list.

/** Nothing in the card window mends these: it says so and closes. */
const FATAL = [
  "extension_missing",
  "extension_too_old",
  "extension_too_new",
  "host_missing",
  "host_forbidden",
  "host_blocked",
  "host_unreachable",
  "host_exited",
  "host_protocol",
  "host_too_old",
  "host_too_new",
  "origin_not_allowed",
  "frame_not_allowed",
  "caller_not_allowed",
  "pin_entry_unavailable",
];

/** Another try, another card, another moment mends these. */
const RETRIABLE = [
  "busy",
  "service_off",
  "no_reader",
  "no_card",
  "unsupported_card",
  "my_number_not_accepted",
  "card_removed",
  "card_changed",
  "other_card",
  "card_busy",
  "module_failed",
  "card_error",
  "pin_wrong",
  "pin_last_try",
  "pin_locked",
  "pin_not_set",
  "pin_expired",
  "pin_format",
  "certificate_missing",
  "certificate_unreadable",
  "certificate_expired",
  "certificate_not_yet_valid",
  "key_unsupported",
];

export const CODES = [...FATAL, "bad_request", "cancelled", "timed_out", ...RETRIABLE, "internal"];

/** @param {string} code */
export function isRetriable(code) {
  return RETRIABLE.includes(code);
}
