//! What an agency's officers are told by mail: that something waits for them, and where. Nobody is named; who reads it
//! signs in to see more.

use touroku_proto::{
    agency::{AgencyProfile, DeskKind},
    field::Values,
    mail::MailText,
};

use crate::{
    app::App,
    error::Error,
    store::{NewMail, Writer},
};

/// What there is to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// So many registered cards were found revoked.
    Revoked(usize),
    /// Another certificate was shown in the place of a registered one.
    Forged,
    /// A company stopped one of its own cards or IDs.
    Stopped,
    /// The chain of 監査記録 is broken at that entry.
    BrokenAudit(i64),
}

impl Notice {
    fn subject(self) -> &'static str {
        match self {
            Self::Revoked(_) => "【{agency}】失効したICカードが見つかりました（{count}枚）",
            Self::Forged => "【{agency}】登録されているICカードと同じ番号の、別の電子証明書が示されました",
            Self::Stopped => "【{agency}】会社が自社のICカードまたはIDの利用を停止しました",
            Self::BrokenAudit(_) => "【{agency}】監査記録のつながりが切れています",
        }
    }

    fn body(self) -> &'static str {
        match self {
            Self::Revoked(_) => {
                "\
{agency}の電子入札システムに登録されているICカードのうち、{count}枚が、認証局によって失効になっていることが
新しくわかりました。これらのICカードでは、もうログインできません。会社には、別にメールでお知らせしています。

どの会社のICカードかは、サインインして、次の画面で確かめられます。
{link}

※ このメールは、夜間の確認のあとに自動で送っています。
"
            }
            Self::Forged => {
                "\
{agency}の電子入札システムに、登録されているICカードと発行者・証明書シリアル番号が同じで、中身のちがう電子証明書が
示されました。受け付けていません。信頼する認証局のうち二つが同じ名前を使っているか、認証局に異常があるおそれが
あります。運用の担当者に、すぐに知らせてください。会社には、別にメールでお知らせしています。

どの会社のICカードかは、サインインして、会社の照会の「これまでの経過」で確かめられます。
{link}

※ このメールは、ICカードの確認のあとに自動で送っています。同じ会社については、一日に一度だけ送ります。
"
            }
            Self::Stopped => {
                "\
{agency}の電子入札システムで、会社が「登録状況」から、自社の別のICカードまたはIDの利用を停止しました。心当たりのない
登録が見つかったおそれがあります。会社に事情を確かめてください。停止は、会社の照会の画面で解除できます。

どの会社かは、サインインして、次の画面で確かめられます。
{link}

※ このメールは、会社の操作のあとに自動で送っています。
"
            }
            Self::BrokenAudit(_) => {
                "\
{agency}の電子入札システムの監査記録を確かめたところ、{count}番の記録で、つながりが切れていました。
データベースが書き換えられたか、壊れたおそれがあります。運用の担当者に、すぐに知らせてください。

役割が「管理」の担当者は、サインインして、次の画面で確かめられます。
{link}

※ このメールは、監査記録の確認のあとに自動で送っています。
"
            }
        }
    }

    /// In the officers' page.
    fn fragment(self) -> &'static str {
        match self {
            Self::Revoked(_) => "#/companies?filter=revoked",
            Self::Forged => "#/companies",
            Self::Stopped => "#/companies?filter=suspended",
            Self::BrokenAudit(_) => "#/audit",
        }
    }

    fn count(self) -> String {
        match self {
            Self::Revoked(cards) => cards.to_string(),
            Self::Forged | Self::Stopped => String::new(),
            Self::BrokenAudit(entry) => entry.to_string(),
        }
    }
}

/// Whether the profile says where the agency's officers get mail.
pub fn has_address(profile: &AgencyProfile) -> bool {
    !addresses(profile).is_empty()
}

/// Queues a mail for each of the agency's addresses.
pub fn tell(
    writer: &Writer<'_>,
    app: &App,
    profile: &AgencyProfile,
    notice: Notice,
    now: i64,
) -> Result<(), Error> {
    let link = format!("{}/officer.html{}", app.settings.officer_origin, notice.fragment());
    let count = notice.count();
    let others = [("agency", profile.name.as_str()), ("count", &count), ("link", &link)];
    let fill = |template| {
        MailText::fill(template, &Values::default(), &others)
            .map_err(|_| Error::Defect("a notice for officers has an unknown placeholder"))
    };
    let (subject, body) = (fill(notice.subject())?, fill(notice.body())?);
    let domain = profile.mail.from.rsplit('@').next().unwrap_or_default();
    for address in addresses(profile) {
        let mail = NewMail {
            message_id: format!("{}@{domain}", hex::encode(app.outside.random::<16>())),
            sender: profile.mail.from.clone(),
            recipient: address.to_owned(),
            subject: subject.clone(),
            body: body.clone(),
            ..NewMail::default()
        };
        writer.queue_mail(&profile.code, &mail, now)?;
    }
    Ok(())
}

fn addresses(profile: &AgencyProfile) -> Vec<&str> {
    let own: Vec<&str> = profile.mail.officers.iter().map(String::as_str).collect();
    if !own.is_empty() {
        return own;
    }
    let desk = profile.desk(DeskKind::Agency).map(|desk| desk.email.as_str());
    desk.into_iter().filter(|address| !address.is_empty()).collect()
}
