// The words of docs/words.md: none of its right-hand column may stand in a sentence that a person reads.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..");

/** Where sentences for people are kept. */
const ROOMS = [
  "README.md",
  "agencies",
  "crates",
  "deploy",
  "docs",
  "extension",
  "host/README.md",
  "host/src",
  "proto/src",
  "server/README.md",
  "server/src",
  "texts",
  "web/src",
  "xtask/src",
];

const READ = /\.(rs|js|json|toml|html|md)$/;

/** The words that are not used, of the table's last column. */
function forbidden() {
  const rows = readFileSync(join(ROOT, "docs/words.md"), "utf8").matchAll(/^\|[^|]+\|[^|]*\|([^|]+)\|$/gm);
  const words = [...rows].slice(1).flatMap(([, cell]) => cell.trim().split("、"));
  return words.filter((word) => word !== "" && !/^-+$/.test(word));
}

/** @param {string} path @returns {string[]} */
function filesIn(path) {
  if (statSync(path).isDirectory()) {
    return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
  }
  return READ.test(path) ? [path] : [];
}

/** Where a company is told of 調達機関, and an officer of 発注機関. */
const OTHER_NAME = [
  [/発注機関/, ["texts/contractor.ja.toml", "texts/contractor.easy.toml", "server/src/mail/texts.toml"]],
  [/調達機関/, ["texts/officer.ja.toml"]],
];

test("companies are told of 調達機関, officers of 発注機関", () => {
  const found = OTHER_NAME.flatMap(([word, files]) =>
    files.flatMap((file) => (word.test(readFileSync(join(ROOT, file), "utf8")) ? [`${file}: ${word}`] : [])),
  );
  assert.deepEqual(found, []);
});

test("no sentence uses a word that the list of words replaces", () => {
  const words = forbidden();
  assert.ok(words.length > 10, "the table was read");
  // ブラウザ is a part of ブラウザー, which is right.
  const any = new RegExp(words.map((word) => `${word}(?!ー)`).join("|"));
  const found = ROOMS.flatMap((room) => filesIn(join(ROOT, room)))
    .filter((path) => !path.endsWith("docs/words.md"))
    .flatMap((path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .flatMap((line, index) => (any.test(line) ? [`${path.slice(ROOT.length + 1)}:${index + 1}: ${line.trim()}`] : [])),
    );
  assert.deepEqual(found, []);
});
