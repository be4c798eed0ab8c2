//! `cards`: the registered cards.

use serde_json::json;

use super::{
    Verdict,
    place::Files,
    serve::{local_origin, open_app},
};
use crate::{
    error::Error,
    jobs::revocation::{Checked, check_cards},
    outside::Outside,
};

/// Commands about registered cards.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Cards {
    /// 登録されているICカードを、いまのCRLで調べる。失効したカードの会社には、一度だけメールで知らせる
    Check(Check),
}

/// Flags of `cards check`.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    files: Files,
    /// 結果をJSONで書く
    #[arg(long)]
    json: bool,
}

impl Cards {
    pub(super) fn run(self, outside: Outside) -> Result<Verdict, Error> {
        let Self::Check(Check { files, json }) = self;
        let config = files.config()?;
        config.check()?;
        let origin = local_origin(config.listen)?;
        let app = open_app(config, origin, outside)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let checked = runtime.map_err(Error::file("tokio"))?.block_on(check_cards(&app));
        app.store.close();
        print(&checked?, json);
        Ok(Verdict::Good)
    }
}

fn print(checked: &Checked, json: bool) {
    if json {
        let refused: Vec<_> = checked
            .refused
            .iter()
            .map(|card| {
                json!({
                    "agency": card.agency,
                    "number": card.number,
                    "serial": card.serial,
                    "code": card.code.as_str(),
                })
            })
            .collect();
        let (cards, newly_revoked) = (checked.cards, checked.newly_revoked);
        println!("{:#}", json!({ "cards": cards, "newly_revoked": newly_revoked, "refused": refused }));
        return;
    }
    for card in &checked.refused {
        let (agency, number, serial) = (&card.agency, &card.number, &card.serial);
        println!("× {agency} 業者番号 {number} シリアル番号 {serial}: {}", card.code.as_str());
    }
    let (cards, refused, new) = (checked.cards, checked.refused.len(), checked.newly_revoked);
    println!(
        "{cards}枚を調べました。いまログインできないカード {refused}枚、新たに失効がわかったカード {new}枚"
    );
}
