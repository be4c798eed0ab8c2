// Who may ask: the manifest's list, narrowed by what an administrator allows. Pure; settings.js reads the
// settings.

/** @import { Browser, Deployment, Desk, KnownSite, LogLevel, Managed, PinEntry } from "./types" */

/**
 * The obstacle for a sender, according to the browser; `null` when there is none.
 * @param {chrome.runtime.MessageSender | undefined} sender
 * @param {string} [relayId] our own id, for a page that connects through our relay
 * @returns {"origin_not_allowed" | "frame_not_allowed" | null}
 */
export function refusal(sender, relayId) {
  // Another extension has an id, a page that connects directly has none; both have an origin, and so have our own
  // pages.
  if (!sender?.origin || sender.id !== relayId || !/^https?:/.test(sender.origin)) {
    return "origin_not_allowed";
  }
  return sender.frameId === 0 && sender.documentLifecycle === "active" ? null : "frame_not_allowed";
}

/**
 * Whether an origin may ask. The browser lets no origin through except the manifest's; this does not
 * rely on it.
 * @param {string} origin
 * @param {string[]} patterns the manifest's `externally_connectable.matches`
 * @param {Managed | null} managed `null`: required settings have not arrived
 */
export function isAllowed(origin, patterns, managed) {
  return (
    managed !== null &&
    patterns.some((pattern) => covers(pattern, origin)) &&
    (managed.allowed_origins === undefined || managed.allowed_origins.some((entry) => originOf(entry) === origin))
  );
}

/**
 * Whether an origin may ask through our relay: the person has allowed it, and this computer's card program knows
 * it.
 * @param {string} origin
 * @param {string[]} patterns allowed by the person
 * @param {KnownSite[]} sites
 * @param {Managed | null} managed
 */
export function isAllowedByRelay(origin, patterns, sites, managed) {
  return sites.some((site) => site.origin === origin) && isAllowed(origin, patterns, managed);
}

/**
 * The agencies behind an origin, according to the administrator, the card program or the package; empty when none
 * knows.
 * @param {string} origin
 * @param {Managed} managed
 * @param {Deployment} deployment
 * @param {KnownSite[]} sites
 */
export function agenciesOf(origin, managed, deployment, sites = []) {
  const named = (managed.agencies ?? []).flatMap(({ origin: site, name }) =>
    site !== undefined && name !== undefined && originOf(site) === origin ? [name] : [],
  );
  const of = (/** @type {{ origin: string, agencies: string[] }[]} */ list) =>
    list.find((entry) => entry.origin === origin)?.agencies;
  return named.length > 0 ? named : (of(deployment.origins) ?? of(sites) ?? []);
}

/**
 * Whom to call about this computer: the administrator's desk, else the site's, else the package's.
 * @param {Managed} managed
 * @param {Deployment} deployment
 * @param {KnownSite} [site]
 * @returns {Desk}
 */
export function helpDesk(managed, deployment, site) {
  // An administrator who names another desk does not want our number with it.
  const { name, phone = "", hours = "", note = "" } = managed.help_desk ?? {};
  return name ? { name, phone, hours, note } : { hours: "", note: "", ...(site?.help_desk ?? deployment.help_desk) };
}

/** The shortest and longest idle time, in minutes, after which a card window may close. */
const IDLE_MINUTES = { fewest: 1, most: 30, usual: 5 };

/**
 * How a PIN is entered, as set by the administrator; where nothing is set, as the site's package says.
 * @param {Managed} managed
 * @param {KnownSite} [site]
 * @returns {PinEntry}
 */
export function pinRules(managed, site) {
  const minutes = Number.isInteger(managed.pin_idle_minutes) ? Number(managed.pin_idle_minutes) : IDLE_MINUTES.usual;
  return {
    entry: managed.pin_entry === "host" || (managed.pin_entry === undefined && site?.asks_pin) ? "host" : "window",
    last_try: managed.pin_last_try === "refuse" ? "refuse" : "ask",
    idle_minutes: Math.min(Math.max(minutes, IDLE_MINUTES.fewest), IDLE_MINUTES.most),
  };
}

/** @type {readonly LogLevel[]} */
const LOG_LEVELS = ["off", "error", "warn", "info", "debug"];

/**
 * How much the host should log, as set by the administrator; `null` if unset or unknown.
 * @param {Managed} managed
 * @returns {LogLevel | null}
 */
export function logLevel(managed) {
  return LOG_LEVELS.find((level) => level === managed.host_log_level) ?? null;
}

/**
 * The browser we run in, by the names used in the host's registrations; `null` for another one.
 * @param {{ brand: string }[]} brands of the user agent client hints
 * @returns {Browser | null}
 */
export function browserOf(brands) {
  /** @type {[string, Browser][]} */
  const known = [["Microsoft Edge", "edge"], ["Google Chrome", "chrome"]];
  const names = brands.map(({ brand }) => brand);
  const own = known.find(([name]) => names.includes(name));
  // Others of the family (Brave, Vivaldi, …) list themselves beside Chromium, together with a made-up name to be
  // ignored.
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

/** The origin of a URL; people write a trailing slash. @param {string} address */
function originOf(address) {
  try {
    return new URL(address).origin;
  } catch {
    return null;
  }
}
