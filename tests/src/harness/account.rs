//! 簡易認証 from the applicant's side: 少額物品、少額役務 of `shimonoseki`.

use anyhow::Result;
use touroku_proto::field::FieldId;

use super::{roster, walk::Walk, world::World};

/// An applicant at the entry page.
pub fn applicant(world: &World) -> Walk<'_> {
    world.walk().at("shimonoseki", "少額物品、少額役務")
}

/// From the entry page to 簡易認証利用者登録メニュー.
pub async fn to_menu(walk: &mut Walk<'_>) -> Result<()> {
    walk.to_entry().await?;
    walk.page().click("利用者申請・変更").await?;
    walk.page().screen("client").await?;
    walk.page().click("利用者登録処理").await?;
    walk.page().screen("menu").await
}

/// … to 資格審査情報検索.
pub async fn to_search(walk: &mut Walk<'_>) -> Result<()> {
    to_menu(walk).await?;
    walk.page().click("ID登録申請").await?;
    walk.page().screen("search").await
}

/// … through it to what is known of the application of the roster's first company, or to the form.
pub async fn to_application(walk: &mut Walk<'_>) -> Result<()> {
    to_search(walk).await?;
    find_company(walk).await
}

/// Searches for the roster's first company.
pub async fn find_company(walk: &Walk<'_>) -> Result<()> {
    find(walk, 0).await
}

async fn find(walk: &Walk<'_>, index: usize) -> Result<()> {
    let company = roster::company(index);
    walk.page().fill(FieldId::CompanyNumber, &company.number).await?;
    walk.page().fill(FieldId::CompanyName, &company.name).await?;
    walk.page().click("検索").await
}

/// Proves ownership of a company's application by ID and password.
pub async fn prove(walk: &Walk<'_>, id: &str, password: &str) -> Result<()> {
    walk.page().screen("application").await?;
    walk.page().fill(FieldId::LoginId, id).await?;
    walk.page().fill(FieldId::LoginPassword, password).await?;
    walk.page().click("申請の状態を確かめる").await?;
    walk.page().present("[data-application]:not([data-application='some'])").await.map(drop)
}

/// Types the ID and the password that the form asks for, twice as required.
pub async fn type_id(walk: &Walk<'_>, id: &str, password: &str) -> Result<()> {
    walk.page().fill(FieldId::LoginId, id).await?;
    walk.page().fill(FieldId::LoginPassword, password).await?;
    walk.page().fill(FieldId::LoginPasswordAgain, password).await
}

/// Fills in the form to its completion.
pub async fn apply(walk: &mut Walk<'_>, id: &str, password: &str) -> Result<()> {
    walk.page().screen("form").await?;
    walk.fill_form().await?;
    type_id(walk, id, password).await?;
    walk.confirm().await?;
    walk.page().click("登録").await?;
    walk.page().screen("done").await
}

/// From the entry page through the whole ID登録申請 of the roster's company with that index.
pub async fn apply_for(walk: &mut Walk<'_>, index: usize, id: &str, password: &str) -> Result<()> {
    to_search(walk).await?;
    find(walk, index).await?;
    apply(walk, id, password).await
}

/// From the entry page to the result of the login.
pub async fn log_in(walk: &mut Walk<'_>, id: &str, password: &str) -> Result<()> {
    walk.to_entry().await?;
    walk.page().click("電子入札（ID/パスワード）").await?;
    walk.page().screen("client").await?;
    walk.page().click("電子入札処理").await?;
    walk.page().screen("login").await?;
    walk.page().fill(FieldId::LoginId, id).await?;
    walk.page().fill(FieldId::LoginPassword, password).await?;
    walk.page().click("ログイン").await
}
