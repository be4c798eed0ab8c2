//! 業者情報取込.

use touroku_proto::{
    api::ApiErrorCode,
    officer::import::{
        BeginImport, Found, ImportRows, ImportState, ImportView, MAX_FILE, MapColumns, RowKind, TakeImport,
    },
};

use super::{Answer, Banner, Effect, Notice, Timer, Trouble, go};
use crate::officer::{
    ask::Ask,
    dialog::TakeOver,
    route::Route,
    state::{Console, Imports},
};

/// Bytes per piece. Fewer than the server accepts, so that the progress moves on a slow connection, too.
const PIECE: u64 = 2 * 1024 * 1024;

/// How long the page waits before it continues after the connection broke.
const UPLOAD_AGAIN_MS: u32 = 4_000;

impl Console {
    /// A file was chosen: a new import, or the rest of one whose upload stopped.
    pub(super) fn pick_file(&mut self, name: String, size: u64) -> Vec<Effect> {
        if self.imports.sending.is_some() {
            return Vec::new();
        }
        if size == 0 || size > MAX_FILE {
            let notice = if size == 0 { Notice::FileEmpty } else { Notice::FileTooLarge };
            let mut effects = vec![Effect::ForgetFile];
            effects.extend(self.say(notice));
            return effects;
        }
        self.banner = None;
        self.notice = None;
        match self.stopped_upload().cloned() {
            Some(import) if import.file_name == name && import.size == size => {
                self.imports.file = Some((name, size));
                self.send_from(&import)
            }
            Some(_) => {
                let mut effects = vec![Effect::ForgetFile];
                effects.extend(self.say(Notice::OtherFile));
                effects
            }
            None => {
                self.imports.file = Some((name.clone(), size));
                self.ask(Ask::BeginImport(BeginImport { file_name: name, size }))
            }
        }
    }

    /// An import whose bytes are missing and that this tab is not sending.
    pub fn stopped_upload(&self) -> Option<&ImportView> {
        let list = self.imports.list.as_ref()?;
        list.iter()
            .find(|import| import.state == ImportState::Uploading && self.imports.sending != Some(import.id))
    }

    fn send_from(&mut self, import: &ImportView) -> Vec<Effect> {
        self.imports.sending = Some(import.id);
        self.imports.broken = false;
        let (import, offset, end) = (import.id, import.received, import.size.min(import.received + PIECE));
        vec![Effect::SendPiece { import, offset, end }]
    }

    pub(super) fn piece_sent(&mut self, import: i64, answer: Answer<ImportView>) -> Vec<Effect> {
        if self.imports.sending != Some(import) {
            return Vec::new();
        }
        match answer {
            Ok(view) => {
                self.time.heard_ms = self.time.now_ms;
                let effects = if view.state == ImportState::Uploading {
                    self.send_from(&view)
                } else {
                    let mut effects = self.upload_over();
                    // Whoever watched the progress bar continues to the result of the check.
                    let kind = RowKind::default();
                    if self.is_signed_in() && self.route == Some(Route::Imports) {
                        effects.push(go(Route::Import { id: import, kind }));
                    }
                    effects
                };
                self.keep_import(view);
                effects.into_iter().chain(self.wait_for_import()).collect()
            }
            Err(trouble) if trouble.is(ApiErrorCode::SessionMissing) => {
                // The file stays chosen: after the sign-in the upload continues by itself.
                self.imports.broken = true;
                self.session_missing(&Ask::Import(import), trouble)
            }
            Err(trouble) if trouble.passes_by_itself() => self.upload_again(),
            Err(trouble) => {
                let mut effects = self.upload_over();
                self.banner = Some(Banner { trouble, retry: None });
                effects.push(Effect::Focus("banner".to_owned()));
                effects.extend(self.ask(Ask::Imports));
                effects
            }
        }
    }

    pub(super) fn upload_again(&mut self) -> Vec<Effect> {
        self.imports.broken = true;
        vec![Effect::Wait { timer: Timer::Upload, milliseconds: UPLOAD_AGAIN_MS }]
    }

    /// Whether the upload waits for the connection to come back.
    pub fn upload_waits(&self) -> bool {
        self.imports.broken
    }

    fn upload_over(&mut self) -> Vec<Effect> {
        self.imports.sending = None;
        self.imports.file = None;
        self.imports.broken = false;
        vec![Effect::ForgetFile]
    }

    /// After the connection broke: asks for the server's progress, and continues from there.
    pub(super) fn go_on_uploading(&mut self) -> Vec<Effect> {
        match self.imports.sending {
            Some(import) if self.is_signed_in() => self.ask(Ask::Import(import)),
            _ => Vec::new(),
        }
    }

    pub(super) fn imports_read(&mut self, list: Vec<ImportView>) -> Vec<Effect> {
        let sending = self.imports.sending.and_then(|id| list.iter().find(|import| import.id == id).cloned());
        self.imports.list = Some(list);
        let mut effects = match sending {
            Some(import) if self.imports.broken => self.go_on_with(&import),
            _ => Vec::new(),
        };
        effects.extend(self.wait_for_import());
        effects
    }

    fn go_on_with(&mut self, import: &ImportView) -> Vec<Effect> {
        match import.state {
            ImportState::Uploading => self.send_from(import),
            _ => self.upload_over(),
        }
    }

    pub(super) fn import_read(&mut self, ask: &Ask, import: ImportView) -> Vec<Effect> {
        let id = import.id;
        let before = self.import(id).map(|import| import.state);
        let mut effects = match ask {
            Ask::BeginImport(body) => match &self.imports.file {
                Some((name, size)) if *name == body.file_name && *size == body.size => {
                    self.send_from(&import)
                }
                _ => Vec::new(),
            },
            Ask::Import(_) if self.imports.sending == Some(id) && self.imports.broken => {
                self.go_on_with(&import)
            }
            Ask::MapColumns { .. } => {
                self.imports.mapping = None;
                self.imports.header = None;
                self.imports.sheet = None;
                self.imports.rows = None;
                // Ticked for other counts.
                self.imports.skip_wrong = false;
                self.imports.remove_missing = false;
                self.say(Notice::Mapped)
            }
            Ask::Take { .. } => self.say(Notice::Taking),
            Ask::Undo(_) => {
                let mut effects = self.say(Notice::Undone);
                effects.extend(self.ask(Ask::Imports));
                effects
            }
            _ => Vec::new(),
        };
        let state = import.state;
        self.keep_import(import);
        let shown = matches!(self.route, Some(Route::Import { id: shown, .. }) if shown == id);
        if shown && before == Some(ImportState::Checking) && state == ImportState::Checked {
            // Now columns and rows exist.
            self.imports.rows = None;
            effects.extend(self.show());
        }
        // What was running is over: the message follows.
        if shown && before != Some(state) {
            self.notice = match self.notice {
                Some(Notice::Mapped) if state != ImportState::Checking => None,
                Some(Notice::Taking) if state == ImportState::Taken => Some(Notice::Taken),
                Some(Notice::Taking) if state != ImportState::Taking => None,
                notice => notice,
            };
        }
        effects.extend(self.wait_for_import());
        effects
    }

    fn keep_import(&mut self, import: ImportView) {
        let list = self.imports.list.get_or_insert_default();
        match list.iter_mut().find(|known| known.id == import.id) {
            Some(known) => *known = import,
            None => list.insert(0, import),
        }
    }

    pub(super) fn look_at_import(&mut self) -> Vec<Effect> {
        let at_work =
            |import: &&ImportView| matches!(import.state, ImportState::Checking | ImportState::Taking);
        let id =
            self.imports.list.as_ref().and_then(|list| list.iter().find(at_work)).map(|import| import.id);
        let here = matches!(self.route, Some(Route::Imports | Route::Import { .. } | Route::Home));
        match id {
            Some(id) if here && self.is_signed_in() => self.ask(Ask::Import(id)),
            _ => Vec::new(),
        }
    }

    pub(super) fn import_cancelled(&mut self, id: i64) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.imports.sending == Some(id) {
            effects.extend(self.upload_over());
        }
        effects.extend(self.say(Notice::Cancelled));
        effects.extend(self.ask(Ask::Imports));
        if self.route == Some(Route::Imports) {
            effects.push(super::focus_heading());
        } else {
            effects.push(go(Route::Imports));
        }
        effects
    }

    /// Another officer was faster: shows whose import it is.
    pub(super) fn import_is_running(&mut self, trouble: Trouble) -> Vec<Effect> {
        let mut effects = self.upload_over();
        self.banner = Some(Banner { trouble, retry: None });
        effects.push(Effect::Focus("banner".to_owned()));
        effects.extend(self.ask(Ask::Imports));
        effects
    }

    /// The roster has changed since the dry run, a company added by it has registered, or another officer was
    /// faster: shows the current state.
    pub(super) fn import_was_stale(&mut self, id: i64, trouble: Trouble) -> Vec<Effect> {
        self.notice = None;
        self.banner = Some(Banner { trouble, retry: None });
        let mut effects = self.ask(Ask::Import(id));
        effects.push(Effect::Focus("banner".to_owned()));
        effects
    }

    pub(super) fn rows_read(
        &mut self,
        id: i64,
        kind: RowKind,
        after: Option<i64>,
        page: ImportRows,
    ) -> Vec<Effect> {
        if self.route != Some(Route::Import { id, kind }) {
            return Vec::new();
        }
        match (after, &mut self.imports.rows) {
            (Some(after), Some(rows)) if rows.next == Some(after) => {
                rows.rows.extend(page.rows);
                rows.next = page.next;
            }
            (Some(_), _) => {}
            (None, rows) => {
                *rows = Some(page);
                self.imports.rows_of = Some((id, kind));
            }
        }
        Vec::new()
    }

    pub(super) fn pick_column(&mut self, column: usize, field: String) -> Vec<Effect> {
        let Some(found) = self.found() else { return Vec::new() };
        let as_read: Vec<String> = found.columns.iter().map(|column| column.field.clone()).collect();
        let mapping = self.imports.mapping.get_or_insert(as_read);
        if let Some(known) = mapping.get_mut(column) {
            *known = field;
        }
        Vec::new()
    }

    /// Another header or sheet has other columns: what was picked for the old ones is void. Back at the one that was
    /// read, nothing is picked.
    pub(super) fn pick_header(&mut self, row: u64) -> Vec<Effect> {
        self.imports.mapping = None;
        self.imports.header = Some(row).filter(|row| self.found().is_none_or(|found| found.header != *row));
        Vec::new()
    }

    pub(super) fn pick_sheet(&mut self, sheet: String) -> Vec<Effect> {
        self.imports.mapping = None;
        self.imports.header = None;
        self.imports.sheet =
            Some(sheet).filter(|sheet| self.found().is_none_or(|found| found.sheet != *sheet));
        Vec::new()
    }

    /// What was found in the import on the screen.
    fn found(&self) -> Option<&Found> {
        let Some(Route::Import { id, .. }) = self.route else { return None };
        self.import(id)?.found.as_ref()
    }

    /// Whether another header or sheet was picked, whose columns are not known yet.
    pub fn reads_elsewhere(&self) -> bool {
        self.imports.header.is_some() || self.imports.sheet.is_some()
    }

    /// Whether the file is to be read differently from before.
    pub fn reads_otherwise(&self) -> bool {
        self.imports.mapping.is_some() || self.reads_elsewhere()
    }

    pub(super) fn map_columns(&mut self) -> Vec<Effect> {
        let Some(Route::Import { id, .. }) = self.route else { return Vec::new() };
        if !self.reads_otherwise() {
            return Vec::new();
        }
        let Imports { mapping, header, sheet, .. } = &self.imports;
        let fields = mapping.clone().unwrap_or_default();
        let body = MapColumns { fields, header: *header, sheet: sheet.clone() };
        self.ask(Ask::MapColumns { id, body })
    }

    /// What taking this import over would do, with the boxes as ticked now.
    pub fn take_over(&self, found: &Found) -> TakeOver {
        let goes = self.imports.remove_missing;
        TakeOver {
            added: found.added,
            changed: found.changed,
            removed: if goes { found.missing - found.suspended.min(found.missing) } else { 0 },
            suspended: if goes { found.suspended } else { 0 },
            left_out: found.wrong,
            before: found.before(),
            is_many: goes && found.is_missing_many(),
        }
    }

    pub(super) fn take_import(&mut self) -> Vec<Effect> {
        let Some(Route::Import { id, .. }) = self.route else { return Vec::new() };
        let body =
            TakeImport { skip_wrong: self.imports.skip_wrong, remove_missing: self.imports.remove_missing };
        self.ask(Ask::Take { id, body })
    }
}
