// Sites that the person has allowed, in the build that names none in its manifest: a relay for each of them, and
// for no other. Does nothing in a build for one agency, whose manifest names the sites.

/** @import { KnownSite } from "./types" */

const RELAY = "relay";

/** This computer's sites, as last reported by its card program. */
const SITES = "sites";

/** @returns {Promise<KnownSite[]>} */
export async function knownSites() {
  const known = (await chrome.storage.local.get(SITES))[SITES];
  return /** @type {KnownSite[]} */ (Array.isArray(known) ? known : []);
}

/** To be called whenever the card program reports its sites. @param {KnownSite[]} sites */
export async function rememberSites(sites) {
  await chrome.storage.local.set({ [SITES]: sites });
}

/**
 * The browser permission needed for a site. A match pattern without a port covers every port. @param {string}
 * origin
 */
export function patternOf(origin) {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}/*`;
}

/** The patterns that the person has allowed. @returns {Promise<string[]>} */
export async function allowedPatterns() {
  return (await chrome.permissions.getAll()).origins ?? [];
}

/** Whether this build asks for its sites. */
export function asksForSites() {
  return chrome.runtime.getManifest().optional_host_permissions !== undefined;
}

/** Has the browser inject the relay into pages of allowed sites, and of no others any longer. */
export function keepRelays() {
  if (!asksForSites()) {
    return;
  }
  const allow = () => void (keeping = keeping.then(registerRelay).catch(console.error));
  chrome.permissions.onAdded.addListener(allow);
  chrome.permissions.onRemoved.addListener(allow);
  chrome.runtime.onStartup.addListener(allow);
  chrome.runtime.onInstalled.addListener(({ reason }) => {
    allow();
    if (reason === "install") {
      void chrome.runtime.openOptionsPage();
    }
  });
  chrome.action.onClicked.addListener(() => void chrome.runtime.openOptionsPage());
}

/** One change at a time: the browser refuses a second one meanwhile. */
let keeping = Promise.resolve();

async function registerRelay() {
  const matches = await allowedPatterns();
  const [there] = await chrome.scripting.getRegisteredContentScripts({ ids: [RELAY] });
  if (matches.length === 0) {
    if (there) {
      await chrome.scripting.unregisterContentScripts({ ids: [RELAY] });
    }
    return;
  }
  /** @type {chrome.scripting.RegisteredContentScript} */
  const script = { id: RELAY, matches, js: ["relay.js"], runAt: "document_start", allFrames: false };
  await (there ? chrome.scripting.updateContentScripts([script]) : chrome.scripting.registerContentScripts([script]));
  // Nobody has to reload a page to continue.
  for (const { id } of await chrome.tabs.query({ url: matches })) {
    if (id !== undefined) {
      // Fails in a tab that has just been closed.
      await chrome.scripting.executeScript({ target: { tabId: id }, files: ["relay.js"] }).catch(() => {});
    }
  }
}
