//! Companies as a list, piece by piece: all that a search finds, or a file of `[[export]]`.

mod columns;
mod sheet;

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use touroku_proto::{
    agency::AgencyProfile,
    api::ApiErrorCode,
    export::{ExportFile, ExportedCompanies},
    officer::{
        audit::{AuditAction, Detail},
        company::{CompanyFilter, ExportPart, ListFormat},
    },
};

use self::{
    columns::Columns,
    sheet::{Sheet, Style},
};
use super::{
    find::{Place, Search, words},
    index, listing,
};
use crate::{
    app::App,
    error::Error,
    file, japan,
    officer::Acting,
    store::{Happened, LookupWords},
};

const PIECE: usize = 1000;

/// What is asked for.
pub struct Wanted<'a> {
    pub query: &'a str,
    pub filter: CompanyFilter,
    pub parts: Vec<ExportPart>,
    pub format: ListFormat,
    /// Columns and format of the profile's `[[export]]` of that code instead; empty: none.
    pub file: &'a str,
}

/// An export in progress.
pub struct Export {
    app: Arc<App>,
    agency: String,
    /// What is left to be written.
    rest: Rest,
    /// What its name begins with.
    name: String,
    format: ListFormat,
    sheet: Sheet,
    scratch: PathBuf,
    now: i64,
}

enum Rest {
    Found(Box<Found>),
    /// Of 業者番号一覧, after that number.
    Listing(String),
    Nothing,
}

/// What a search finds.
struct Found {
    /// `None`: everything that the filter selects.
    words: Option<LookupWords>,
    filter: CompanyFilter,
    /// What was found by number is found by name again.
    written: HashSet<String>,
    columns: Columns,
    place: Place,
}

/// Begins and records an export.
///
/// # Errors
/// `bad_request` for too long a query; `not_found` for a file that the profile does not have.
pub async fn export(app: &Arc<App>, acting: Acting, wanted: Wanted<'_>) -> Result<Export, Error> {
    let Wanted { query, filter, parts, format, file } = wanted;
    let profile = app.agencies.profile(acting.agency())?;
    let words = words(profile, query)?;
    index::before_filter(app, filter).await?;
    let detail = match &parts[..] {
        _ if !file.is_empty() => Detail::ExportFile(filter, file.to_owned()),
        [] => Detail::Export(filter, format),
        parts => Detail::ExportWith(filter, format, parts.to_vec()),
    };
    let list = match file {
        "" => List {
            columns: Columns::of(profile, parts),
            name: "companies".to_owned(),
            style: Style::of_people(format),
        },
        code => {
            let file = profile.export.iter().find(|file| file.code == code);
            List::of(profile, file.ok_or(ApiErrorCode::NotFound)?)
        }
    };
    let (agency, now) = (acting.agency().to_owned(), app.outside.now());
    app.store
        .write(move |writer| acting.record(writer, AuditAction::CompaniesExported, "", &detail, now))
        .await?;
    Export::found(app, agency, list, (words, filter))
}

/// All companies of a file of `[[export]]`.
///
/// # Errors
/// Those of the store and of files.
pub(crate) async fn all(app: &Arc<App>, profile: &AgencyProfile, file: &ExportFile) -> Result<Export, Error> {
    let filter = match file.companies {
        ExportedCompanies::Registered => CompanyFilter::Electronic,
        ExportedCompanies::All => CompanyFilter::All,
    };
    index::before_filter(app, filter).await?;
    Export::found(app, profile.code.clone(), List::of(profile, file), (None, filter))
}

/// A file of `[[export]]` about one event, whole: its company as it is now.
///
/// # Errors
/// Those of the store and of files.
pub(crate) async fn one(
    app: &Arc<App>,
    profile: &AgencyProfile,
    file: &ExportFile,
    happened: &Happened,
) -> Result<Vec<u8>, Error> {
    let List { columns, style, .. } = List::of(profile, file);
    let event = [happened.kind.as_str().to_owned(), japan::clock(happened.at), happened.id.to_string()];
    let scratch = file::folder(app.store.path());
    let mut sheet = Sheet::begin(style, scratch, &columns.header())?;
    let (shared, agency, number) = (Arc::clone(app), profile.code.clone(), happened.number.clone());
    let now = app.outside.now();
    let rows = app
        .store
        .scan(move |reader| columns.rows(reader, &shared, (&agency, &number), Some(&event), now))
        .await?;
    sheet.add(&rows)?;
    let mut sheet = sheet.finish().await?;
    let mut bytes = Vec::new();
    loop {
        let piece = sheet.take(scratch)?;
        if piece.is_empty() {
            return Ok(bytes);
        }
        bytes.extend(piece);
    }
}

/// Begins and records an export of 業者番号一覧.
///
/// # Errors
/// When the database fails.
pub async fn export_listing(app: &Arc<App>, acting: Acting, format: ListFormat) -> Result<Export, Error> {
    let (agency, now) = (acting.agency().to_owned(), app.outside.now());
    let header = listing::columns(app.agencies.profile(&agency)?);
    let detail = Detail::Export(CompanyFilter::All, format);
    app.store
        .write(move |writer| acting.record(writer, AuditAction::CompaniesExported, "", &detail, now))
        .await?;
    let rest = Rest::Listing(String::new());
    Export::begin(app, agency, (rest, &header), ("listing".to_owned(), Style::of_people(format)))
}

/// What a list has, and how it is written.
struct List {
    columns: Columns,
    /// What its name begins with.
    name: String,
    style: Style,
}

impl List {
    fn of(profile: &AgencyProfile, file: &ExportFile) -> Self {
        let columns = Columns::chosen(profile, &file.columns);
        Self { columns, name: file.code.clone(), style: Style::of(file) }
    }
}

impl Export {
    fn found(
        app: &Arc<App>,
        agency: String,
        list: List,
        (words, filter): (Option<LookupWords>, CompanyFilter),
    ) -> Result<Self, Error> {
        let List { columns, name, style } = list;
        let header = columns.header();
        let found = Found { words, filter, written: HashSet::new(), columns, place: Place::beginning() };
        Self::begin(app, agency, (Rest::Found(Box::new(found)), &header), (name, style))
    }

    fn begin(
        app: &Arc<App>,
        agency: String,
        (rest, header): (Rest, &[String]),
        (name, style): (String, Style),
    ) -> Result<Self, Error> {
        let scratch = file::folder(app.store.path()).to_owned();
        let sheet = Sheet::begin(style, &scratch, header)?;
        let now = app.outside.now();
        Ok(Self { app: Arc::clone(app), agency, rest, name, format: style.format, sheet, scratch, now })
    }

    /// The next piece; `None`: there are no more.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        loop {
            let rows = match std::mem::replace(&mut self.rest, Rest::Nothing) {
                Rest::Found(found) => self.read(found).await?,
                Rest::Listing(after) => self.list(after).await?,
                Rest::Nothing => break,
            };
            self.sheet.add(&rows)?;
            if matches!(self.rest, Rest::Nothing) {
                self.sheet = std::mem::take(&mut self.sheet).finish().await?;
            }
            let piece = self.sheet.take(&self.scratch)?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        let piece = self.sheet.take(&self.scratch)?;
        Ok((!piece.is_empty()).then_some(piece))
    }

    async fn read(&mut self, mut found: Box<Found>) -> Result<Vec<Vec<String>>, Error> {
        let (agency, app, now) = (self.agency.clone(), Arc::clone(&self.app), self.now);
        let (rows, rest) = self
            .app
            .store
            .scan(move |reader| {
                let Found { words, filter, written, columns, place } = &mut *found;
                let search = Search { agency: &agency, filter: *filter, words: words.as_ref(), now };
                let from = std::mem::replace(place, Place::beginning());
                let (numbers, next) = search.page(reader, from, PIECE)?;
                let mut rows = Vec::new();
                for number in numbers {
                    if words.is_some() && !written.insert(number.clone()) {
                        continue;
                    }
                    rows.extend(columns.rows(reader, &app, (&agency, &number), None, now)?);
                }
                let rest = next.map_or(Rest::Nothing, |next| {
                    found.place = next;
                    Rest::Found(found)
                });
                Ok((rows, rest))
            })
            .await?;
        self.rest = rest;
        Ok(rows)
    }

    async fn list(&mut self, after: String) -> Result<Vec<Vec<String>>, Error> {
        let profile = Arc::clone(self.app.agencies.profile(&self.agency)?);
        let part = self.app.store.scan(move |reader| listing::part(reader, &profile, &after)).await?;
        self.rest = part.next.map_or(Rest::Nothing, Rest::Listing);
        Ok(part.rows)
    }

    pub fn format(&self) -> ListFormat {
        self.format
    }

    /// The name of the file, with the date in Japan and the encoding.
    pub fn file_name(&self) -> String {
        let (name, day) = (&self.name, japan::date(self.now).replace('-', ""));
        match self.format {
            ListFormat::Xlsx => format!("{name}-{day}.xlsx"),
            format => format!("{name}-{day}-{}.csv", format.as_str()),
        }
    }
}
