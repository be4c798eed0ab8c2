//! The contractor's page.

fn main() {
    touroku_web::view::app::start();
}
