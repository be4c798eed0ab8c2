import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { errorOfBrowser, errorOfVersion, HostPort } from "../host-port.js";
import { FakePort, FakeTimers, golden } from "./fakes.js";

const [HELLO] = golden("host_messages");

let native;
let timers;
let heard;

beforeEach(() => {
  native = new FakePort();
  timers = new FakeTimers();
  timers.install();
  heard = [];
  globalThis.chrome = { runtime: { connectNative: () => native, lastError: undefined } };
});

function start(logLevel) {
  const listener = {
    onReady: (host) => heard.push(["ready", host.version]),
    onMessage: (message) => heard.push(["message", message.type]),
    onEnd: (error, host) => heard.push(["end", error.code, host?.version ?? null]),
  };
  return new HostPort(listener, logLevel);
}

test("each sentence of the browser is the state that it means", () => {
  const sentences = {
    "Specified native messaging host not found.": "host_missing",
    "Access to the specified native messaging host is forbidden.": "host_forbidden",
    "Access to the native messaging host was disabled by the system administrator.": "host_blocked",
    "Native host has exited.": "host_exited",
    "Failed to start native messaging host.": "host_exited",
    "Error when communicating with the native messaging host.": "host_protocol",
    "Something new.": "host_unreachable",
  };
  for (const [sentence, code] of Object.entries(sentences)) {
    assert.deepEqual(errorOfBrowser(sentence), { code, detail: sentence }, "the help desk reads the browser's words");
  }
  assert.deepEqual(errorOfBrowser(undefined), { code: "host_exited" });
});

test("neighbouring versions work together, and others say which part to update", () => {
  const codes = { fits: undefined, too_old: "host_too_old", too_new: "host_too_new" };
  for (const { name, ours, theirs, fit } of golden("version_pairs")) {
    const error = errorOfVersion(theirs, ours);
    assert.equal(error?.code, codes[fit], name);
    assert.equal(error?.detail, error ? theirs.version : undefined);
  }
});

test("the commands are the golden ones", () => {
  const [status, watch, first, second, cancel, ...rest] = golden("host_commands");
  const host = start();
  native.says(HELLO);
  host.status();
  host.watch(watch.origin, false);
  assert.equal(host.authenticate(first), first.id);
  host.authenticate(second);
  host.cancel();
  const quiet = rest.filter(({ log_level }) => log_level === undefined);
  const checkUps = quiet.filter(({ command }) => command === "check_up");
  const [atHost, withMyNumber] = rest.filter(({ command }) => command === "authenticate");
  const [myNumber] = quiet.filter(({ command }) => command === "watch");
  for (const { browser, id } of checkUps) {
    host.checkUp(browser);
    native.sent.at(-1).id = id;
  }
  host.authenticate(atHost);
  native.sent.at(-1).id = atHost.id;
  host.watch(myNumber.origin, myNumber.my_number);
  host.authenticate(withMyNumber);
  native.sent.at(-2).id = myNumber.id;
  native.sent.at(-1).id = withMyNumber.id;
  const signs = rest.filter(({ command }) => command === "sign");
  for (const command of signs) {
    host.sign(command);
    native.sent.at(-1).id = command.id;
  }
  const sent = [status, watch, first, second, cancel, ...checkUps, atHost, myNumber, withMyNumber, ...signs];
  assert.deepEqual(native.sent, sent);
  assert.equal(sent.length, 5 + quiet.length, "each golden command is one of these");
});

test("an administrator's word on the log goes with each command that may be the first, as the golden ones say", () => {
  const golds = golden("host_commands").filter(({ log_level }) => log_level !== undefined);
  assert.ok(golds.length > 5);
  for (const command of golds) {
    native = new FakePort();
    const host = start(command.log_level);
    const does = {
      status: () => host.status(),
      watch: () => host.watch(command.origin),
      check_up: () => host.checkUp(command.browser),
    };
    does[command.command]();
    assert.deepEqual(native.sent, [{ ...command, id: 1 }]);
  }
});

test("messages come after hello", () => {
  start();
  native.says(HELLO);
  native.says({ type: "done", id: 1 });
  assert.deepEqual(heard, [["ready", "0.1.0"], ["message", "done"]]);
});

test("a host that says something before hello, or hello twice, speaks another protocol", () => {
  start();
  native.says({ type: "done", id: 1 });
  assert.deepEqual(heard, [["end", "host_protocol", null]]);
  assert.ok(native.closed);

  heard = [];
  native = new FakePort();
  start();
  native.says(HELLO);
  native.says(HELLO);
  assert.deepEqual(heard.at(-1), ["end", "host_protocol", "0.1.0"]);
});

test("a host that is too old is told with its version, and gets no command", () => {
  start();
  native.says({ ...HELLO, version: "0.0.9", protocol: 0, oldest_protocol: 0 });
  assert.deepEqual(heard, [["end", "host_too_old", "0.0.9"]]);
  assert.deepEqual(native.sent, []);
});

test("silence before hello, and after a question, is an end", () => {
  start();
  timers.runOut();
  assert.deepEqual(heard, [["end", "host_protocol", null]]);

  heard = [];
  native = new FakePort();
  const host = start();
  native.says(HELLO);
  host.status();
  timers.runOut();
  assert.deepEqual(heard.at(-1), ["end", "host_protocol", "0.1.0"]);
});

test("a card may take its time to sign", () => {
  const host = start();
  native.says(HELLO);
  host.authenticate(golden("host_commands")[2]);
  timers.runOut();
  assert.deepEqual(heard, [["ready", "0.1.0"]]);
});

test("an end is told once, by the browser's reason", () => {
  start();
  chrome.runtime.lastError = { message: "Specified native messaging host not found." };
  native.breaks();
  native.breaks();
  native.says(HELLO);
  assert.deepEqual(heard, [["end", "host_missing", null]]);
});

test("a port that was closed says nothing more and sends nothing more", () => {
  const host = start();
  host.close();
  native.breaks();
  timers.runOut();
  host.status();
  assert.deepEqual(heard, []);
  assert.deepEqual(native.sent, []);
});
