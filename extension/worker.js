// The relay: pages ask, the card window and the host answer.
//
// It keeps nothing that matters. A request lives on two ports, the page's and the card window's; if the
// browser stops this worker, both break and both ends see it. While a card window is open it writes every 20
// seconds, which keeps the worker up: browsers stop one after 30 seconds without an event.

import { agenciesOf, helpDesk, isAllowed, managedSettings } from "./access.js";
import { HostPort } from "./host-port.js";
import { OLDEST_PROTOCOL, PROTOCOL, readPageRequest } from "./messages.js";

/** @import { CardError, CardOutcome, CardRequest, Deployment, PageReply, Part, Status } from "./types" */

/**
 * A page's request that a card window answers.
 * @typedef {{ page: chrome.runtime.Port, request: CardRequest, window: number | null }} Pending
 */

/** @type {Map<string, Pending>} */
const pending = new Map();

chrome.runtime.onConnectExternal.addListener((port) => {
  port.onMessage.addListener((value) => void receive(port, value));
  port.onDisconnect.addListener(() => {
    // The page, or its tab, is gone; nobody waits for the card window any more.
    const entry = requestOf(port);
    if (entry) {
      pending.delete(entry[0]);
      void closeWindow(entry[1]);
    }
  });
});

chrome.runtime.onConnect.addListener((port) => {
  const id = port.name;
  const entry = pending.get(id);
  const fromCardWindow = port.sender?.id === chrome.runtime.id && port.sender.url?.startsWith(cardPage());
  if (!entry || !fromCardWindow) {
    port.disconnect();
    return;
  }
  port.postMessage(entry.request);
  port.onMessage.addListener((/** @type {CardOutcome} */ outcome) => {
    if (outcome.type !== "alive") {
      finish(id, outcome);
    }
  });
  port.onDisconnect.addListener(() => finish(id, { type: "error", error: { code: "cancelled" } }));
});

chrome.windows.onRemoved.addListener((window) => {
  for (const [id, entry] of pending) {
    if (entry.window === window) {
      finish(id, { type: "error", error: { code: "cancelled" } });
    }
  }
});

/** @param {chrome.runtime.Port} port @param {unknown} value */
async function receive(port, value) {
  const read = readPageRequest(value);
  if ("error" in read) {
    refuse(port, read.error);
    return;
  }
  if (read.request.type === "cancel") {
    const entry = requestOf(port);
    if (entry) {
      finish(entry[0], { type: "error", error: { code: "cancelled" } });
    }
    return;
  }
  const sender = port.sender;
  // The browser's word on who asks; nothing in a message can change it.
  const origin = sender?.origin;
  if (!sender || !origin || sender.id !== undefined) {
    refuse(port, { code: "origin_not_allowed" });
    return;
  }
  if (sender.frameId !== 0 || (sender.documentLifecycle ?? "active") !== "active") {
    refuse(port, { code: "frame_not_allowed" });
    return;
  }
  const managed = await managedSettings();
  if (!isAllowed(origin, managed)) {
    refuse(port, { code: "origin_not_allowed" });
    return;
  }
  if (read.request.type === "status") {
    reply(port, await status());
    return;
  }
  const deployment = await deploymentFile();
  const { nonce, purpose } = read.request;
  await openWindow(port, {
    type: "request",
    origin,
    nonce,
    purpose,
    agencies: agenciesOf(origin, managed, deployment),
    help_desk: helpDesk(managed, deployment),
  });
}

/** Asks the host how things are. @returns {Promise<Status>} */
function status() {
  /** @type {Status} */
  const unknown = {
    type: "status",
    extension: part(),
    host: null,
    service: null,
    readers: 0,
    cards: 0,
    error: null,
  };
  return new Promise((resolve) => {
    /** @type {Part | null} */
    let host = null;
    const port = new HostPort({
      onReady(ready) {
        host = ready;
        port.send({ command: "status", id: 1 });
      },
      onMessage(message) {
        if (message.type === "status") {
          port.close();
          const { service, readers, cards } = message;
          const error = service === "off" ? { code: "service_off" } : null;
          resolve({ ...unknown, host, service, readers, cards, error });
        } else if (message.type === "error") {
          port.close();
          resolve({ ...unknown, host, error: message.error });
        }
      },
      onEnd(error) {
        resolve({ ...unknown, host, error });
      },
    });
  });
}

/** @param {chrome.runtime.Port} page @param {CardRequest} request */
async function openWindow(page, request) {
  if (pending.size > 0 || (await isWindowOpen())) {
    refuse(page, { code: "busy" });
    return;
  }
  const id = crypto.randomUUID();
  /** @type {Pending} */
  const entry = { page, request, window: null };
  pending.set(id, entry);
  const window = await chrome.windows.create({
    type: "popup",
    url: `card.html#${id}`,
    width: 480,
    height: 720,
    focused: true,
  });
  entry.window = window?.id ?? null;
  if (pending.has(id)) {
    page.postMessage(/** @satisfies {PageReply} */ ({ type: "opened" }));
  } else {
    // The page gave up while the window was being made.
    await closeWindow(entry);
  }
}

/** Asked of the browser, not remembered: this worker may have been stopped since a window was opened. */
async function isWindowOpen() {
  const contexts = await chrome.runtime.getContexts({ contextTypes: ["TAB"] });
  return contexts.some((context) => context.documentUrl?.startsWith(cardPage()));
}

/** Ends a request: one final reply, and no window. @param {string} id @param {PageReply} outcome */
function finish(id, outcome) {
  const entry = pending.get(id);
  if (entry) {
    pending.delete(id);
    reply(entry.page, outcome);
    void closeWindow(entry);
  }
}

/** @param {Pending} entry */
async function closeWindow(entry) {
  if (entry.window !== null) {
    // Fails when the person has closed it already.
    await chrome.windows.remove(entry.window).catch(() => {});
  }
}

/** @param {chrome.runtime.Port} page @returns {[string, Pending] | undefined} */
function requestOf(page) {
  return [...pending].find(([, entry]) => entry.page === page);
}

/** @param {chrome.runtime.Port} port @param {CardError} error */
function refuse(port, error) {
  reply(port, { type: "error", error });
}

/** @param {chrome.runtime.Port} port @param {PageReply} message */
function reply(port, message) {
  try {
    port.postMessage(message);
    port.disconnect();
  } catch {
    // The page is gone; there is nobody to tell.
  }
}

/** @returns {Part} */
function part() {
  return { version: chrome.runtime.getManifest().version, protocol: PROTOCOL, oldest_protocol: OLDEST_PROTOCOL };
}

function cardPage() {
  return chrome.runtime.getURL("card.html");
}

/** @returns {Promise<Deployment>} */
async function deploymentFile() {
  return (await fetch(chrome.runtime.getURL("deployment.json"))).json();
}
