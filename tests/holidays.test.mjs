// The table of holidays that ships with the server, day by day against an independent package.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

const tools = createRequire(new URL("../target/tools/package.json", import.meta.url));
const independent = tools("@holiday-jp/holiday_jp");

/** `YYYY-MM-DD` of each holiday. */
function shipped() {
  const bytes = readFileSync(new URL("../agencies/holidays.csv", import.meta.url));
  const [header, ...lines] = new TextDecoder("shift_jis", { fatal: true }).decode(bytes).trimEnd().split("\r\n");
  assert.equal(header, "国民の祝日・休日月日,国民の祝日・休日名称");
  return lines.map((line) => {
    const [date, name] = line.split(",");
    assert.match(date, /^\d{4}\/\d{1,2}\/\d{1,2}$/);
    assert.notEqual(name, "");
    const [year, month, day] = date.split("/");
    return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  });
}

test("the table names the holidays that the package names, from its first year to the table's last", () => {
  const table = shipped().filter((day) => day >= "1970-01-01");
  assert.equal(table.at(-1).slice(0, 4), "2027");
  const expected = independent
    .between(new Date("1970-01-01"), new Date("2027-12-31"))
    .map(({ date }) => date.toISOString().slice(0, 10));
  assert.ok(expected.length > 900);
  assert.deepEqual(table, expected);
});

test("the table begins in 1955, and each day comes once and in order", () => {
  const table = shipped();
  assert.equal(table[0], "1955-01-01");
  assert.deepEqual(table, [...new Set(table)].sort());
});
