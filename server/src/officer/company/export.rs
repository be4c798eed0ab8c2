//! All companies that a search finds as CSV (RFC 4180), piece by piece.

use std::{collections::HashSet, sync::Arc};

use encoding_rs::SHIFT_JIS;
use touroku_proto::{
    field::FieldId,
    officer::{
        audit::{AuditAction, Detail},
        company::{CompanyFilter, FoundCompany, ListEncoding},
        csv,
    },
};

use super::{
    find::{Place, Search, words},
    index,
};
use crate::{
    app::App,
    error::Error,
    japan,
    officer::Acting,
    roster::further,
    store::{LookupWords, Reader},
};

const PIECE: usize = 1000;

const HEADER: [&str; 14] = [
    "業者番号",
    "商号又は名称",
    "カナ",
    "郵便番号",
    "住所",
    "代表者氏名",
    "電話番号",
    "区分",
    "企業ID",
    "登録日",
    "ICカード枚数",
    "ICカード有効期限",
    "利用停止",
    "代表窓口メールアドレス",
];

/// An export in progress.
pub struct Export {
    app: Arc<App>,
    agency: String,
    /// The roster's further columns.
    further: Vec<String>,
    /// `None`: everything that the filter selects.
    words: Option<LookupWords>,
    filter: CompanyFilter,
    /// What was found by number is found by name again.
    written: HashSet<String>,
    sheet: Sheet,
    /// Where the next piece begins; `None`: everything is written.
    place: Option<Place>,
    now: i64,
}

/// Begins and records an export.
pub async fn export(
    app: &Arc<App>,
    acting: Acting,
    (query, filter): (&str, CompanyFilter),
    encoding: ListEncoding,
) -> Result<Export, Error> {
    let words = words(app.agencies.profile(acting.agency())?, query)?;
    index::before_filter(app, filter).await?;
    let (agency, now) = (acting.agency().to_owned(), app.outside.now());
    let detail = Detail::Export(filter, encoding);
    app.store
        .write(move |writer| acting.record(writer, AuditAction::CompaniesExported, "", &detail, now))
        .await?;
    let mut sheet = Sheet { encoding, bytes: Vec::new(), unmappable: 0 };
    if encoding == ListEncoding::Utf8 {
        sheet.bytes.extend(csv::BEGINNING.to_string().into_bytes());
    }
    let profile = Arc::clone(app.agencies.profile(&agency)?);
    let further: Vec<String> = further(&profile).map(str::to_owned).collect();
    let header: Vec<String> = HEADER.into_iter().map(str::to_owned).chain(further.iter().cloned()).collect();
    sheet.line(&header);
    let place = Some(Place::beginning());
    let (app, written) = (Arc::clone(app), HashSet::new());
    Ok(Export { app, agency, further, words, filter, written, sheet, place, now })
}

impl Export {
    /// The next piece; `None`: there are no more.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if let Some(place) = self.place.take() {
            let (agency, filter, now) = (self.agency.clone(), self.filter, self.now);
            let (further, words) = (self.further.clone(), self.words.clone());
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
                        rows.extend(line(reader, &agency, &number, &further, now)?);
                    }
                    Ok((rows, next, written))
                })
                .await?;
            rows.iter().for_each(|row| self.sheet.line(row));
            (self.place, self.written) = (next, written);
            if self.place.is_none() && self.sheet.unmappable > 0 {
                let note = format!("CP932で表せない文字を〓に置き換えました: {}字", self.sheet.unmappable);
                self.sheet.line(&[note]);
            }
        }
        let piece = std::mem::take(&mut self.sheet.bytes);
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// The name of the file, with the date in Japan and the encoding.
    pub fn file_name(&self) -> String {
        format!("companies-{}-{}.csv", japan::date(self.now).replace('-', ""), self.sheet.encoding.as_str())
    }
}

fn line(
    reader: &Reader<'_>,
    agency: &str,
    number: &str,
    further: &[String],
    now: i64,
) -> Result<Option<Vec<String>>, Error> {
    let Some(row) = reader.roster_row(agency, number)? else { return Ok(None) };
    let Some(found) = reader.found_company(agency, number, now)? else { return Ok(None) };
    let company = reader.company(agency, number)?;
    let registered_at = reader.registered_at(agency, number)?;
    let FoundCompany { number, name, kana, address, company_id, cards, expires_unix_ms, suspended } = found;
    let kind = if company.is_some() { "電子入札業者" } else { "紙入札業者" };
    let email = company.map_or_else(String::new, |company| {
        company.values.text(FieldId::RepresentativeContactEmail).to_owned()
    });
    let more: Vec<String> =
        further.iter().map(|name| row.more.get(name).cloned().unwrap_or_default()).collect();
    let known = [
        number,
        name,
        kana,
        row.postal_code,
        address,
        row.representative_name,
        row.phone,
        kind.to_owned(),
        company_id,
        registered_at.map(japan::date).unwrap_or_default(),
        cards.to_string(),
        expires_unix_ms.map(japan::date).unwrap_or_default(),
        if suspended { "停止中" } else { "" }.to_owned(),
        email,
    ];
    Ok(Some(known.into_iter().chain(more).collect()))
}

/// Lines of CSV in an encoding.
struct Sheet {
    encoding: ListEncoding,
    bytes: Vec<u8>,
    unmappable: u64,
}

impl Sheet {
    fn line(&mut self, cells: &[String]) {
        let line = csv::line(cells);
        match self.encoding {
            ListEncoding::Utf8 => self.bytes.extend(line.as_bytes()),
            ListEncoding::Cp932 => self.encode(&line),
        }
    }

    fn encode(&mut self, line: &str) {
        let (bytes, _, failed) = SHIFT_JIS.encode(line);
        if !failed {
            self.bytes.extend(&*bytes);
            return;
        }
        for c in line.chars() {
            let text = same_in_cp932(c).to_string();
            let (bytes, _, failed) = SHIFT_JIS.encode(&text);
            if failed {
                self.unmappable += 1;
                // 〓, GETA MARK.
                self.bytes.extend([0x81, 0xAC]);
            } else {
                self.bytes.extend(&*bytes);
            }
        }
    }
}

/// CP932's character for one that Unicode has twice.
fn same_in_cp932(c: char) -> char {
    match c {
        '\u{301C}' => '\u{FF5E}',
        '\u{2014}' => '\u{2015}',
        '\u{2016}' => '\u{2225}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cp932_lacks_becomes_a_geta_and_is_counted() {
        let mut sheet = Sheet { encoding: ListEncoding::Cp932, bytes: Vec::new(), unmappable: 0 };
        sheet.line(&["㈱髙﨑𠮷〜辻".to_owned()]);
        assert_eq!(sheet.unmappable, 1);
        let (text, _, failed) = SHIFT_JIS.decode(&sheet.bytes);
        assert_eq!((&*text, failed), ("㈱髙﨑〓～辻\r\n", false));
    }
}
