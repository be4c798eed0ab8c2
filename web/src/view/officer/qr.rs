//! A QR code as an SVG.

use touroku_html::html;
use yew::prelude::*;

use crate::texts::officer::sign_in::QR_NAME;

/// The light margin, in modules, that a reader needs around the code (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

pub(super) fn view(rows: &[String]) -> Html {
    let size = rows.len() + 2 * QUIET;
    html! {
        <svg class="qr" viewBox={format!("0 0 {size} {size}")} role="img" aria-label={QR_NAME}
            shape-rendering="crispEdges">
            <rect width={size.to_string()} height={size.to_string()} fill="#ffffff" />
            <path d={path(rows)} fill="#000000" />
        </svg>
    }
}

/// One rectangle per run of dark modules.
fn path(rows: &[String]) -> String {
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        let mut x = QUIET;
        for run in row.as_bytes().chunk_by(|a, b| a == b) {
            if run[0] == b'1' {
                path.push_str(&format!("M{x} {}h{}v1h-{}z", y + QUIET, run.len(), run.len()));
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_modules_stand_where_the_rows_say_behind_the_quiet_zone() {
        assert_eq!(path(&["1011".to_owned(), "0000".to_owned()]), "M4 4h1v1h-1zM6 4h2v1h-2z");
    }
}
