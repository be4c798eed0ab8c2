import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FakeEvent, FakePort, golden, settled } from "./fakes.js";

const ID = "eeghagochdoihnfnkeldnmiapppgifok";
const SITE = "https://ebid.example.jp";
const OTHER = "https://other.example.jp";
const PATTERN = `${SITE}/*`;
const KNOWN = { origin: SITE, agencies: ["青森市"], help_desk: { name: "窓口", phone: "1", hours: "", note: "" } };

let allowed;
let registered;
let injected;
let local;
let native;
let opened;

const events = Object.fromEntries(
  ["onConnectExternal", "onConnect", "onUpdateAvailable", "onStartup", "onInstalled"].map((name) => [name, new FakeEvent()]),
);
const permissions = { onAdded: new FakeEvent(), onRemoved: new FakeEvent() };
globalThis.fetch = async () => ({ json: async () => ({ origins: [], help_desk: { name: "発注機関の窓口", phone: "" } }) });
Object.defineProperty(globalThis, "navigator", { value: {} });
globalThis.chrome = {
  action: { onClicked: new FakeEvent() },
  management: { getSelf: async () => ({ installType: "normal" }) },
  permissions: { ...permissions, getAll: async () => ({ origins: allowed }) },
  runtime: {
    id: ID,
    ...events,
    connectNative: () => native,
    getManifest: () => ({ version: "0.1.0", externally_connectable: { ids: [] }, optional_host_permissions: ["https://*.jp/*"] }),
    getURL: (path) => `chrome-extension://${ID}/${path}`,
    getContexts: async () => [],
    openOptionsPage: async () => void (opened += 1),
  },
  scripting: {
    getRegisteredContentScripts: async () => registered,
    registerContentScripts: async (scripts) => void (registered = scripts),
    updateContentScripts: async (scripts) => void (registered = scripts),
    unregisterContentScripts: async () => void (registered = []),
    executeScript: async ({ target }) => void injected.push(target.tabId),
  },
  storage: {
    managed: { get: async () => ({}), onChanged: new FakeEvent() },
    local: { get: async () => local, set: async (values) => void Object.assign(local, values) },
  },
  tabs: { query: async () => [{ id: 7 }] },
  windows: { onRemoved: new FakeEvent(), create: async () => ({ id: 1 }), remove: async () => {}, update: async () => ({}) },
};
await import("../worker.js");
const { patternOf } = await import("../relays.js");

beforeEach(() => {
  allowed = [];
  registered = [];
  injected = [];
  local = { sites: [KNOWN] };
  native = new FakePort();
  opened = 0;
});

/** What a page that asks for the status through the relay receives. */
async function asks(sender = {}) {
  const port = new FakePort({ name: "page", sender: { id: ID, origin: SITE, frameId: 0, documentLifecycle: "active", ...sender } });
  events.onConnect.emit(port);
  port.says({ type: "status" });
  await settled();
  native.says(golden("host_messages")[0]);
  native.says({ type: "status", id: 1, service: "running", readers: 0, cards: 0, sites: [KNOWN] });
  await settled();
  return port.sent[0];
}

test("after the installation the page that asks for the sites opens, and after an update it does not", async () => {
  events.onInstalled.emit({ reason: "install" });
  events.onInstalled.emit({ reason: "update" });
  await settled();
  assert.equal(opened, 1);
});

test("the relay is brought into the sites that the person allows, open pages too, and goes with the permission", async () => {
  allowed = [PATTERN];
  permissions.onAdded.emit();
  await settled();
  assert.deepEqual(registered[0].matches, [PATTERN]);
  assert.equal(registered[0].allFrames, false);
  assert.deepEqual(injected, [7]);
  allowed = [];
  permissions.onRemoved.emit();
  await settled();
  assert.deepEqual(registered, []);
});

test("a relayed page is answered where the site is allowed and known, and is told nothing of other sites", async () => {
  allowed = [PATTERN];
  const status = await asks();
  assert.equal(status.type, "status");
  assert.equal("sites" in status, false);
});

test("a relayed page of a site that is not allowed, not known, or in a frame is refused", async () => {
  assert.equal((await asks()).error.code, "origin_not_allowed");
  allowed = [PATTERN, `${OTHER}/*`];
  assert.equal((await asks({ origin: OTHER })).error.code, "origin_not_allowed");
  assert.equal((await asks({ frameId: 2 })).error.code, "frame_not_allowed");
  local = { sites: [] };
  assert.equal((await asks()).error.code, "origin_not_allowed");
});

test("what the card program says of its sites is remembered", async () => {
  allowed = [PATTERN];
  local = { sites: [{ ...KNOWN, agencies: ["前の名前"] }] };
  await asks();
  assert.deepEqual(local["sites"], [KNOWN]);
});

test("a site is asked for by its host alone", () => {
  assert.equal(patternOf("https://ebid.example.jp:8443"), PATTERN);
  assert.equal(patternOf("http://localhost:8080"), "http://localhost/*");
});
