//! The officers' page.

fn main() {
    touroku_web::view::officer::app::start();
}
