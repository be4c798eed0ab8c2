import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FakeEvent, FakePort, golden, settled, until } from "./fakes.js";

const ID = "eeghagochdoihnfnkeldnmiapppgifok";
const SITE = "http://localhost:8080";
const CARD_PAGE = `chrome-extension://${ID}/card.html`;
const [HELLO] = golden("host_messages");
const [, AUTHENTICATE] = golden("page_requests");
const TOKEN = golden("page_replies").find((reply) => reply.type === "token");

/** What the browser shows: card windows by their id. */
let windows;
let native;
let managed;
let local = {};

const onConnectExternal = new FakeEvent();
const onConnect = new FakeEvent();
const onRemoved = new FakeEvent();
const onUpdateAvailable = new FakeEvent();
let reloads;

globalThis.fetch = async () => ({
  json: async () => ({ origins: [{ origin: SITE, agencies: ["青森市"] }], help_desk: { name: "A", phone: "1" } }),
});
Object.defineProperty(globalThis, "navigator", { value: { userAgentData: { brands: [{ brand: "Google Chrome" }] } } });
globalThis.chrome = {
  management: { getSelf: async () => ({ installType: "normal" }) },
  runtime: {
    id: ID,
    onConnectExternal,
    onConnect,
    onUpdateAvailable,
    reload: () => void (reloads += 1),
    connectNative: () => native,
    getManifest: () => ({ version: "0.1.0", externally_connectable: { matches: ["http://localhost/*"] } }),
    getURL: (path) => `chrome-extension://${ID}/${path}`,
    getContexts: async () => [...windows].map(([windowId, documentUrl]) => ({ windowId, documentUrl })),
  },
  storage: {
    managed: { get: async () => managed, onChanged: new FakeEvent() },
    local: { get: async () => local, set: async (values) => void Object.assign(local, values) },
  },
  windows: {
    onRemoved,
    create: async ({ url }) => {
      const id = windows.size + 1;
      windows.set(id, `chrome-extension://${ID}/${url}`);
      return { id };
    },
    remove: async (id) => {
      windows.delete(id);
    },
    update: async () => ({}),
  },
};
await import("../worker.js");

beforeEach(() => {
  windows = new Map();
  native = new FakePort();
  managed = {};
  local = {};
  reloads = 0;
});

/** A page that connects. */
function page(sender = {}) {
  const port = new FakePort({ sender: { origin: SITE, frameId: 0, documentLifecycle: "active", ...sender } });
  onConnectExternal.emit(port);
  return port;
}

/** A page whose request has opened a card window, and that window's port. */
async function opened() {
  const asking = page();
  asking.says(AUTHENTICATE);
  await settled();
  const [url] = [...windows.values()].slice(-1);
  const card = new FakePort({ name: `card:${url.split("#")[1]}`, sender: { id: ID, url } });
  onConnect.emit(card);
  return { asking, card };
}

test("status asks the host and lets it go", async () => {
  const [expected] = golden("page_replies");
  const asking = page();
  asking.says({ type: "status" });
  await settled();
  native.says(HELLO);
  native.says({ type: "status", id: 1, service: "running", readers: 2, cards: 1 });
  await settled();
  assert.deepEqual(asking.sent, [expected]);
  assert.ok(asking.closed && native.closed);
});

test("a page of an agency's own build doesn't come in through a relay's name", async () => {
  const port = new FakePort({ name: "page", sender: { id: ID, origin: SITE, frameId: 0, documentLifecycle: "active" } });
  onConnect.emit(port);
  port.says({ type: "status" });
  await settled();
  assert.ok(port.closed && port.sent.length === 0);
});

test("status without a host says so, and what the extension is", async () => {
  const asking = page();
  asking.says({ type: "status" });
  await settled();
  chrome.runtime.lastError = { message: "Specified native messaging host not found." };
  native.breaks();
  await settled();
  assert.deepEqual(asking.sent, [golden("page_replies")[2]]);
});

/** A page that asks for a check-up, and a host that introduces itself. */
async function checkingUp(hello = HELLO) {
  const asking = page();
  asking.says({ type: "check_up" });
  await settled();
  native.says(hello);
  return asking;
}

test("a check-up tells what the doctor finds for this browser, and lets the host go", async () => {
  const findings = golden("page_replies").find((reply) => reply.type === "findings");
  const asking = await checkingUp();
  assert.deepEqual(native.sent, [{ command: "check_up", id: 1, browser: "chrome" }]);
  native.says({ ...findings, id: 1 });
  await settled();
  assert.deepEqual(asking.sent, [findings]);
  assert.ok(asking.closed && native.closed);
});

test("a host that is older than check-ups is not asked for one, and is named", async () => {
  const asking = await checkingUp({ ...HELLO, version: "0.0.9", protocol: 1 });
  await settled();
  assert.deepEqual(native.sent, []);
  assert.deepEqual(asking.sent, [{ type: "error", error: { code: "host_too_old", detail: "0.0.9" } }]);
});

test("a check-up that the host refuses, or that no host hears, says why", async () => {
  const asking = await checkingUp();
  native.says({ type: "error", id: 1, error: { code: "timed_out", detail: "doctor" } });
  await settled();
  assert.deepEqual(asking.sent, [{ type: "error", error: { code: "timed_out", detail: "doctor" } }]);

  native = new FakePort();
  const second = page();
  second.says({ type: "check_up" });
  await settled();
  chrome.runtime.lastError = { message: "Native host has exited." };
  native.breaks();
  await settled();
  assert.deepEqual(second.sent, [{ type: "error", error: { code: "host_exited", detail: "Native host has exited." } }]);
});

test("a check-up is for the sites that may ask for the status, and no others", async () => {
  managed = { allowed_origins: [] };
  const asking = page();
  asking.says({ type: "check_up" });
  await settled();
  assert.deepEqual(asking.sent, [{ type: "error", error: { code: "origin_not_allowed" } }]);
  assert.deepEqual(native.sent, []);
});

test("an administrator's extension says that it is one", async () => {
  managed = { allowed_origins: [SITE] };
  const asking = page();
  asking.says({ type: "status" });
  await settled();
  native.says(HELLO);
  native.says({ type: "status", id: 1, service: "running", readers: 0, cards: 0 });
  await settled();
  assert.equal(asking.sent[0].managed, true);
});

test("the card window is told who asks by the browser's word, not the page's", async () => {
  const asking = page();
  asking.says({ ...AUTHENTICATE, origin: "https://other.example", agencies: ["別の市"] });
  await settled();
  assert.deepEqual(asking.sent, [{ type: "opened" }]);
  const [url] = windows.values();
  const card = new FakePort({ name: `card:${url.split("#")[1]}`, sender: { id: ID, url } });
  onConnect.emit(card);
  const { nonce, purpose } = AUTHENTICATE;
  const help_desk = { name: "A", phone: "1", hours: "", note: "" };
  const pin = { entry: "window", last_try: "ask", idle_minutes: 5 };
  const asked = { type: "request", origin: SITE, what: { nonce, purpose }, my_number: false };
  const told = { agencies: ["青森市"], help_desk, managed: false, pin, log_level: null };
  assert.deepEqual(card.sent, [{ ...asked, ...told }]);
  asking.breaks();
});

test("a page that asks the server for one thing and shows another gets no card window", async () => {
  const bound = golden("page_requests").find((request) => request.agency);
  for (const lie of [{ purpose: "register" }, { agency: "弘前市" }, { agency: undefined }]) {
    const asking = page();
    asking.says({ ...bound, ...lie });
    await until(() => asking.sent.length > 0);
    assert.deepEqual(asking.sent.map(({ error }) => error?.code), ["bad_request"], JSON.stringify(lie));
  }
  assert.equal(windows.size, 0);

  const asking = page();
  asking.says(bound);
  await until(() => windows.size > 0);
  const [url] = windows.values();
  const card = new FakePort({ name: `card:${url.split("#")[1]}`, sender: { id: ID, url } });
  onConnect.emit(card);
  assert.deepEqual(card.sent[0].agencies, [bound.agency], "the server's word, not all agencies of the site");
  asking.breaks();
});

test("an application is signed only for the site that it names, and by no My Number Card", async () => {
  const asked = golden("page_requests").find((request) => request.type === "sign");
  const elsewhere = page();
  elsewhere.says(asked);
  await settled();
  assert.deepEqual(elsewhere.sent, [{ type: "error", error: { code: "bad_request", field: "document" } }]);
  assert.equal(windows.size, 0);

  const asking = page();
  const document = asked.document.replace("https://ebid.example.jp", SITE);
  asking.says({ ...asked, document, my_number: true });
  await settled();
  const [url] = windows.values();
  const card = new FakePort({ name: `card:${url.split("#")[1]}`, sender: { id: ID, url } });
  onConnect.emit(card);
  assert.deepEqual([card.sent[0].what, card.sent[0].my_number], [{ document, card: asked.card }, false]);
  const signature = golden("page_replies").find((reply) => reply.type === "signature");
  card.says(signature);
  assert.deepEqual(asking.sent, [{ type: "opened" }, signature]);
});

test("the token goes to the page, once, and the window closes", async () => {
  const { asking, card } = await opened();
  card.says(TOKEN);
  card.says({ type: "error", error: { code: "cancelled" } });
  card.breaks();
  assert.deepEqual(asking.sent, [{ type: "opened" }, TOKEN]);
  assert.ok(asking.closed && card.closed);
  assert.equal(windows.size, 0);
});

test("a window that the person closes is a cancel", async () => {
  const { asking, card } = await opened();
  card.breaks();
  assert.deepEqual(asking.sent.at(-1), { type: "error", error: { code: "cancelled" } });
});

test("a window closed on an error that nothing mends tells that error", async () => {
  const { asking, card } = await opened();
  card.says({ type: "failing", error: { code: "host_exited" } });
  card.breaks();
  assert.deepEqual(asking.sent.at(-1), { type: "error", error: { code: "host_exited" } });
});

test("a window closed before it could connect is a cancel", async () => {
  const asking = page();
  asking.says(AUTHENTICATE);
  await settled();
  onRemoved.emit([...windows.keys()][0]);
  assert.deepEqual(asking.sent.at(-1), { type: "error", error: { code: "cancelled" } });
});

test("a page that goes or cancels takes the window with it", async () => {
  const { asking, card } = await opened();
  asking.breaks();
  assert.ok(card.closed);
  assert.equal(windows.size, 0);

  const second = await opened();
  second.asking.says({ type: "cancel" });
  assert.deepEqual(second.asking.sent.at(-1), { type: "error", error: { code: "cancelled" } });
  assert.equal(windows.size, 0);
});

test("a page that gives up while the window is being made leaves none", async () => {
  const asking = page();
  asking.says(AUTHENTICATE);
  asking.breaks();
  await settled();
  assert.equal(windows.size, 0);
});

test("of two requests at once, one gets the window and the other is told", { timeout: 10_000 }, async (context) => {
  hurry(context);
  const first = page();
  const second = page();
  first.says(AUTHENTICATE);
  second.says(AUTHENTICATE);
  await until(() => second.closed);
  assert.deepEqual(first.sent, [{ type: "opened" }]);
  assert.deepEqual(second.sent, [{ type: "error", error: { code: "busy" } }]);
  assert.equal(windows.size, 1);
  first.breaks();
});

test("a window that an earlier life of the worker opened counts", { timeout: 10_000 }, async (context) => {
  hurry(context);
  windows.set(7, `${CARD_PAGE}#old`);
  const asking = page();
  asking.says(AUTHENTICATE);
  await until(() => asking.closed);
  assert.deepEqual(asking.sent, [{ type: "error", error: { code: "busy" } }]);
});

test("who may not ask is told so, whatever the message", async () => {
  const cases = [
    [{ frameId: 1 }, "frame_not_allowed"],
    [{ documentLifecycle: "prerender" }, "frame_not_allowed"],
    [{ origin: "https://other.example" }, "origin_not_allowed"],
    [{ id: "a".repeat(32) }, "origin_not_allowed"],
  ];
  for (const [sender, code] of cases) {
    const asking = page(sender);
    asking.says(AUTHENTICATE);
    await settled();
    assert.deepEqual(asking.sent, [{ type: "error", error: { code } }]);
    assert.ok(asking.closed);
  }
  assert.equal(windows.size, 0);
});

test("an administrator's list is heard at each request", async () => {
  managed = { allowed_origins: ["https://ebid.example.jp"] };
  const asking = page();
  asking.says({ type: "status" });
  await settled();
  assert.deepEqual(asking.sent, [{ type: "error", error: { code: "origin_not_allowed" } }]);
});

test("an administrator's word on the log reaches the host with the first command", async () => {
  managed = { host_log_level: "debug" };
  for (const type of ["status", "check_up"]) {
    native = new FakePort();
    const asking = page();
    asking.says({ type });
    await settled();
    native.says(HELLO);
    assert.equal(native.sent[0].log_level, "debug");
    asking.breaks();
  }
});

test("an administrator's names, desk and PIN rules reach the card window", async () => {
  managed = {
    agencies: [{ origin: SITE, name: "弘前市" }],
    help_desk: { name: "情報システム課", hours: "平日9時から17時", note: "内線でもどうぞ。" },
    pin_entry: "host",
    pin_last_try: "refuse",
    pin_idle_minutes: 2,
    host_log_level: "info",
  };
  const { asking, card } = await opened();
  const [{ agencies, help_desk, managed: looked_after, pin, log_level }] = card.sent;
  assert.equal(log_level, "info");
  assert.deepEqual(agencies, ["弘前市"]);
  assert.deepEqual(help_desk, { ...managed.help_desk, phone: "" });
  assert.equal(looked_after, true);
  assert.deepEqual(pin, { entry: "host", last_try: "refuse", idle_minutes: 2 });
  asking.breaks();
});

test("an update waits for the card window, and for the answer to have left", { timeout: 10_000 }, async (context) => {
  hurry(context);
  const { asking, card } = await opened();
  onUpdateAvailable.emit({ version: "9.9.9" });
  await settled();
  assert.equal(reloads, 0);
  card.says(TOKEN);
  assert.deepEqual(asking.sent.at(-1), TOKEN);
  assert.equal(reloads, 0);
  await until(() => reloads > 0);
  assert.equal(reloads, 1);
});

test("an update waits for a card window of the worker's earlier life", { timeout: 10_000 }, async (context) => {
  hurry(context);
  windows.set(7, `${CARD_PAGE}#old`);
  onUpdateAvailable.emit({ version: "9.9.9" });
  await settled();
  assert.equal(reloads, 0);
  windows.clear();
  page().breaks();
  await until(() => reloads > 0);
});

test("an update that comes when nobody asks is applied at once, and a request that comes meanwhile goes first", { timeout: 10_000 }, async (context) => {
  const waits = [];
  const original = globalThis.setTimeout;
  globalThis.setTimeout = (callback) => void waits.push(callback);
  context.after(() => {
    globalThis.setTimeout = original;
  });
  onUpdateAvailable.emit({ version: "9.9.9" });
  await settled();
  const { asking } = await opened();
  waits.shift()();
  await settled();
  assert.equal(reloads, 0);
  asking.breaks();
  await settled();
  waits.forEach((callback) => callback());
  await settled();
  assert.equal(reloads, 1);
});

test("one port is one request", async () => {
  const { asking } = await opened();
  asking.says({ type: "status" });
  assert.deepEqual(asking.sent.at(-1), { type: "error", error: { code: "bad_request", field: "type" } });
  assert.equal(windows.size, 0);
});

test("nobody gets a request by a guessed, used or stolen name", async () => {
  const guess = new FakePort({ name: "card:guess", sender: { id: ID, url: `${CARD_PAGE}#guess` } });
  onConnect.emit(guess);
  assert.ok(guess.closed);

  const { asking, card } = await opened();
  const again = new FakePort({ name: card.name, sender: card.sender });
  onConnect.emit(again);
  assert.ok(again.closed);
  assert.deepEqual(again.sent, []);
  asking.breaks();
});

/** Makes the worker's waits end at once for one test. */
function hurry(context) {
  const original = globalThis.setTimeout;
  globalThis.setTimeout = (callback) => original(callback, 0);
  context.after(() => {
    globalThis.setTimeout = original;
  });
}

