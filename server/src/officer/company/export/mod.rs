//! All companies that a search finds as a list, piece by piece.

mod columns;
mod sheet;

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use touroku_proto::officer::{
    audit::{AuditAction, Detail},
    company::{CompanyFilter, ExportPart, ListFormat},
};

use self::{columns::Columns, sheet::Sheet};
use super::{
    find::{Place, Search, words},
    index,
};
use crate::{app::App, error::Error, file, japan, officer::Acting, store::LookupWords};

const PIECE: usize = 1000;

/// What is asked for.
pub struct Wanted<'a> {
    pub query: &'a str,
    pub filter: CompanyFilter,
    pub parts: Vec<ExportPart>,
    pub format: ListFormat,
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
/// `bad_request` for too long a query.
pub async fn export(app: &Arc<App>, acting: Acting, wanted: Wanted<'_>) -> Result<Export, Error> {
    let Wanted { query, filter, parts, format } = wanted;
    let words = words(app.agencies.profile(acting.agency())?, query)?;
    index::before_filter(app, filter).await?;
    let (agency, now) = (acting.agency().to_owned(), app.outside.now());
    let detail = match &parts[..] {
        [] => Detail::Export(filter, format),
        parts => Detail::ExportWith(filter, format, parts.to_vec()),
    };
    app.store
        .write(move |writer| acting.record(writer, AuditAction::CompaniesExported, "", &detail, now))
        .await?;
    let columns = Arc::new(Columns::of(app.agencies.profile(&agency)?, parts));
    let scratch = file::folder(app.store.path()).to_owned();
    let sheet = Sheet::begin(format, &scratch, &columns.header())?;
    let place = Some(Place::beginning());
    let (app, written) = (Arc::clone(app), HashSet::new());
    Ok(Export { app, agency, words, filter, written, columns, format, sheet, scratch, place, now })
}

impl Export {
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
                    rows.extend(columns.rows(reader, &app, (&agency, &number), now)?);
                }
                Ok((rows, next, written))
            })
            .await?;
        (self.place, self.written) = (next, written);
        Ok(rows)
    }

    /// The name of the file, with the date in Japan and the encoding.
    pub fn file_name(&self) -> String {
        let day = japan::date(self.now).replace('-', "");
        match self.format {
            ListFormat::Xlsx => format!("companies-{day}.xlsx"),
            format => format!("companies-{day}-{}.csv", format.as_str()),
        }
    }
}
