// Who may ask: the manifest's list, narrowed by what an administrator allows. Pure; settings.js reads the settings.

/** @import { Browser, Deployment, Desk, LogLevel, Managed, PinEntry } from "./types" */

/**
 * What stands in the way of a sender, by the browser's own word on it; `null` when nothing does.
 * @param {chrome.runtime.MessageSender | undefined} sender
 * @returns {"origin_not_allowed" | "frame_not_allowed" | null}
 */
export function refusal(sender) {
  // Another extension has an id; a page has an origin.
  if (!sender?.origin || sender.id !== undefined) {
    return "origin_not_allowed";
  }
  return sender.frameId === 0 && sender.documentLifecycle === "active" ? null : "frame_not_allowed";
}

/**
 * Whether an origin may ask. The browser lets no other origin through than the manifest's; this does not
 * rely on it.
 * @param {string} origin
 * @param {string[]} patterns the manifest's `externally_connectable.matches`
 * @param {Managed | null} managed `null`: settings that must be there have not arrived
 */
export function isAllowed(origin, patterns, managed) {
  return (
    managed !== null &&
    patterns.some((pattern) => covers(pattern, origin)) &&
    (managed.allowed_origins === undefined || managed.allowed_origins.some((entry) => originOf(entry) === origin))
  );
}

/**
 * The agencies behind an origin, by the administrator's word or the package's; empty when neither knows.
 * @param {string} origin
 * @param {Managed} managed
 * @param {Deployment} deployment
 */
export function agenciesOf(origin, managed, deployment) {
  const named = (managed.agencies ?? []).flatMap(({ origin: site, name }) =>
    site !== undefined && name !== undefined && originOf(site) === origin ? [name] : [],
  );
  return named.length > 0 ? named : (deployment.origins.find((entry) => entry.origin === origin)?.agencies ?? []);
}

/**
 * Whom to call about this computer.
 * @param {Managed} managed
 * @param {Deployment} deployment
 * @returns {Desk}
 */
export function helpDesk(managed, deployment) {
  // An administrator who names another desk does not mean it to have our number.
  const { name, phone = "", hours = "", note = "" } = managed.help_desk ?? {};
  return name ? { name, phone, hours, note } : { hours: "", note: "", ...deployment.help_desk };
}

/** The shortest and longest time, in minutes, after which a card window that nobody touches may close. */
const IDLE_MINUTES = { fewest: 1, most: 30, usual: 5 };

/**
 * How a PIN is entered, by the administrator's word.
 * @param {Managed} managed
 * @returns {PinEntry}
 */
export function pinRules(managed) {
  const minutes = Number.isInteger(managed.pin_idle_minutes) ? Number(managed.pin_idle_minutes) : IDLE_MINUTES.usual;
  return {
    entry: managed.pin_entry === "host" ? "host" : "window",
    last_try: managed.pin_last_try === "refuse" ? "refuse" : "ask",
    idle_minutes: Math.min(Math.max(minutes, IDLE_MINUTES.fewest), IDLE_MINUTES.most),
  };
}

/** @type {readonly LogLevel[]} */
const LOG_LEVELS = ["off", "error", "warn", "info", "debug"];

/**
 * How much the host is to log, by the administrator's word; `null` without one that we know.
 * @param {Managed} managed
 * @returns {LogLevel | null}
 */
export function logLevel(managed) {
  return LOG_LEVELS.find((level) => level === managed.host_log_level) ?? null;
}

/**
 * The browser that we run in, by the names that the host's registrations have; `null` for another one.
 * @param {{ brand: string }[]} brands of the user agent client hints
 * @returns {Browser | null}
 */
export function browserOf(brands) {
  /** @type {[string, Browser][]} */
  const known = [["Microsoft Edge", "edge"], ["Google Chrome", "chrome"]];
  const names = brands.map(({ brand }) => brand);
  const own = known.find(([name]) => names.includes(name));
  // Others of the family (Brave, Vivaldi, …) name themselves beside Chromium, and a name made up to be ignored.
  const others = names.filter((name) => name !== "Chromium" && /^[A-Za-z ]+$/.test(name));
  return own ? own[1] : names.includes("Chromium") && others.length === 0 ? "chromium" : null;
}

/**
 * Whether a match pattern (scheme://host/path) covers an origin. A pattern without a port covers every port.
 * @param {string} pattern
 * @param {string} origin
 */
function covers(pattern, origin) {
  const [, scheme, host] = /^(\*|https?):\/\/([^/]+)\//.exec(pattern) ?? [];
  if (!scheme || !host || originOf(origin) !== origin) {
    return false;
  }
  const url = new URL(origin);
  const own = /:\d+$/.test(host) ? url.host : url.hostname;
  const sameScheme = scheme === "*" ? /^https?:$/.test(url.protocol) : url.protocol === `${scheme}:`;
  const sameHost = host.startsWith("*.") ? own === host.slice(2) || own.endsWith(host.slice(1)) : own === host;
  return sameScheme && sameHost;
}

/** The origin of an address; people write a slash behind one. @param {string} address */
function originOf(address) {
  try {
    return new URL(address).origin;
  } catch {
    return null;
  }
}
