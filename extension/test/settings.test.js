import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { managedSettings, rememberSettings } from "../settings.js";
import { FakeEvent, FakeTimers, settled } from "./fakes.js";

let managed;
let local;
let installType;
let changed;
let timers;

beforeEach(() => {
  managed = {};
  local = {};
  installType = "normal";
  changed = new FakeEvent();
  timers = new FakeTimers();
  timers.install();
  globalThis.chrome = {
    management: { getSelf: async () => ({ installType }) },
    storage: {
      managed: { get: async () => managed, onChanged: changed },
      local: { get: async () => local, set: async (values) => void Object.assign(local, values) },
    },
  };
});

test("without an administrator there are no settings, and nothing is waited for", async () => {
  assert.deepEqual(await managedSettings(), {});
});

test("after a forced installation the settings are waited for", async () => {
  installType = "admin";
  const settings = managedSettings();
  await settled();
  managed = { allowed_origins: ["https://ebid.example.jp"] };
  changed.emit();
  assert.deepEqual(await settings, managed);
});

test("a forced installation without settings goes on without them after a while", async () => {
  installType = "admin";
  const settings = managedSettings();
  await settled();
  timers.runOut();
  assert.deepEqual(await settings, {});
});

test("settings that were there once and do not come are not taken for none", async () => {
  managed = { allowed_origins: [] };
  await managedSettings();
  managed = {};
  const settings = managedSettings();
  await settled();
  timers.runOut();
  assert.equal(await settings, null);
});

test("settings that come late after having been there once count", async () => {
  local = { managed_seen: true };
  const settings = managedSettings();
  await settled();
  managed = { allowed_origins: [] };
  changed.emit();
  assert.deepEqual(await settings, managed);
});

test("an administrator who withdraws all settings is heard", async () => {
  managed = { allowed_origins: [] };
  await managedSettings();
  managed = {};
  await rememberSettings();
  assert.deepEqual(await managedSettings(), {});
});
