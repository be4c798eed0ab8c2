//! Workbooks as other programs than Excel write them, and what Excel writes only sometimes.

use std::io::{Cursor, Read as _, Seek as _, Write as _};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::workbook::to_text;
use crate::error::Error;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const STRICT: [(&str, &str); 2] = [
    (MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships"),
];

/// A workbook of one sheet, part by part.
struct Book {
    parts: Vec<(String, String)>,
}

impl Book {
    /// `rows` is what stands in `sheetData`; formats 1 and 2 are of days.
    fn of(rows: &str) -> Self {
        let part = |name: &str, xml: String| (name.to_owned(), format!("<?xml version=\"1.0\"?>{xml}"));
        Self {
            parts: vec![
                part("[Content_Types].xml", "<Types/>".to_owned()),
                part(
                    "_rels/.rels",
                    format!(
                        r#"<Relationships><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                    ),
                ),
                part(
                    "xl/workbook.xml",
                    format!(
                        r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr/><sheets><sheet name="名簿" sheetId="1" r:id="rId1"/></sheets></workbook>"#
                    ),
                ),
                part(
                    "xl/_rels/workbook.xml.rels",
                    format!(
                        r#"<Relationships><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
                    ),
                ),
                part(
                    "xl/styles.xml",
                    format!(
                        "<styleSheet xmlns=\"{MAIN}\"><numFmts><numFmt numFmtId=\"164\" formatCode=\"[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>\
                         </numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"
                    ),
                ),
                part(
                    "xl/worksheets/sheet1.xml",
                    format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#),
                ),
            ],
        }
    }

    fn with(mut self, name: &str, xml: &str) -> Self {
        self.parts.push((name.to_owned(), xml.to_owned()));
        self
    }

    /// With texts that cells name by their place, as in `sst`.
    fn sharing(self, texts: &str) -> Self {
        self.with("xl/sharedStrings.xml", &format!(r#"<sst xmlns="{MAIN}">{texts}</sst>"#))
    }

    /// With everything in it replaced.
    fn replaced(mut self, from: &str, to: &str) -> Self {
        for (_, xml) in &mut self.parts {
            *xml = xml.replace(from, to);
        }
        self
    }

    fn moved(mut self, moved: impl Fn(&str) -> String) -> Self {
        for (name, _) in &mut self.parts {
            *name = moved(name);
        }
        self
    }

    fn read(self) -> Result<String, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.xlsx");
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, xml) in self.parts {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(xml.as_bytes()).unwrap();
        }
        std::fs::write(&path, zip.finish().unwrap().into_inner()).unwrap();
        let (mut file, _) = to_text(&path, folder.path(), None)?;
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        Ok(text)
    }
}

const TEXTS: &str = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>";

#[test]
fn what_is_read_aloud_over_a_name_is_no_part_of_it() {
    let texts = "<si><t>青葉</t><rPh sb=\"0\" eb=\"2\"><t>アオバ</t></rPh><phoneticPr fontId=\"1\"/></si>\
                 <si><r><t>（株）</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\"> 赤葉</t></r>\
                 <rPh sb=\"3\" eb=\"5\"><t>アカバ</t></rPh></si>";
    assert_eq!(Book::of(TEXTS).sharing(texts).read().unwrap(), "\"青葉\",\"（株） 赤葉\"\n");
    let inline =
        "<row><c t=\"inlineStr\"><is><t>青葉</t><rPh sb=\"0\" eb=\"2\"><t>アオバ</t></rPh></is></c></row>";
    assert_eq!(Book::of(inline).read().unwrap(), "\"青葉\"\n");
}

#[test]
fn rows_and_cells_without_a_place_follow_one_another_and_rows_may_be_missing() {
    let rows = "<row><c><v>1</v></c><c t=\"inlineStr\"><is><t>青葉</t></is></c></row><row/><row r=\"5\">\
                <c r=\"C5\" t=\"str\"><v>あ&amp;い</v></c></row>";
    assert_eq!(Book::of(rows).read().unwrap(), "\"1\",\"青葉\"\n\n\n\n,,\"あ&い\"\n");
}

#[test]
fn a_row_whose_last_cells_are_empty_is_as_wide_as_its_heading() {
    let rows = "<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row><row/>\
                <row><c r=\"C4\"><v>5</v></c></row>";
    assert_eq!(Book::of(rows).read().unwrap(), "\"1\",\"2\",\"3\"\n\"4\",,\n\n,,\"5\"\n");
}

#[test]
fn a_prefix_of_every_name_changes_nothing() {
    let rows = "<x:row r=\"1\"><x:c r=\"A1\" t=\"s\"><x:v>0</x:v></x:c><x:c r=\"B1\" s=\"1\"><x:v>46113</x:v></x:c></x:row>";
    let mut book = Book::of(rows)
        .sharing("<x:si><x:t>青葉</x:t><x:rPh sb=\"0\" eb=\"2\"><x:t>アオバ</x:t></x:rPh></x:si>");
    for name in [
        "workbook",
        "sheets",
        "sheet ",
        "workbookPr",
        "worksheet",
        "sheetData",
        "sst",
        "styleSheet",
        "cellXfs",
        "xf ",
    ] {
        book = book
            .replaced(&format!("<{name}"), &format!("<x:{name}"))
            .replaced(&format!("</{name}"), &format!("</x:{name}"));
    }
    let book = book.replaced("xmlns=", "xmlns:x=");
    assert_eq!(book.read().unwrap(), "\"青葉\",\"2026/4/1\"\n");
}

#[test]
fn days_are_days_in_every_calendar_and_in_strict_books() {
    let day = "<row><c s=\"1\"><v>46113</v></c><c s=\"2\"><v>46113</v></c></row>";
    assert_eq!(Book::of(day).read().unwrap(), "\"2026/4/1\",\"2026/4/1\"\n");
    let day = Book::of("<row><c s=\"1\"><v>44651</v></c></row>");
    let since_1904 = day.replaced("<workbookPr/>", "<workbookPr date1904=\"1\"/>");
    assert_eq!(since_1904.read().unwrap(), "\"2026/4/1\"\n");
    let mut strict = Book::of(
        "<row><c t=\"d\" s=\"1\"><v>2026-04-01T00:00:00</v></c><c t=\"d\"><v>2026-04-01T09:30:00Z</v></c>\
         <c t=\"d\"><v>2026-04-01</v></c></row>",
    );
    for (usual, own) in STRICT {
        strict = strict.replaced(usual, own);
    }
    assert_eq!(strict.read().unwrap(), "\"2026/4/1\",\"2026/4/1 9:30\",\"2026/4/1\"\n");
}

#[test]
fn parts_stand_where_the_book_says() {
    let rows = "<row><c><v>1</v></c></row>";
    let absolute = Book::of(rows).replaced("worksheets/", "/xl/worksheets/").replaced("\"xl/", "\"/xl/");
    assert_eq!(absolute.read().unwrap(), "\"1\"\n");
    let elsewhere = Book::of(rows).moved(|name| name.replace("xl/", "")).replaced("\"xl/", "\"");
    assert_eq!(elsewhere.read().unwrap(), "\"1\"\n");
    let backwards = Book::of(rows).moved(|name| name.replace('/', "\\"));
    assert_eq!(backwards.read().unwrap(), "\"1\"\n");
    let capital = Book::of(rows).moved(|name| name.replace("workbook", "Workbook"));
    assert_eq!(capital.read().unwrap(), "\"1\"\n");
}

#[test]
fn a_formula_is_what_it_last_came_to() {
    let rows = "<row><c t=\"str\"><f aca=\"false\">A2&amp;\"1\"</f><v>青葉</v></c><c><f>1+1</f><v>2</v></c>\
                <c t=\"str\"><f>IF(1,\"\")</f><v></v></c><c t=\"b\"><f>TRUE</f><v>1</v></c></row>";
    assert_eq!(Book::of(rows).read().unwrap(), "\"青葉\",\"2\",,\"TRUE\"\n");
    let error = "<row><c t=\"e\"><f>NA()</f><v>#N/A</v></c></row>";
    assert_eq!(Book::of(error).read().unwrap(), "\"#N/A\"\n");
}

#[test]
fn what_a_book_lacks_is_said_with_its_cell() {
    let said = |rows: &str| Book::of(rows).read().unwrap_err().to_string();
    let never = said("<row r=\"3\"><c r=\"B3\"><f>A3&amp;\"1\"</f><v></v></c></row>");
    assert!(never.contains("計算結果が保存されていない") && never.contains("B3"), "{never}");
    let without = said("<row r=\"3\"><c r=\"AB3\"><f>A3</f></c></row>");
    assert!(without.contains("AB3"), "{without}");
    let newer = said("<row><c t=\"e\"><f>A1:A9</f><v>#SPILL!</v></c></row>");
    assert!(newer.contains("#SPILL!"), "{newer}");
}

#[test]
fn control_characters_and_escapes_are_what_they_stand_for() {
    let texts = "<si><t>青_x000D_\n葉</t></si><si><t><![CDATA[a<b]]></t></si>";
    assert_eq!(Book::of(TEXTS).sharing(texts).read().unwrap(), "\"青\n葉\",\"a<b\"\n");
}

#[test]
fn another_document_of_office_is_no_workbook() {
    let letter = Book::of("").moved(|name| name.replace("xl/workbook", "word/document"));
    let said = letter.read().unwrap_err().to_string();
    assert!(said.contains("圧縮ファイル") || said.contains("Excel"), "{said}");
}
