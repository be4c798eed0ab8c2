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
    index,
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
    /// `None`: everything that the filter selects.
    words: Option<LookupWords>,
    filter: CompanyFilter,
    /// What was found by number is found by name again.
    written: HashSet<String>,
    columns: Arc<Columns>,
    /// What its name begins with.
    name: String,
    format: ListFormat,
    sheet: Sheet,
    scratch: PathBuf,
    /// Where the next piece begins; `None`: everything is written.
    place: Option<Place>,
    now: i64,
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
    Export::begin(app, agency, list, (words, filter))
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
    Export::begin(app, profile.code.clone(), List::of(profile, file), (None, filter))
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
    fn begin(
        app: &Arc<App>,
        agency: String,
        list: List,
        (words, filter): (Option<LookupWords>, CompanyFilter),
    ) -> Result<Self, Error> {
        let List { columns, name, style } = list;
        let (columns, scratch) = (Arc::new(columns), file::folder(app.store.path()).to_owned());
        let sheet = Sheet::begin(style, &scratch, &columns.header())?;
        let (place, now) = (Some(Place::beginning()), app.outside.now());
        let (app, written, format) = (Arc::clone(app), HashSet::new(), style.format);
        Ok(Self { app, agency, words, filter, written, columns, name, format, sheet, scratch, place, now })
    }

    /// The next piece; `None`: there are no more.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        while let Some(place) = self.place.take() {
            let rows = self.read(place).await?;
            self.sheet.add(&rows)?;
            if self.place.is_none() {
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

    async fn read(&mut self, place: Place) -> Result<Vec<Vec<String>>, Error> {
        let (agency, filter, now) = (self.agency.clone(), self.filter, self.now);
        let (app, columns, words) = (Arc::clone(&self.app), Arc::clone(&self.columns), self.words.clone());
        let mut written = std::mem::take(&mut self.written);
        let (rows, next, written) = self
            .app
            .store
            .scan(move |reader| {
                let search = Search { agency: &agency, filter, words: words.as_ref(), now };
                let (numbers, next) = search.page(reader, place, PIECE)?;
                let mut rows = Vec::new();
                for number in numbers {
                    if words.is_some() && !written.insert(number.clone()) {
                        continue;
                    }
                    rows.extend(columns.rows(reader, &app, (&agency, &number), None, now)?);
                }
                Ok((rows, next, written))
            })
            .await?;
        (self.place, self.written) = (next, written);
        Ok(rows)
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
