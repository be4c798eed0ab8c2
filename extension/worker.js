// The relay: pages ask, the card window and the host answer.
//
// It keeps no important state. A request lives on two ports, the page's and the card window's; if the
// browser stops this worker, both break and both ends notice. While a card window is open it writes every 20
// seconds, which keeps the worker alive: browsers stop one after 30 seconds without an event.

import {
  agenciesOf,
  browserOf,
  helpDesk,
  isAllowed,
  isAllowedByRelay,
  logLevel,
  pinRules,
  refusal,
} from "./access.js";
import { HostPort } from "./host-port.js";
import { CHECK_UP_SINCE, OLDEST_PROTOCOL, PROTOCOL } from "./limits.js";
import { isChallengeFor, readDocument, readPageRequest } from "./messages.js";
import { allowedPatterns, asksForSites, keepRelays, knownSites, rememberSites } from "./relays.js";
import { deployment, isManaged, managedSettings, rememberSettings } from "./settings.js";
import { applyUpdate, updateArrived } from "./update.js";

/** @import { CardError, CardOutcome, CardRequest, LogLevel, PageReply, PageRequest, Part } from "./types" */
/** @typedef {Extract<PageReply, { type: "status" }>} StatusReply */

const CARD_PORT = "card:";

/** The name of the relay's port, from within a page. */
const PAGE_PORT = "page";

/** Including its frame, so that 480 by 640 remain inside, in pixels. */
const WINDOW_SIZE = { width: 496, height: 736 };

/** How long a card window that is no longer needed may take to close, in milliseconds. */
const CLOSED_WITHIN = 1000;

/**
 * A page's request that a card window answers.
 * @typedef {object} Pending
 * @property {PageConversation} page
 * @property {CardRequest} request
 * @property {number | null} window
 * @property {chrome.runtime.Port | null} card the card window's port; the window closes with it
 * @property {CardError} ifClosed what the page is told when the person just closes the window
 */

/** @type {Map<string, Pending>} */
const pending = new Map();

/** Pages whose request has not been answered yet. @type {Set<PageConversation>} */
const asking = new Set();

/** One port of a page: one request, one final reply. */
class PageConversation {
  /** @param {chrome.runtime.Port} port @param {boolean} relayed through our relay in the page */
  constructor(port, relayed) {
    this.port = port;
    this.relayed = relayed;
    this.asked = false;
    this.open = true;
    port.onMessage.addListener((value) => this.receive(value));
    port.onDisconnect.addListener(() => {
      // The page, or its tab, is gone; nobody waits for the card window any more.
      this.open = false;
      this.over();
    });
  }

  /** Nobody waits for an answer any more. */
  over() {
    asking.delete(this);
    giveUp(this);
    void applyUpdate(isBusy);
  }

  /** @param {unknown} value */
  receive(value) {
    if (!this.open) {
      return;
    }
    const refused = refusal(this.port.sender, this.relayed ? chrome.runtime.id : undefined);
    const read = readPageRequest(value);
    if (refused) {
      this.end({ type: "error", error: { code: refused } });
    } else if ("error" in read) {
      this.end({ type: "error", error: read.error });
    } else if (read.request.type === "cancel") {
      this.end({ type: "error", error: { code: "cancelled" } });
    } else if (this.asked) {
      this.end({ type: "error", error: { code: "bad_request", field: "type" } });
    } else {
      this.asked = true;
      asking.add(this);
      answer(this, read.request).catch((error) => {
        console.error(error);
        this.end({ type: "error", error: { code: "internal" } });
      });
    }
  }

  /** Tells the page something that does not end its request. @param {PageReply} message */
  tell(message) {
    if (this.open) {
      this.port.postMessage(message);
    }
  }

  /** The final reply. @param {PageReply} message */
  end(message) {
    if (this.open) {
      this.tell(message);
      this.open = false;
      this.port.disconnect();
      this.over();
    }
  }
}

chrome.runtime.onConnectExternal.addListener((port) => void new PageConversation(port, false));

chrome.runtime.onConnect.addListener((port) => {
  if (port.name === PAGE_PORT && asksForSites()) {
    new PageConversation(port, true);
    return;
  }
  const id = port.name.startsWith(CARD_PORT) ? port.name.slice(CARD_PORT.length) : "";
  const entry = pending.get(id);
  const fromCardWindow = port.sender?.id === chrome.runtime.id && port.sender.url?.startsWith(cardPage());
  if (!entry || entry.card !== null || !fromCardWindow) {
    port.disconnect();
    return;
  }
  entry.card = port;
  port.postMessage(entry.request);
  port.onMessage.addListener((/** @type {CardOutcome} */ outcome) => {
    switch (outcome.type) {
      case "alive":
        break;
      case "failing":
        entry.ifClosed = outcome.error;
        break;
      default:
        entry.page.end(outcome);
    }
  });
  port.onDisconnect.addListener(() => entry.page.end({ type: "error", error: entry.ifClosed }));
});

// A window that is closed before its page has connected.
chrome.windows.onRemoved.addListener((window) => {
  for (const entry of pending.values()) {
    if (entry.window === window) {
      entry.page.end({ type: "error", error: entry.ifClosed });
    }
  }
});

keepRelays();

chrome.runtime.onUpdateAvailable.addListener(() => void updateArrived(isBusy));

chrome.storage.managed.onChanged.addListener(() => void rememberSettings());

/** @param {PageConversation} page @param {Exclude<PageRequest, { type: "cancel" }>} request */
async function answer(page, request) {
  // Who asks, according to the browser; nothing in a message can change it.
  const origin = page.port.sender?.origin ?? "";
  const managed = await managedSettings();
  const sites = await knownSites();
  const patterns = chrome.runtime.getManifest().externally_connectable?.matches ?? [];
  const allowed = page.relayed
    ? isAllowedByRelay(origin, await allowedPatterns(), sites, managed)
    : isAllowed(origin, patterns, managed);
  if (managed === null || !allowed) {
    page.end({ type: "error", error: { code: "origin_not_allowed" } });
    return;
  }
  if (request.type === "status") {
    page.end({ ...(await status(logLevel(managed))), managed: await isManaged(managed) });
    return;
  }
  if (request.type === "check_up") {
    page.end(await checkUp(logLevel(managed)));
    return;
  }
  const head = request.type === "sign" ? readDocument(request.document) : null;
  if (request.type === "sign" && head?.origin !== origin) {
    page.end({ type: "error", error: { code: "bad_request", field: "document" } });
    return;
  }
  const agency = request.type === "sign" ? head?.agency : request.agency;
  if (request.type === "authenticate" && !(await isChallengeFor(request.nonce, request.purpose, request.agency ?? ""))) {
    page.end({ type: "error", error: { code: "bad_request", field: "nonce" } });
    return;
  }
  const packaged = await deployment();
  const site = sites.find((known) => known.origin === origin);
  await openWindow(page, {
    type: "request",
    origin,
    what:
      request.type === "sign"
        ? { document: request.document, card: request.card }
        : { nonce: request.nonce, purpose: request.purpose },
    // A My Number Card proves who somebody is, and signs nothing else.
    my_number: request.type === "authenticate" && (request.my_number ?? false),
    // From the server, so the page can't change it; only an older server's request lacks it.
    agencies: agency ? [agency] : agenciesOf(origin, managed, packaged, sites),
    help_desk: helpDesk(managed, packaged, site),
    managed: await isManaged(managed),
    pin: pinRules(managed, site),
    log_level: logLevel(managed),
  });
}

/** Asks the host's doctor. @param {LogLevel | null} log @returns {Promise<PageReply>} */
function checkUp(log) {
  return new Promise((resolve) => {
    const port = new HostPort({
      onReady(host) {
        if (host.protocol < CHECK_UP_SINCE) {
          port.end({ code: "host_too_old", detail: host.version });
        } else {
          port.checkUp(browserOf(/** @type {any} */ (navigator).userAgentData?.brands ?? []));
        }
      },
      onMessage(message) {
        if (message.type === "findings") {
          resolve({ type: "findings", findings: message.findings });
          port.close();
        } else {
          port.end(message.type === "error" ? message.error : { code: "host_protocol" });
        }
      },
      onEnd: (error) => resolve({ type: "error", error }),
    }, log);
  });
}

/** Asks for the host's state. @param {LogLevel | null} log @returns {Promise<StatusReply>} */
function status(log) {
  /** @type {StatusReply} */
  const unknown = {
    type: "status",
    extension: part(),
    host: null,
    service: null,
    readers: 0,
    cards: 0,
    managed: false,
    error: null,
  };
  return new Promise((resolve) => {
    const port = new HostPort({
      onReady: () => port.status(),
      onMessage(message) {
        if (message.type === "status") {
          const { service, readers, cards } = message;
          void rememberSites(message.sites ?? []);
          // Modules with their own readers need no such service.
          const error = service === "off" && readers === 0 ? { code: "service_off" } : null;
          resolve({ ...unknown, host: port.host, service, readers, cards, error });
          port.close();
        } else {
          port.end(message.type === "error" ? message.error : { code: "host_protocol" });
        }
      },
      onEnd: (error, host) => resolve({ ...unknown, host, error }),
    }, log);
  });
}

/** @param {PageConversation} page @param {CardRequest} request */
async function openWindow(page, request) {
  const id = crypto.randomUUID();
  /** @type {Pending} */
  const entry = { page, request, window: null, card: null, ifClosed: { code: "cancelled" } };
  const busy = pending.size > 0;
  if (!busy) {
    // Registered before anything is awaited, so that two requests at once do not both find the place free.
    pending.set(id, entry);
  }
  if ((await isWindowOpen()) || busy) {
    page.end({ type: "error", error: { code: "busy" } });
    return;
  }
  if (!page.open) {
    return giveUp(page);
  }
  const window = await chrome.windows.create({
    type: "popup",
    url: `card.html#${id}`,
    ...WINDOW_SIZE,
    focused: true,
  });
  entry.window = window?.id ?? null;
  if (page.open) {
    page.tell({ type: "opened" });
  } else {
    // The page cancelled while the window was being created.
    closeWindow(entry);
  }
}

/**
 * Whether another request's card window is open; if so, brings it to the front. A window of the page's previous
 * request that is just closing is waited for.
 */
async function isWindowOpen() {
  for (let waited = 0; ; waited += 100) {
    const open = await cardWindow();
    if (!open) {
      return false;
    }
    if (waited >= CLOSED_WITHIN) {
      // Fails when the person is closing it at this moment.
      chrome.windows.update(open.windowId, { focused: true }).catch(() => {});
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Asked of the browser, not remembered: this worker may have been stopped since the window was opened. */
async function cardWindow() {
  const contexts = await chrome.runtime.getContexts({ contextTypes: ["TAB"] });
  return contexts.find((context) => context.documentUrl?.startsWith(cardPage()));
}

/** Whether an update would interrupt somebody. */
async function isBusy() {
  return asking.size > 0 || (await cardWindow()) !== undefined;
}

/** Nobody waits any more: no request, and no window. @param {PageConversation} page */
function giveUp(page) {
  for (const [id, entry] of pending) {
    if (entry.page === page) {
      pending.delete(id);
      closeWindow(entry);
    }
  }
}

/** @param {Pending} entry */
function closeWindow(entry) {
  entry.card?.disconnect();
  if (entry.window !== null) {
    // Fails when the person has already closed it.
    chrome.windows.remove(entry.window).catch(() => {});
  }
}

/** @returns {Part} */
function part() {
  return { version: chrome.runtime.getManifest().version, protocol: PROTOCOL, oldest_protocol: OLDEST_PROTOCOL };
}

function cardPage() {
  return chrome.runtime.getURL("card.html");
}
