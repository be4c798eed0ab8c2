//! Files for officers: an empty roster to fill in, and the mistakes that a dry run found.

use std::{io::Read as _, path::Path};

use touroku_proto::officer::{
    csv,
    import::{RowKind, TableFormat},
};

use super::upload::find;
use crate::{
    app::App,
    error::Error,
    file,
    officer::{Acting, workbook::Book},
    roster::Column,
};

/// Rows read at once.
const PIECE: u32 = 1_000;

pub fn media_type(format: TableFormat) -> &'static str {
    match format {
        TableFormat::Csv => "text/csv; charset=utf-8",
        TableFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
}

/// As a whole. `scratch`: a folder for a workbook meanwhile.
fn write(
    scratch: &Path,
    format: TableFormat,
    name: &'static str,
    (header, rows): (&[String], &[Vec<String>]),
) -> Result<Vec<u8>, Error> {
    match format {
        TableFormat::Csv => Ok(csv(header, rows)),
        TableFormat::Xlsx => {
            let mut book = Book::begin(scratch, name, header)?;
            book.add(rows)?;
            let mut bytes = Vec::new();
            book.finish()?.read_to_end(&mut bytes).map_err(Error::file(scratch))?;
            Ok(bytes)
        }
    }
}

/// An empty roster of the agency, with every column it may have.
///
/// # Errors
/// When the agency is no longer served.
pub fn template(app: &App, acting: &Acting, format: TableFormat) -> Result<Vec<u8>, Error> {
    let profile = app.agencies.profile(acting.agency())?;
    let title = |column: Column| match column {
        Column::Number if !profile.search.number_issued => profile.search.number_label.to_string(),
        column => column.name().to_owned(),
    };
    let header: Vec<String> = Column::all(profile).map(title).collect();
    write(file::folder(app.store.path()), format, "名簿", (&header, &[]))
}

/// The rows with mistakes, and those to be checked, as far as they are kept.
///
/// # Errors
/// `not_found`.
pub async fn problems(app: &App, acting: &Acting, id: i64, format: TableFormat) -> Result<Vec<u8>, Error> {
    find(app, acting, id).await?;
    let rows = app
        .store
        .read(move |reader| {
            let mut lines = Vec::new();
            for (kind, name) in [(RowKind::Wrong, "エラー"), (RowKind::Doubtful, "注意")] {
                let mut after = 0;
                loop {
                    let rows = reader.import_rows(id, kind, after, PIECE)?;
                    let Some((last, _)) = rows.last() else { break };
                    after = *last;
                    for (_, row) in rows {
                        for cell in row.cells {
                            lines.push(vec![
                                row.line.to_string(),
                                row.number.clone(),
                                row.name.clone(),
                                name.to_owned(),
                                if cell.column == 0 { String::new() } else { cell.column.to_string() },
                                cell.title,
                                cell.after,
                                cell.reason,
                            ]);
                        }
                    }
                }
            }
            Ok(lines)
        })
        .await?;
    let header = ["行", "業者番号", "商号又は名称", "種類", "列", "項目", "値", "内容"].map(str::to_owned);
    let scratch = file::folder(app.store.path()).to_owned();
    tokio::task::spawn_blocking(move || write(&scratch, format, "エラーと注意", (&header, &rows)))
        .await
        .map_err(|_| Error::Defect("writing a list panicked"))?
}

fn csv(header: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    let lines: String =
        std::iter::once(header).chain(rows.iter().map(Vec::as_slice)).map(csv::line).collect();
    format!("{}{lines}", csv::BEGINNING).into_bytes()
}
