//! 業者情報取込: a roster is uploaded in pieces, checked (dry run), then taken over as a whole or not at all.
//!
//! An agency has at most one unsettled import; a second one is refused with `import_running`. An import goes on
//! without the page: a page that comes back asks for the latest ones.

use serde::{Deserialize, Serialize};

/// The maximum size of one piece of an upload, in bytes.
pub const MAX_PIECE: usize = 4 * 1024 * 1024;

/// The largest roster file, in bytes.
pub const MAX_FILE: u64 = 512 * 1024 * 1024;

/// A file that is going to be uploaded, of at most [`MAX_FILE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginImport {
    /// The file's name, for people.
    pub file_name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportView {
    /// Number.
    pub id: i64,
    /// The file's name.
    pub file_name: String,
    /// Its size in bytes.
    pub size: u64,
    /// How many bytes have arrived.
    pub received: u64,
    /// How far it is.
    pub state: ImportState,
    /// Bytes of the file checked or taken over so far, of `size`.
    pub done: u64,
    /// Why it failed and what to do, in Japanese; empty otherwise.
    #[serde(default)]
    pub problem: String,
    /// What the file contains, from `checked` on.
    #[serde(default)]
    pub found: Option<Found>,
    /// Who began it.
    pub officer: String,
    /// When it began, Unix milliseconds.
    pub began_unix_ms: i64,
    /// When it was taken over, Unix milliseconds.
    #[serde(default)]
    pub taken_unix_ms: Option<i64>,
    /// Whether it can be undone: it is the agency's latest one.
    #[serde(default)]
    pub can_undo: bool,
}

/// The state of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Bytes are missing.
    Uploading,
    /// The dry run is running.
    Checking,
    /// Checked; waits for [`TakeImport`].
    Checked,
    /// Being taken over.
    Taking,
    /// In effect.
    Taken,
    /// Was in effect; undone.
    Undone,
    /// Not a roster, or the server failed; nothing was taken over.
    Failed,
    /// Given up.
    Cancelled,
}

/// What the dry run found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Found {
    /// `UTF-8` or `CP932`; `Excelブック` for an Excel workbook.
    pub encoding: String,
    /// `カンマ`, `タブ` or `セミコロン`; empty for an Excel workbook.
    pub separator: String,
    /// The sheets of an Excel workbook, by name.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// The one that was read.
    #[serde(default)]
    pub sheet: String,
    /// The header's row, from 1.
    #[serde(default)]
    pub header: u64,
    /// The first rows, among which another header may be chosen; the first cells of each.
    #[serde(default)]
    pub head: Vec<Vec<String>>,
    /// The file's columns, in its order.
    pub columns: Vec<FileColumn>,
    /// 追加: numbers that the roster lacks.
    pub added: u64,
    /// 変更: numbers whose data differs.
    pub changed: u64,
    /// Numbers whose data is the same.
    pub unchanged: u64,
    /// 削除候補: numbers in the roster that the file lacks.
    pub missing: u64,
    /// Of `missing`, the companies that have registered or applied: they are suspended instead of deleted.
    #[serde(default)]
    pub suspended: u64,
    /// Companies of the roster in none of these groups, because a row with mistakes is or may be theirs: they stay
    /// unchanged.
    #[serde(default)]
    pub held: u64,
    /// Of `unchanged`, the companies that an officer corrected or added by hand, to be kept: the file changes nothing
    /// of them. They are listed among `doubtful`.
    #[serde(default)]
    pub kept: u64,
    /// エラー: rows that can't be taken over.
    pub wrong: u64,
    /// Of `wrong`, the rows that may belong to any company. While there is one, no company is 削除候補.
    #[serde(default)]
    pub anybodys: u64,
    /// 注意: valid rows that deserve a look: the same name or 法人番号 as another row, a registered company whose
    /// name changes.
    pub doubtful: u64,
}

impl Found {
    /// How many companies the roster had.
    pub fn before(&self) -> u64 {
        self.changed + self.unchanged + self.missing + self.held
    }

    /// Whether so many companies are 削除候補 that a second confirmation is asked for: more than 5% of the roster.
    pub fn is_missing_many(&self) -> bool {
        self.missing.saturating_mul(20) > self.before()
    }
}

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileColumn {
    /// Its title in the header.
    pub title: String,
    /// The field it is mapped to, as named in [`Found`] (業者番号, 商号又は名称, …, a qualification's name);
    /// empty: not used.
    pub field: String,
    /// An example from the first row; empty for secrets.
    pub sample: String,
}

/// What a column may be mapped to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportField {
    /// Name, as in [`FileColumn::field`].
    pub name: String,
    /// Whether every roster must have it.
    pub required: bool,
}

/// The columns, mapped differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MapColumns {
    /// The field for each column of the file; empty: not used. With another `header` or `sheet` the columns
    /// differ, and this is empty.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The header's row, from 1, instead of the detected one.
    #[serde(default)]
    pub header: Option<u64>,
    /// The sheet of an Excel workbook, instead of the one read so far.
    #[serde(default)]
    pub sheet: Option<String>,
}

/// A page of the rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportRows {
    /// Rows.
    pub rows: Vec<ImportRow>,
    /// `after` of the next page, if there is one.
    pub next: Option<i64>,
}

named! {
    /// The kinds of rows in a dry run, in the order of the screen.
    #[derive(Default)]
    pub enum RowKind {
        /// エラー: what must be checked first.
        #[default]
        Wrong = "wrong",
        /// 注意.
        Doubtful = "doubtful",
        /// 追加.
        Added = "added",
        /// 変更.
        Changed = "changed",
        /// 削除候補.
        Missing = "missing",
    }
}

named! {
    /// How a table is written that an officer opens, or fills in. The name is also the file's extension.
    pub enum TableFormat {
        /// UTF-8 with a byte order mark.
        Csv = "csv",
        /// Excel workbook.
        Xlsx = "xlsx",
    }
}

/// A row of the dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportRow {
    /// Line of the file, from 1; 0 for a row missing from the file.
    pub line: u64,
    /// 業者番号, as far as it could be read.
    pub number: String,
    /// 商号又は名称, as far as it could be read.
    pub name: String,
    /// For `changed`: what differs. For `wrong` and `doubtful`: which cells and why.
    pub cells: Vec<ImportCell>,
}

/// A cell of such a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportCell {
    /// Column of the file, from 1; 0: the row as a whole.
    pub column: u32,
    /// The column's title, or the field's name.
    pub title: String,
    /// In the roster now; empty for secrets.
    #[serde(default)]
    pub before: String,
    /// In the file; empty for secrets.
    #[serde(default)]
    pub after: String,
    /// Why, in Japanese; empty for a plain change.
    #[serde(default)]
    pub reason: String,
}

/// How a checked import is taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeImport {
    /// Skip the wrong rows. Without it a file with wrong rows is not taken over.
    #[serde(default)]
    pub skip_wrong: bool,
    /// Delete the 削除候補 that never registered; those that did are kept and suspended from new work.
    #[serde(default)]
    pub remove_missing: bool,
}
