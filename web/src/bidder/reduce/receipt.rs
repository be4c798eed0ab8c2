//! The files of a signed application, on the last screen.

use touroku_proto::api::ReceiptFile;

use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect},
    route::Route,
    state::{Notice, State},
    trouble::Retry,
};

impl State {
    pub(super) fn save_receipt(&mut self, file: ReceiptFile) -> Vec<Effect> {
        if self.saving.contains(&file) {
            return Vec::new();
        }
        self.saving.push(file);
        self.banner = None;
        self.notice = None;
        vec![Effect::Ask(Ask::Receipt(file))]
    }

    /// The result; ignored on another screen.
    pub(super) fn receipt_saved(&mut self, file: ReceiptFile, answer: Answer<()>) -> Vec<Effect> {
        self.saving.retain(|&saving| saving != file);
        if self.route != Some(Route::Done) {
            return Vec::new();
        }
        match answer {
            // The other file's refusal stays on the screen.
            Ok(()) if self.banner.is_some() => Vec::new(),
            Ok(()) => {
                self.notice = Some(Notice::Saved);
                Vec::new()
            }
            Err(trouble) => self.fail(trouble, Retry::Receipt(file)),
        }
    }
}
