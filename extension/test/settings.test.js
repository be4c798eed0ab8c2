import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

test("the schema is one that browsers load: one type a node, no rest, and an enum only of texts", () => {
  const schema = JSON.parse(readFileSync(new URL("../managed_schema.json", import.meta.url), "utf8"));
  const check = (node) => {
    assert.ok(["object", "array", "string", "integer"].includes(node.type), JSON.stringify(node));
    assert.ok(!("additionalProperties" in node));
    assert.ok(node.enum === undefined || node.type === "string");
    Object.values(node.properties ?? {}).forEach(check);
    if (node.type === "array") {
      check(node.items);
    }
  };
  check(schema);
  for (const setting of Object.values(schema.properties)) {
    assert.ok(setting.title, "administrators' editors show it");
  }
});
