// Sites that the person has allowed, in the build that names none in its manifest: a relay for each of them, and for no
// other. In a build of one agency, whose manifest names the sites, nothing of this is there.

/** @import { KnownSite } from "./types" */

const RELAY = "relay";

/** The sites of this computer, as its card program told them last. */
const SITES = "sites";

/** @returns {Promise<KnownSite[]>} */
export async function knownSites() {
  const known = (await chrome.storage.local.get(SITES))[SITES];
  return /** @type {KnownSite[]} */ (Array.isArray(known) ? known : []);
}

/** To be called with what the card program says, whenever it says it. @param {KnownSite[]} sites */
export async function rememberSites(sites) {
  await chrome.storage.local.set({ [SITES]: sites });
}

/** What to ask the browser for, for a site. A match pattern without a port covers every port. @param {string} origin */
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

/** Has the browser bring the relay into the allowed sites' pages, and into none any more that is not allowed. */
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

/** One change after the other: the browser takes no second one while it is at the first. */
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
  // Nobody has to load a page again to go on.
  for (const { id } of await chrome.tabs.query({ url: matches })) {
    if (id !== undefined) {
      // Fails in a tab that has just gone.
      await chrome.scripting.executeScript({ target: { tabId: id }, files: ["relay.js"] }).catch(() => {});
    }
  }
}
